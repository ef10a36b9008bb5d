"""A whole rotation of the host's key, with calls going on all the while."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from infra import host_keys
from speech.deadline import Deadline
from speech.host import HostClient, HostUnavailableError
from speech.host_keys import TRUSTED_S, HostKey
from speech.request import Utterance
from tests.integration.host.running_host import RunningHost

CALL = Utterance(
    text="Senha 7.", language="pt", voice="default", format="wav", speed=1.0, retention="phrase"
)


class Cluster:
    """The Kubernetes Secret as the kubelet mounts it: a link, swapped whole."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "keys.json"
        self._data = directory / "..data"
        self._number = 0
        self.file.symlink_to(Path("..data") / "keys.json")

    def copy(self, content: str) -> None:
        self._number += 1
        fresh = self._data.parent / f"..{self._number}"
        fresh.mkdir()
        (fresh / "keys.json").write_text(content)
        link = self._data.parent / "..data_tmp"
        link.symlink_to(fresh.name)
        os.replace(link, self._data)  # noqa: PTH105 (the atomic rename is the point)


class Clock:
    """Seconds of the functions, which a test hurries on."""

    ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


class Callers:
    """A function that keeps calling, and what became of it."""

    def __init__(self, client: HostClient) -> None:
        self.spoken = 0
        self.failed: list[Exception] = []
        self._client = client
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._call)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _call(self) -> None:
        while not self._stop.is_set():
            try:
                self._client.synthesize(CALL, Deadline.after(5), "live", "test")
                self.spoken += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, a call was lost
                self.failed.append(error)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    with mock_aws():
        yield


@pytest.mark.slow
def test_given_calls_going_on_when_the_key_is_rotated_then_none_fails(
    tmp_path: Path, start_host: Callable[..., RunningHost]
) -> None:
    # Given a host and a function with the same key
    secretsmanager = boto3.client("secretsmanager")
    first = json.dumps({"current": "o" * 64})
    arn = secretsmanager.create_secret(Name="host", SecretString=first)["ARN"]

    def content() -> str:
        return secretsmanager.get_secret_value(SecretId=arn)["SecretString"]

    mount = tmp_path / "mount"
    mount.mkdir()
    cluster = Cluster(mount)
    cluster.copy(content())
    host = start_host(HOST_KEYS_FILE=str(cluster.file))
    clock = Clock()
    callers = Callers(HostClient(host.url, HostKey(secretsmanager, arn, clock)))
    try:
        # When each step is taken as it says, under calls
        for step, accepted in (("stage", 2), ("promote", 2), ("retire", 1)):
            before = callers.spoken
            assert host_keys.main([step, "--secret", arn]) == 0
            cluster.copy(content())
            time.sleep(1.1)
            host.wait_for_metric("ctv_host_keys", accepted)
            clock.ahead_s += TRUSTED_S
            assert callers.spoken > before
    finally:
        callers.stop()
    # Then no call was lost
    assert callers.failed == []
    # And the old key opens nothing any more
    secretsmanager.put_secret_value(SecretId=arn, SecretString=first)
    with pytest.raises(HostUnavailableError):
        HostClient(host.url, HostKey(secretsmanager, arn)).info()
