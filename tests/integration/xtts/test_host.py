"""`ENGINE=xtts python -m model_host` with a tiny pack, as its callers and its operator meet it."""

from __future__ import annotations

import io
import time
import wave
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from model_host.engines.xtts.pack_format import Pack
from tests.integration.host.running_host import RunningHost, running_host

_CALL = "Senha quarenta e dois, dirija-se ao consultório três."
_TIMEOUT_S = 60.0
"""A tiny model is fast, but a busy machine compiles its vocoder slowly."""


def environment(model_dir: Path, recording: Path) -> dict[str, str]:
    return {
        "ENGINE": "xtts",
        "XTTS_MODEL_DIR": str(model_dir),
        "REFERENCE_AUDIO": str(recording),
        "DEFAULT_TIMEOUT_S": str(_TIMEOUT_S),
        "SPEECH_CHECKS": "basic",  # random weights cannot speak
    }


@pytest.fixture(scope="module")
def host(
    pack: Pack, recording: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningHost]:
    """A host that speaks with the tiny pack."""
    folder = tmp_path_factory.mktemp("host")
    settings = environment(pack.directory, recording) | {"TEMP_DIR": str(folder / "temp")}
    with running_host(folder, settings, ready=False) as running:
        until = time.monotonic() + _TIMEOUT_S
        while not is_ready(running):
            assert running.process.poll() is None, running.log_path.read_text()
            assert time.monotonic() < until, running.log_path.read_text()
            time.sleep(0.1)
        yield running


def is_ready(host: RunningHost) -> bool:
    try:
        return host.client.get("/health/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def test_given_a_pack_when_asked_what_speaks_then_info_tells_it(
    host: RunningHost, pack: Pack, recording: Path
) -> None:
    info = host.client.get("/info").json()

    assert (info["engine"], info["model"]) == ("xtts", pack.manifest.model)
    assert info["reference_audio"] == str(recording)
    assert info["default_voice"] == "reference"
    assert info["versions"]["pack"] == info["engine_details"]["pack"] == pack.fingerprint
    assert info["engine_details"]["max_rows"] > info["engine_details"]["live_reserve"] > 0


def test_given_a_pack_when_it_speaks_then_the_serving_process_holds_no_torch(
    host: RunningHost,
) -> None:
    mapped = Path(f"/proc/{host.process.pid}/maps").read_text()

    assert "openvino" in mapped
    assert "torch" not in mapped


def test_given_a_text_when_streamed_and_whole_then_both_are_audio_and_are_counted(
    host: RunningHost,
) -> None:
    # Given: what was made before, by the warm-up at least
    audio_s = host.metric("ctv_host_audio_seconds_total")
    finished = host.metric("ctv_engine_passages_finished_total")

    # When
    whole = host.synthesize(_CALL, timeout_s=_TIMEOUT_S, seed=7)
    stream = host.synthesize(_CALL, timeout_s=_TIMEOUT_S, seed=7, stream=True)

    # Then
    assert whole.status_code == stream.status_code == 200
    with wave.open(io.BytesIO(whole.content)) as audio:
        assert (audio.getframerate(), audio.getnchannels()) == (24_000, 1)
        duration_s = audio.getnframes() / audio.getframerate()
    assert duration_s == pytest.approx(float(whole.headers["ctv-duration"]), abs=0.001)
    assert stream.headers["transfer-encoding"] == "chunked"
    assert host.metric("ctv_host_audio_seconds_total") > audio_s
    assert host.metric("ctv_engine_passages_finished_total") == finished + 2
    assert host.metric("ctv_engine_decode_seconds_total") > 0
    assert host.metric("ctv_engine_vocode_seconds_total") > 0


def test_given_callers_that_leave_when_they_were_being_spoken_to_then_the_engine_is_empty_again(
    host: RunningHost,
) -> None:
    # Given: as many long texts as have places, none of which can be said in so short a time
    def leave(number: int) -> None:
        priority = {"CTV-Priority": "bulk" if number % 2 else "live"}
        with pytest.raises(httpx.ReadTimeout):
            host.synthesize(f"{_CALL} " * 15, timeout_s=0.1, headers=priority)

    before = host.metric("ctv_host_cancelled_total", reason="disconnect")

    # When: all leave
    with ThreadPoolExecutor(8) as callers:
        list(callers.map(leave, range(8)))

    # Then: nothing is held for them but the voice's prefix
    host.wait_for_metric("ctv_host_cancelled_total", before + 8, reason="disconnect")
    host.wait_for_metric("ctv_host_running", 0)
    host.wait_for_metric("ctv_engine_rows", 0)
    prefixes = host.metric("ctv_engine_voice_prefixes")
    host.wait_for_metric("ctv_engine_kv_blocks_used", prefixes)
    assert host.synthesize(_CALL, timeout_s=_TIMEOUT_S).status_code == 200


def test_given_several_candidates_when_spoken_then_several_rows_are_decoded_for_one_answer(
    host: RunningHost,
) -> None:
    steps, tokens = (host.metric(f"ctv_engine_{name}_total") for name in ("steps", "tokens"))

    answer = host.synthesize("Senha nove.", candidates=4, timeout_s=_TIMEOUT_S)

    assert answer.status_code == 200
    steps = host.metric("ctv_engine_steps_total") - steps
    assert host.metric("ctv_engine_tokens_total") - tokens > steps


def test_given_a_checkpoint_when_xtts_is_asked_then_it_refuses_with_the_command_that_packs_it(
    checkpoint: Path, recording: Path, tmp_path: Path
) -> None:
    with running_host(tmp_path, environment(checkpoint, recording), ready=False) as refused:
        assert refused.process.wait(30) == 1

    told = refused.log_path.read_text().splitlines()[-1]
    assert f"python -m model_host.engines.xtts pack {checkpoint} PACK" in told
