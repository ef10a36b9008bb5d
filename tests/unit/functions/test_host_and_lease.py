"""The host's answers as typed errors, and who may speak when."""

from __future__ import annotations

import io
import json
import time

import pytest

from speech.deadline import Deadline, DeadlineExceededError
from speech.host import (
    HostBusyError,
    HostClient,
    HostError,
    HostRejectedError,
    HostUnavailableError,
    SpokenAudio,
)
from speech.key import SpeechKey
from speech.lease import TableLeases
from speech.request import Utterance
from tests.unit.functions.conftest import Stage
from tests.unit.functions.host_stand_in import AUDIO, HostStandIn

KEY = SpeechKey("phrase", "maria", "0" * 64, "wav")
HELLO = Utterance(
    text="Bom dia.", language="pt", voice="maria", format="wav", speed=1.0, retention="phrase"
)


def speak(host: HostStandIn, within_s: float = 5.0) -> SpokenAudio:
    return HostClient(host.url).synthesize(HELLO, Deadline.after(within_s), "live", "test")


def test_given_a_sound_host_then_its_audio_arrives_whole(host: HostStandIn) -> None:
    assert speak(host) == SpokenAudio(AUDIO, "audio/wav", 1.25, host.fingerprint)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("busy", HostBusyError),
        ("failed", HostUnavailableError),
        ("reset", HostUnavailableError),
        ("no-header", HostUnavailableError),
        ("rejected", HostRejectedError),
        ("deadline", DeadlineExceededError),
    ],
)
def test_given_a_fault_then_the_error_says_what_can_be_done_and_the_log_and_the_metric_its_kind(
    host: HostStandIn,
    capsys: pytest.CaptureFixture[str],
    log: io.StringIO,
    fault: str,
    error: type[Exception],
) -> None:
    host.faults.append(fault)

    with pytest.raises(error) as caught:
        speak(host)

    metric, line = json.loads(capsys.readouterr().out), json.loads(log.getvalue())
    assert metric["HostError"] == [1.0]
    assert (line["message"], line["kind"]) == ("the host did not speak", metric["kind"])
    if isinstance(caught.value, HostBusyError):
        assert caught.value.retry_after_s == 3
    if isinstance(caught.value, HostRejectedError):
        assert caught.value.errors == ({"field": "text", "message": "nothing to say"},)


def test_given_a_connection_that_ended_since_its_last_use_then_another_is_made(
    host: HostStandIn,
) -> None:
    host.faults.append("hang-up")

    assert speak(host).body == AUDIO
    assert len(host.requests) == 2


def test_given_a_host_that_hangs_up_or_is_not_there_then_it_is_unavailable(
    host: HostStandIn,
) -> None:
    host.up = False
    with pytest.raises(HostUnavailableError):
        speak(host)
    with pytest.raises(HostUnavailableError):
        speak(HostStandIn(url="http://127.0.0.1:9"))


def test_given_a_slow_host_then_nobody_waits_past_the_deadline(host: HostStandIn) -> None:
    host.delay_s = 2
    started = time.monotonic()

    with pytest.raises(DeadlineExceededError):
        speak(host, within_s=0.5)

    assert time.monotonic() - started < 1
    with pytest.raises(DeadlineExceededError):
        speak(host, within_s=0.1)


def test_given_a_host_that_talks_nonsense_about_itself_then_it_is_unavailable(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.host, "info", lambda: {"device": "cpu"})
    assert stage.api("GET", "/info").status == 503
    monkeypatch.setattr(stage.host, "info", list)
    with pytest.raises(HostError):
        HostClient(stage.host.url).info()


def test_given_a_held_lease_then_nobody_else_gets_it_until_it_is_released(stage: Stage) -> None:
    leases = TableLeases(stage.dynamodb, "state")
    held = leases.acquire(KEY, Deadline.after(10))

    assert held
    assert leases.acquire(KEY, Deadline.after(10)) is None
    leases.release(held)
    assert leases.acquire(KEY, Deadline.after(10))


def test_given_a_holder_that_died_then_its_lease_goes_to_the_next_and_cannot_be_released(
    stage: Stage,
) -> None:
    died = TableLeases(stage.dynamodb, "state").acquire(KEY, Deadline.after(10))
    later = TableLeases(stage.dynamodb, "state", now=lambda: time.time() + 20)

    taken = later.acquire(KEY, Deadline.after(10))
    assert died
    assert taken
    later.release(died)

    assert later.acquire(KEY, Deadline.after(10)) is None
