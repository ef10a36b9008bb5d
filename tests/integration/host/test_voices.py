"""Voices come and go over HTTP, without a restart."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.integration.host.running_host import RunningHost, running_host

RATE_HZ = 16_000


def wav(duration_s: float, *, amplitude: float = 0.3, pitch_hz: float = 220) -> bytes:
    """A mono WAV of 16-bit samples; amplitudes above 1 are clipped."""
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    samples = (amplitude * np.sin(2 * np.pi * pitch_hz * time_s)).clip(-1, 1)
    stream = io.BytesIO()
    with wave.open(stream, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE_HZ)
        writer.writeframes((samples * 32767).astype("<i2").tobytes())
    return stream.getvalue()


@pytest.fixture(scope="module")
def voices_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("voices")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, voices_dir: Path) -> Iterator[RunningHost]:
    with running_host(
        tmp_path_factory.mktemp("host"),
        {"VOICES_DIR": str(voices_dir)},
        module="tests.integration.host.cloning_host",
    ) as running:
        yield running


def add(host: RunningHost, voice_id: str, recording: bytes, **headers: str) -> httpx.Response:
    return host.client.post(
        "/v1/voices",
        params={"id": voice_id},
        content=recording,
        headers={"Content-Type": "audio/wav", **headers},
    )


def ids(host: RunningHost) -> list[str]:
    return [voice["id"] for voice in host.client.get("/v1/voices").json()["voices"]]


def test_an_added_voice_speaks_at_once_until_it_is_removed(
    host: RunningHost, voices_dir: Path
) -> None:
    # Given a host that has only its reference voice
    assert ids(host) == ["reference"]
    assert host.synthesize("Maria", voice="maria").status_code == httpx.codes.UNPROCESSABLE_ENTITY

    # When a recording is sent
    added = add(host, "maria", wav(4))

    # Then the voice is told of, listed, kept and speaks
    assert added.status_code == httpx.codes.CREATED
    assert added.json() == {
        "id": "maria", "name": "Maria", "language": "pt-BR", "default": False,
    }  # fmt: skip
    assert ids(host) == ["reference", "maria"]
    assert (voices_dir / "maria.wav").read_bytes() == wav(4)
    spoken = host.synthesize("Maria", voice="maria")
    assert spoken.status_code == httpx.codes.OK
    assert spoken.headers["CTV-Voice"] == "maria"

    # When it is removed
    removed = host.client.delete("/v1/voices/maria")

    # Then nobody can ask for it
    assert removed.status_code == httpx.codes.NO_CONTENT
    assert ids(host) == ["reference"]
    assert host.synthesize("Maria", voice="maria").status_code == httpx.codes.UNPROCESSABLE_ENTITY


def test_an_id_belongs_to_one_recording(host: RunningHost) -> None:
    # Given an added voice
    assert add(host, "joao", wav(4)).status_code == httpx.codes.CREATED

    # When the same recording comes again, Then nothing changes
    assert add(host, "joao", wav(4)).status_code == httpx.codes.OK

    # When another one wants the id, Then it is a conflict
    conflict = add(host, "joao", wav(4, pitch_hz=330))
    assert conflict.status_code == httpx.codes.CONFLICT
    assert conflict.json()["type"] == "urn:c-tv:problem:voice-conflict"
    assert host.client.delete("/v1/voices/joao").status_code == httpx.codes.NO_CONTENT


@pytest.mark.parametrize(
    ("recording", "defect"),
    [
        (wav(2.5), "too-short"),
        (wav(4, amplitude=0), "silent"),
        (wav(4, amplitude=30), "clipped"),
        (b"RIFF no recording at all", "unreadable"),
        (b"", "unreadable"),
    ],
    ids=["short", "silent", "clipped", "garbage", "empty"],
)
def test_a_useless_recording_is_refused_for_what_it_is(
    host: RunningHost, voices_dir: Path, recording: bytes, defect: str
) -> None:
    # Given a recording of which no voice can be made, When it is sent
    refused = add(host, "useless", recording)

    # Then the problem says why and what is wanted, without the host's paths; nothing is kept
    assert refused.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    problem: dict[str, Any] = refused.json()
    assert problem["type"] == "urn:c-tv:problem:unusable-recording"
    assert defect in problem["errors"][0]["message"]
    assert str(voices_dir) not in refused.text
    assert list(voices_dir.iterdir()) == []


def test_requests_that_carry_no_wav_or_no_id_are_refused(host: RunningHost) -> None:
    # Given requests that are wrong in their form
    too_large = add(host, "large", bytes(30_000_001))
    no_wav = add(host, "maria", wav(4), **{"Content-Type": "audio/mpeg"})
    wrong_ids = [add(host, wrong, wav(4)) for wrong in ("", "Maria", "-a", "../x", "a" * 41)]
    reserved = add(host, "reference", wav(4))

    # Then each gets the status that says so
    assert too_large.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert no_wav.status_code == httpx.codes.UNSUPPORTED_MEDIA_TYPE
    assert {wrong.status_code for wrong in wrong_ids} == {httpx.codes.UNPROCESSABLE_ENTITY}
    assert reserved.status_code == httpx.codes.CONFLICT
    assert ids(host) == ["reference"]


def test_only_added_voices_can_be_removed(host: RunningHost) -> None:
    # Given the default voice and one that never was, When they are removed, Then both are refused
    assert host.client.delete("/v1/voices/reference").status_code == httpx.codes.CONFLICT
    assert host.client.delete("/v1/voices/nobody").status_code == httpx.codes.NOT_FOUND


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    # Given a host whose directory of voices cannot be made
    (tmp_path / "file").write_text("in the way")
    with running_host(
        tmp_path,
        {"VOICES_DIR": str(tmp_path / "file" / "voices")},
        module="tests.integration.host.cloning_host",
    ) as host:
        # When a voice is added
        refused = add(host, "maria", wav(4))

        # Then the operator is told; the host goes on speaking
        assert refused.status_code == httpx.codes.INSUFFICIENT_STORAGE
        assert host.synthesize("Maria").status_code == httpx.codes.OK


def test_a_cloning_that_fails_leaves_no_voice(tmp_path: Path) -> None:
    # Given a host whose model fails to listen
    with running_host(
        tmp_path,
        {"VOICES_DIR": str(tmp_path / "voices"), "CLONING_FAULT": "engine"},
        module="tests.integration.host.cloning_host",
    ) as host:
        # When a voice is added
        failed = add(host, "maria", wav(4))

        # Then it may be tried again, and is not listed
        assert failed.status_code == httpx.codes.INTERNAL_SERVER_ERROR
        assert ids(host) == ["reference"]


def test_an_engine_that_cannot_clone_says_so(tmp_path: Path) -> None:
    # Given an engine that cannot learn voices
    with running_host(tmp_path, module="tests.integration.host.paced_host") as host:
        # When one is added or removed
        answers = (add(host, "maria", wav(4)), host.client.delete("/v1/voices/maria"))

        # Then both are not implemented
        assert {answer.status_code for answer in answers} == {httpx.codes.NOT_IMPLEMENTED}
