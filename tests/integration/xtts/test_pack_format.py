"""Opening a pack: what is whole opens, and each thing that can be wrong with one is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from model_host.engines.base import EngineUnavailableError
from model_host.engines.xtts.pack_format import FORMAT, MANIFEST_NAME, Pack, file_sha256

_CONTENT = b"weights"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A pack of one small file."""
    file = tmp_path / "decoder.safetensors"
    file.write_bytes(_CONTENT)
    manifest = {
        "format": FORMAT,
        "model": "tts_models/multilingual/multi-dataset/xtts_v2",
        "precision": "int8",
        "checkpoint": {"model.pth": "0" * 64},
        "made_with": {"torch": "2"},
        "dims": {
            "layers": 2,
            "width": 64,
            "heads": 2,
            "text_tokens": 320,
            "audio_tokens": 1026,
            "start_text": 261,
            "stop_text": 0,
            "start_audio": 1024,
            "stop_audio": 1025,
            "max_audio_tokens": 605,
            "max_text_tokens": 402,
            "voice_positions": 32,
        },
        "sampling": {
            "temperature": 0.75,
            "top_k": 50,
            "top_p": 0.85,
            "repetition_penalty": 5.0,
            "length_penalty": 1.0,
        },
        "cloning": {
            "gpt_cond_len": 30,
            "gpt_cond_chunk_len": 4,
            "max_ref_len": 30,
            "sound_norm_refs": False,
        },
        "vocoder": {
            "sample_rate_hz": 24_000,
            "input_sample_rate_hz": 22_050,
            "hop_length": 256,
            "code_stride": 1024,
        },
        "files": {file.name: {"bytes": len(_CONTENT), "sha256": file_sha256(file)}},
    }
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(manifest))
    return tmp_path


def rewrite(directory: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = directory / MANIFEST_NAME
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def refusal(directory: Path) -> str:
    with pytest.raises(EngineUnavailableError) as raised:
        Pack.open(directory)
    return str(raised.value)


def test_given_a_whole_pack_when_opened_then_it_says_what_it_is(directory: Path) -> None:
    pack = Pack.open(directory)

    pack.verify_hashes()
    assert pack.manifest.dims.max_new_tokens == 602
    assert pack.manifest.vocoder.sample_rate_hz == 24_000
    assert pack.decoder.read_bytes() == _CONTENT


def test_given_two_packs_when_fingerprinted_then_only_contents_count(directory: Path) -> None:
    before = Pack.open(directory).fingerprint

    rewrite(directory, lambda manifest: manifest.update(model=manifest.pop("model")))
    moved = Pack.open(directory).fingerprint
    rewrite(directory, lambda manifest: manifest["sampling"].update(temperature=0.7))
    changed = Pack.open(directory).fingerprint

    assert len(before) == 16
    assert moved == before
    assert changed != before


def test_given_a_flipped_byte_when_verified_then_the_file_is_named(directory: Path) -> None:
    (directory / "decoder.safetensors").write_bytes(b"weightz")
    pack = Pack.open(directory)

    with pytest.raises(EngineUnavailableError, match=r"decoder\.safetensors is damaged"):
        pack.verify_hashes()


def test_given_no_pack_when_opened_then_it_is_said_how_one_is_made(tmp_path: Path) -> None:
    message = refusal(tmp_path / "nothing")

    assert f"{tmp_path / 'nothing'} is no pack" in message
    assert "python -m model_host.engines.xtts pack" in message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda m: m.update(format=2), "is of pack format 2, this version reads 1"),
        (lambda m: m.pop("format"), "is not a pack's manifest"),
        (lambda m: m.pop("sampling"), "is damaged (sampling: Field required)"),
        (lambda m: m["dims"].pop("layers"), "is damaged (dims.layers: Field required)"),
        (lambda m: m.update(extra=1), "is damaged (extra: "),
        (
            lambda m: m["files"].update({"../x": {"bytes": 0, "sha256": ""}}),
            "names a file outside of the pack: ../x",
        ),
        (
            lambda m: m["files"].update({"vocoder.bin": {"bytes": 0, "sha256": ""}}),
            "vocoder.bin (No such file or directory)",
        ),
    ],
)
def test_given_a_wrong_manifest_when_opened_then_it_is_told(
    directory: Path, change: Callable[[dict[str, Any]], object], expected: str
) -> None:
    rewrite(directory, change)

    assert expected in refusal(directory)


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_given_no_manifest_at_all_when_opened_then_it_is_told(directory: Path, text: str) -> None:
    (directory / MANIFEST_NAME).write_text(text)

    assert "is not a pack's manifest" in refusal(directory)


def test_given_a_truncated_file_when_opened_then_both_sizes_are_told(directory: Path) -> None:
    (directory / "decoder.safetensors").write_bytes(_CONTENT[:3])

    assert "decoder.safetensors has 3 bytes instead of 7" in refusal(directory)
