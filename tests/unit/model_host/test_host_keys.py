"""The file of keys: what is accepted, and what happens when it changes under the host."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from model_host.host_keys import HostKeys, HostKeysError

OLD, NEW = "o" * 40, "n" * 40


class Clock:
    """Seconds that pass when a test says so."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def swap(path: Path, content: str) -> None:
    """Replace a file as the kubelet does: another inode under the same name."""
    beside = path.with_suffix(".new")
    beside.write_text(content)
    os.replace(beside, path)  # noqa: PTH105 (the atomic rename is the point)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "keys.json"
    found.write_text(json.dumps({"current": OLD}))
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("role", ["next", "previous"])
def test_given_two_keys_when_either_is_presented_then_it_is_accepted(path: Path, role: str) -> None:
    path.write_text(json.dumps({"current": OLD, role: NEW}))

    keys = HostKeys(path)

    assert keys.accepts(OLD.encode())
    assert keys.accepts(NEW.encode())
    assert keys.accepted == 2


@pytest.mark.parametrize("presented", [b"", b"o", OLD[:-1].encode(), NEW.encode(), b"\xff" * 40])
def test_given_anything_else_when_presented_then_it_is_not_accepted(
    path: Path, presented: bytes
) -> None:
    assert not HostKeys(path).accepts(presented)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        json.dumps({"next": NEW}),
        json.dumps({"current": "short"}),
        json.dumps({"current": OLD + "\n"}),
        json.dumps({"current": 7}),
        json.dumps({"current": OLD, "key": NEW}),
        json.dumps({"current": OLD, "next": NEW, "previous": "p" * 40}),
    ],
)
def test_given_a_file_of_no_use_when_the_host_starts_then_it_refuses_without_quoting_it(
    path: Path, content: str
) -> None:
    path.write_text(content)

    with pytest.raises(HostKeysError, match="HOST_KEYS_FILE") as caught:
        HostKeys(path)

    assert OLD not in str(caught.value)


def test_given_no_file_when_the_host_starts_then_it_refuses(tmp_path: Path) -> None:
    with pytest.raises(HostKeysError, match="HOST_KEYS_FILE cannot be read"):
        HostKeys(tmp_path / "keys.json")


def test_given_a_file_that_is_swapped_when_a_second_has_passed_then_the_new_keys_hold(
    path: Path, clock: Clock
) -> None:
    keys = HostKeys(path, clock)
    swap(path, json.dumps({"current": NEW}))

    assert keys.accepts(OLD.encode())
    clock.now_s = 1.0

    assert keys.accepts(NEW.encode())
    assert not keys.accepts(OLD.encode())


@pytest.mark.parametrize("content", [None, "", "{}"])
def test_given_a_file_that_breaks_then_the_last_good_keys_hold_and_it_is_told_once(
    path: Path, clock: Clock, caplog: pytest.LogCaptureFixture, content: str | None
) -> None:
    keys = HostKeys(path, clock)
    if content is None:
        path.unlink()
    else:
        swap(path, content)

    for clock.now_s in (1.0, 2.0, 3.0):
        assert keys.accepts(OLD.encode())

    assert keys.stale
    assert [record.message for record in caplog.records] == ["the host's keys are stale"]
    swap(path, json.dumps({"current": NEW}))
    clock.now_s = 4.0
    assert keys.accepts(NEW.encode())
    assert not keys.stale


def test_given_many_requests_in_a_second_then_the_file_is_looked_at_once(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = HostKeys(path, clock)
    looks = 0
    stat = Path.stat

    def counted(self: Path, **options: Any) -> os.stat_result:
        nonlocal looks
        looks += 1
        return stat(self, **options)

    monkeypatch.setattr(Path, "stat", counted)
    clock.now_s = 1.0

    for _ in range(100):
        keys.accepts(OLD.encode())

    assert looks == 1
