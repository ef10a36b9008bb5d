"""The key that the functions present to the host, and what they do when it is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from speech.assembly import assembled
from speech.deadline import Deadline
from speech.host import HostClient, HostUnavailableError
from speech.host_keys import TRUSTED_S, HostKey
from tests.unit.functions.conftest import Stage
from tests.unit.functions.host_stand_in import HostStandIn
from tests.unit.functions.test_host_and_lease import HELLO

OLD, NEW = "o" * 40, "n" * 40


class Clock:
    """Seconds that pass when a test says so."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class CountedSecret:
    """Secrets Manager with one secret, which counts how often it is read."""

    def __init__(self, **keys: str) -> None:
        self.keys = keys
        self.reads = 0

    def get_secret_value(self, **_: str) -> dict[str, str]:
        self.reads += 1
        return {"SecretString": json.dumps(self.keys)}


@pytest.fixture
def secret() -> CountedSecret:
    return CountedSecret(current=OLD)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def speak(host: HostStandIn, secret: Any, clock: Clock) -> Callable[[], object]:
    client = HostClient(host.url, HostKey(secret, "arn", clock))
    return lambda: client.synthesize(HELLO, Deadline.after(5), "live", "test")


def presented(host: HostStandIn) -> list[str | None]:
    return [request["headers"].get("Authorization") for request in host.requests]


def test_given_no_secret_when_the_host_is_asked_then_no_key_is_sent(host: HostStandIn) -> None:
    HostClient(host.url).synthesize(HELLO, Deadline.after(5), "live", "test")

    assert presented(host) == [None]


def test_given_a_secret_when_the_host_is_asked_then_its_current_key_is_sent_and_remembered(
    host: HostStandIn, secret: CountedSecret, clock: Clock, speak: Callable[[], object]
) -> None:
    speak()
    clock.now_s += TRUSTED_S - 1
    secret.keys = {"current": NEW, "previous": OLD}
    speak()
    clock.now_s += 1
    speak()

    assert presented(host) == [f"Bearer {OLD}", f"Bearer {OLD}", f"Bearer {NEW}"]
    assert secret.reads == 2


def test_given_a_key_that_was_replaced_when_it_is_refused_then_the_new_one_is_sent_at_once(
    host: HostStandIn, secret: CountedSecret, speak: Callable[[], object]
) -> None:
    speak()
    secret.keys, host.keys = {"current": NEW}, {NEW}

    speak()

    assert presented(host) == [f"Bearer {OLD}", f"Bearer {OLD}", f"Bearer {NEW}"]


@pytest.mark.parametrize("then", [(OLD, 1), ("x" * 40, 2)], ids=["same", "another"])
def test_given_no_key_that_the_host_accepts_then_it_is_unavailable_and_the_metric_says_why(
    host: HostStandIn,
    secret: CountedSecret,
    speak: Callable[[], object],
    capsys: pytest.CaptureFixture[str],
    then: tuple[str, int],
) -> None:
    secret_holds, asked = then
    host.keys = {OLD}
    speak()
    host.keys = {NEW}
    secret.keys = {"current": secret_holds}
    capsys.readouterr()

    with pytest.raises(HostUnavailableError):
        speak()

    assert len(host.requests) == 1 + asked
    [metric] = [line for line in capsys.readouterr().out.splitlines() if "HostError" in line]
    assert json.loads(metric)["kind"] == "unauthorized"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"current": "short"}', '{"current": 7}'])
def test_given_a_secret_of_no_use_then_the_host_is_unavailable_and_nothing_is_asked(
    host: HostStandIn, stage: Stage, clients: Any, log: io.StringIO, content: str
) -> None:
    clients.secretsmanager.create_secret(Name="host-keys", SecretString=content or " ")
    client = HostClient(host.url, HostKey(clients.secretsmanager, "host-keys"))

    with pytest.raises(HostUnavailableError):
        client.synthesize(HELLO, Deadline.after(5), "live", "test")

    assert host.requests == []
    assert "the host's key cannot be read" in log.getvalue()
    assert "short" not in log.getvalue()


def test_given_a_secret_that_breaks_later_then_the_key_of_before_stays(
    host: HostStandIn, secret: CountedSecret, clock: Clock, speak: Callable[[], object]
) -> None:
    speak()
    secret.keys = {}
    clock.now_s += TRUSTED_S

    speak()
    speak()

    assert presented(host) == [f"Bearer {OLD}"] * 3
    assert secret.reads == 2


def test_given_the_secrets_arn_in_the_environment_when_a_function_asks_then_the_host_gets_the_key(
    stage: Stage, clients: Any
) -> None:
    clients.secretsmanager.create_secret(
        Name="host-keys", SecretString=json.dumps({"current": OLD, "next": NEW})
    )
    stage.host.keys = {OLD}
    stage.restart(HOST_KEYS_SECRET_ARN="host-keys")

    assembled().host.synthesize(HELLO, Deadline.after(5), "live", "test")

    assert presented(stage.host) == [f"Bearer {OLD}"]
