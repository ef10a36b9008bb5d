"""`ENGINE=coqui python -m model_host`, as its callers and its operator meet it."""

from __future__ import annotations

import io
import shutil
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from model_host.engines.coqui.checkpoint import short_sha256
from tests.integration.host.running_host import RunningHost, running_host

pytestmark = pytest.mark.slow

_LOAD_TIMEOUT_S = 90.0
"""Importing torch and TTS on a busy machine; the host's own tests wait less."""

_CALL = "senha a zero quarenta e dois, dirija-se ao consultório três."


def environment(checkpoint: Path, recording: Path) -> dict[str, str]:
    return {
        "ENGINE": "coqui",
        "XTTS_MODEL_DIR": str(checkpoint),
        "REFERENCE_AUDIO": str(recording),
        "SPEECH_CHECKS": "basic",  # random weights cannot speak
    }


@pytest.fixture(scope="module")
def coqui_host(
    checkpoint: Path, recording: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHost]:
    """A host that speaks with the tiny checkpoint."""
    folder = tmp_path_factory.mktemp("host")
    with running_host(folder, environment(checkpoint, recording), ready=False) as host:
        until = time.monotonic() + _LOAD_TIMEOUT_S
        while not is_ready(host):
            assert host.process.poll() is None, host.log_path.read_text()
            assert time.monotonic() < until, host.log_path.read_text()
            time.sleep(0.2)
        yield host


def is_ready(host: RunningHost) -> bool:
    try:
        return host.client.get("/health/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def test_given_the_reference_engine_when_asked_then_info_says_so(
    coqui_host: RunningHost, checkpoint: Path, recording: Path
) -> None:
    info = coqui_host.client.get("/info").json()

    assert info["engine"] == "coqui"
    assert info["model"] == "tts_models/multilingual/multi-dataset/xtts_v2"
    assert info["device"] == "cpu"
    assert info["model_loaded"] is True
    assert info["reference_audio"] == str(recording)
    assert info["sample_rate_hz"] == 24_000
    assert info["versions"]["coqui-tts"] == "0.28.0"
    assert info["versions"]["model_sha256"] == short_sha256(checkpoint / "model.pth")


def test_given_a_call_when_synthesized_twice_with_a_seed_then_the_wav_is_the_same(
    coqui_host: RunningHost,
) -> None:
    first, second = (coqui_host.synthesize(_CALL, seed=5, timeout_s=60) for _ in range(2))

    assert first.status_code == httpx.codes.OK
    assert first.headers["CTV-Engine"] == "coqui"
    assert first.content == second.content
    with wave.open(io.BytesIO(first.content)) as audio:
        assert (audio.getframerate(), audio.getnchannels()) == (24_000, 1)
        duration_s = audio.getnframes() / audio.getframerate()
    assert duration_s > 0.5
    assert float(first.headers["CTV-Duration"]) == pytest.approx(duration_s, abs=0.001)


def test_given_a_deadline_amid_a_long_text_when_it_passes_then_the_next_call_is_served(
    coqui_host: RunningHost,
) -> None:
    long_text = (f"{_CALL} " * 17)[:1000]

    late = coqui_host.synthesize(long_text, timeout_s=60, headers={"CTV-Timeout": "0.3"})
    next_call = coqui_host.synthesize(_CALL, timeout_s=60)

    assert late.status_code == httpx.codes.GATEWAY_TIMEOUT
    assert next_call.status_code == httpx.codes.OK


def test_given_calls_when_spoken_then_the_log_holds_no_text(coqui_host: RunningHost) -> None:
    # Above 203 characters the package itself would log the start of the text.
    coqui_host.synthesize("maria da silva, sala dois. " * 9, timeout_s=60)

    assert "maria" not in coqui_host.log_path.read_text().lower()


def test_given_a_truncated_model_when_started_then_the_host_ends_and_names_it(
    checkpoint: Path, recording: Path, tmp_path: Path
) -> None:
    damaged = Path(shutil.copytree(checkpoint, tmp_path / "checkpoint"))
    (damaged / "model.pth").write_bytes(b"PK\x03\x04")

    with running_host(tmp_path, environment(damaged, recording), ready=False) as host:
        code = host.process.wait(_LOAD_TIMEOUT_S)

    assert code == 1
    assert f"cannot start: {damaged / 'model.pth'} (4 bytes) cannot be read" in (
        host.log_path.read_text()
    )
