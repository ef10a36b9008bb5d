"""What a caller and an operator see of the checks: headers, problems, metrics, log lines."""

from __future__ import annotations

import io
import logging
import wave
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from model_host.audio.loudness import integrated_lufs
from model_host.engines.base import Samples
from tests.unit.model_host import signals
from tests.unit.model_host.fallible_engine import ScriptedEngine
from tests.unit.model_host.signals import CALL, RATE_HZ, speech
from tests.unit.model_host.speaking_door import decoded
from tests.unit.model_host.test_engine_statistics import sample, serving

BAD = "ctv_host_checked_pieces_total"


def babble(text: str) -> Samples:
    return signals.joined(*[speech(text)] * 3)


def silent(_text: str) -> Samples:
    return signals.quiet(1.0)


def ask(client: TestClient, **fields: Any) -> Any:
    return client.post("/synthesize", json={"text": CALL, **fields})


@pytest.mark.parametrize(
    ("script", "stream", "quality"),
    [
        ([speech], False, "verified"),
        ([babble, speech], False, "verified"),
        ([babble], False, "doubtful"),
        ([speech], True, "streamed"),
    ],
)
def test_given_what_an_engine_says_when_answered_then_a_header_tells_how_far_it_was_checked(
    script: list[Any], stream: bool, quality: str
) -> None:
    with serving(ScriptedEngine(script)) as client:
        answer = ask(client, stream=stream)

        assert answer.status_code == 200
        assert answer.headers["CTV-Quality"] == quality
        labels = f'ctv_host_answers_total{{quality="{quality}"}}'
        assert sample(client, labels) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_given_speech_that_nobody_may_hear_when_asked_then_a_problem_says_to_try_again(
    stream: bool,
) -> None:
    with serving(ScriptedEngine([speech, silent])) as client:
        assert ask(client).status_code == 200

        answer = ask(client, stream=stream)

        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["type"] == "urn:c-tv:problem:unsound-speech"
        assert "again" in problem["detail"]
        assert "CTV-Quality" not in answer.headers
        assert sample(client, "ctv_host_engine_failures_total") == 1
        assert sample(client, 'ctv_host_answers_total{quality="streamed"}') == 0


def test_given_a_host_when_its_metrics_are_read_then_they_tell_what_was_found_and_done() -> None:
    with serving(ScriptedEngine([babble, lambda _: signals.run_on()])) as client:
        ask(client)

        assert sample(client, f'{BAD}{{finding="too_long"}}') == 1
        assert sample(client, f'{BAD}{{finding="sound"}}') == 1
        assert sample(client, f'{BAD}{{finding="clipped"}}') == 0
        assert sample(client, "ctv_host_piece_retries_total") == 1
        assert sample(client, "ctv_host_run_ons_total") == 1
        assert sample(client, "ctv_host_check_seconds_count") == 1
        assert 0 < sample(client, "ctv_host_check_seconds_sum") < 1
        assert "maria" not in client.get("/metrics").text


def test_given_a_request_when_it_is_logged_then_its_line_tells_the_quality_and_no_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO), serving(ScriptedEngine([babble])) as client:
        ask(client)

    (line,) = [record for record in caplog.records if getattr(record, "quality", None)]
    assert (line.__dict__["quality"], line.__dict__["retries"]) == ("doubtful", 2)
    assert "maria" not in caplog.text


def test_given_a_whole_answer_when_opened_then_it_lasts_what_its_header_says_at_its_loudness() -> (
    None
):
    with serving(ScriptedEngine([lambda _: signals.run_on()]), loudness_lufs=-20.0) as client:
        answer = ask(client)

    with wave.open(io.BytesIO(answer.content)) as audio:
        frames = audio.getnframes()
        heard = decoded(audio.readframes(frames))
    assert float(answer.headers["CTV-Duration"]) == pytest.approx(frames / RATE_HZ, abs=0.0005)
    assert integrated_lufs(heard) == pytest.approx(-20.0, abs=0.5)
    assert np.abs(heard).max() < 0.9


def test_given_a_host_when_asked_what_speaks_then_it_tells_its_checks_and_its_loudness() -> None:
    with serving(ScriptedEngine([speech]), speech_checks="basic", loudness_lufs=-18.5) as client:
        versions = client.get("/info").json()["versions"]

    assert (versions["speech_checks"], versions["loudness_lufs"]) == ("basic", "-18.5")


def test_given_basic_checks_when_an_engine_babbles_then_it_is_answered() -> None:
    with serving(ScriptedEngine([babble]), speech_checks="basic") as client:
        answer = ask(client)

        assert answer.headers["CTV-Quality"] == "basic"
        assert sample(client, "ctv_host_piece_retries_total") == 0
