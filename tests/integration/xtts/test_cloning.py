"""Voices are cloned without torch exactly as TTS clones them, once each."""

from __future__ import annotations

# mypy: disable-error-code="import-not-found"
import json
import logging
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from model_host.engines.base import EngineError, EngineUnavailableError
from model_host.engines.cloning_protocol import (
    Defect,
    UnknownVoiceError,
    UnusableRecordingError,
    VoiceExistsError,
)
from model_host.engines.coqui.checkpoint import CheckpointFiles
from model_host.engines.xtts.dimensions import Dimensions
from model_host.engines.xtts.pack_format import (
    FORMAT,
    MODEL,
    Cloning,
    Manifest,
    Pack,
    PackedFile,
    Sampling,
    VocoderDims,
    file_sha256,
)
from model_host.engines.xtts.voice_latents import VoiceLatents, write_voice
from model_host.engines.xtts.voice_library import VoiceLibrary
from model_host.engines.xtts.voices import VoiceStore

pytest.importorskip("TTS")

import soundfile
import torch

from infra.standin.checkpoint import write_tiny_checkpoint
from model_host.engines.coqui import xtts as reference
from model_host.engines.coqui.torchaudio_import import import_torchaudio
from model_host.engines.xtts.cloning import Cloner
from model_host.engines.xtts.cloning_export import export_cloner


@dataclass(frozen=True)
class Listening:
    """A checkpoint loaded by TTS, and the directory of its exported encoders."""

    model: Any
    directory: Path


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Listening:
    files = CheckpointFiles.locate(write_tiny_checkpoint(tmp_path_factory.mktemp("checkpoint")))
    model = reference.load_model(reference.read_config(files), files)
    directory = tmp_path_factory.mktemp("pack")
    made = export_cloner(model, directory)
    _write_manifest(directory, made)
    return Listening(model, directory)


@pytest.fixture
def pack(listening: Listening) -> Pack:
    return Pack.open(listening.directory)


@pytest.fixture
def own_pack_dir(listening: Listening, tmp_path: Path) -> Path:
    """A copy of the pack that a test may change."""
    return Path(shutil.copytree(listening.directory, tmp_path / "own-pack"))


def _cloning(*, norm: bool = False) -> Cloning:
    return Cloning(gpt_cond_len=30, gpt_cond_chunk_len=4, max_ref_len=30, sound_norm_refs=norm)


def _write_manifest(directory: Path, files: list[Path]) -> None:
    manifest = Manifest(
        format=FORMAT,
        model=MODEL,
        precision="fp32",
        checkpoint={},
        made_with={},
        dims=Dimensions(2, 64, 2, 256, 1026, 1, 0, 1024, 1025, 24, 402, 32),
        sampling=Sampling(temperature=1, top_k=1, top_p=1, repetition_penalty=1, length_penalty=1),
        cloning=_cloning(),
        vocoder=VocoderDims(
            sample_rate_hz=24_000, input_sample_rate_hz=22_050, hop_length=256, code_stride=1024
        ),
        files={
            path.name: PackedFile(bytes=path.stat().st_size, sha256=file_sha256(path))
            for path in files
        },
    )
    (directory / "pack.json").write_text(manifest.model_dump_json())


def _noise(deviation: float, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    return np.random.default_rng(8).normal(0, deviation, shape).astype(np.float32)


def _speechlike(duration_s: float, rate_hz: int, channels: int = 1) -> npt.NDArray[np.float32]:
    """Harmonics that glide and pulse over some noise; shape (n, channels), each its own."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    mixed = np.zeros((len(time_s), channels))
    for channel in range(channels):
        pitch_hz = (110 + 40 * channel) * 2 ** (0.3 * np.sin(2 * np.pi * 0.4 * time_s))
        phase = 2 * np.pi * np.cumsum(pitch_hz) / rate_hz
        for harmonic in range(1, 25):
            mixed[:, channel] += np.sin(harmonic * phase + harmonic**2) / harmonic
        mixed[:, channel] *= 0.15 + 0.1 * np.sin(2 * np.pi * 3 * time_s)
    return (mixed + _noise(0.003, mixed.shape)).astype(np.float32)


def _record(path: Path, duration_s: float, rate_hz: int = 22_050, channels: int = 1) -> Path:
    soundfile.write(path, _speechlike(duration_s, rate_hz, channels), rate_hz, subtype="PCM_16")
    return path


def _heard_by_tts(model: Any, path: Path, cloning: Cloning) -> VoiceLatents:
    """What `Xtts.get_conditioning_latents` computes, without the FFmpeg that its loader needs."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    audio = torch.from_numpy(samples).T.mean(dim=0, keepdim=True)
    audio = import_torchaudio().functional.resample(audio, rate_hz, 22_050).clip(-1, 1)
    audio = audio[:, : 22_050 * cloning.max_ref_len]
    if cloning.sound_norm_refs:
        audio = audio / audio.abs().max() * 0.75
    embedding = model.get_speaker_embedding(audio, 22_050)
    latents = model.get_gpt_cond_latents(
        audio, 22_050, length=cloning.gpt_cond_len, chunk_length=cloning.gpt_cond_chunk_len
    )
    return VoiceLatents(latents[0].numpy(), embedding.reshape(-1).numpy())


def _snr_db(expected: npt.NDArray[np.float32], found: npt.NDArray[np.float32]) -> float:
    assert expected.shape == found.shape
    noise = np.square(expected.astype(float) - found).sum()
    return float(10 * np.log10(np.square(expected.astype(float)).sum() / noise))


@dataclass(frozen=True)
class Take:
    """A recording to compare on, and whether its loudness is normalised first."""

    duration_s: float
    rate_hz: int
    channels: int = 1
    norm: bool = False


@pytest.mark.parametrize(
    "take",
    [
        Take(3.2, 16_000),
        Take(9.0, 22_050, norm=True),
        Take(12.1, 22_050),  # its last chunk is too short to be heard
        Take(35.0, 44_100, channels=2),  # longer than the model hears
        Take(4.5, 48_000),
    ],
    ids=str,
)
def test_latents_equal_those_of_tts(listening: Listening, tmp_path: Path, take: Take) -> None:
    # Given a recording, and what TTS hears in it with the same parameters
    recording = _record(tmp_path / "voice.wav", take.duration_s, take.rate_hz, take.channels)
    cloning = _cloning(norm=take.norm)
    expected = _heard_by_tts(listening.model, recording, cloning)

    # When it is cloned without torch
    found = Cloner(listening.directory, cloning).clone(recording)

    # Then they are equal but for rounding, which the tiny checkpoint's exaggerated attention
    # amplifies here and there: most recordings reach 115 dB, weights of the full size 121 dB
    assert _snr_db(expected.gpt_cond_latents, found.gpt_cond_latents) > 75
    assert _snr_db(expected.speaker_embedding, found.speaker_embedding) > 85


def test_another_voice_has_other_latents(listening: Listening, tmp_path: Path) -> None:
    # Given two recordings
    cloner = Cloner(listening.directory, _cloning())
    one = cloner.clone(_record(tmp_path / "one.wav", 5))
    soundfile.write(tmp_path / "two.wav", _noise(0.1, (22_050 * 5,)), 22_050)

    # When both are cloned
    two = cloner.clone(tmp_path / "two.wav")

    # Then parity above is not that of constants
    assert _snr_db(one.gpt_cond_latents, two.gpt_cond_latents) < 30
    assert _snr_db(one.speaker_embedding, two.speaker_embedding) < 30


def test_cloning_imports_neither_torch_nor_tts() -> None:
    # Given the module that the serving process runs, in a process of its own
    code = "import sys, model_host.engines.xtts.cloning; print(*sys.modules)"

    # When it is imported
    imported = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    # Then the heavy packages are not
    assert not {"torch", "torchaudio", "TTS", "transformers", "scipy"} & set(imported)


def test_a_store_clones_a_recording_once(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a recording that a store has cloned
    recording = _record(tmp_path / "one.wav", 3.5)
    first = VoiceStore(pack, tmp_path / "cache").latents(recording)

    # When the same contents come under another name to another store, which may start no process
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "run", refuse)
    again = recording.rename(tmp_path / "two.wav")
    second = VoiceStore(pack, tmp_path / "cache").latents(again)

    # Then the latents are those kept, bit by bit
    assert np.array_equal(first.gpt_cond_latents, second.gpt_cond_latents)
    assert np.array_equal(first.speaker_embedding, second.speaker_embedding)


def test_a_process_clones_as_the_cloner_does(pack: Pack, tmp_path: Path) -> None:
    # Given a recording
    recording = _record(tmp_path / "one.wav", 3.5)

    # When the store clones it
    stored = VoiceStore(pack, tmp_path / "cache").latents(recording)

    # Then it is what the cloner makes
    made = Cloner(pack.directory, pack.manifest.cloning).clone(recording)
    assert np.array_equal(stored.gpt_cond_latents, made.gpt_cond_latents)


def test_a_packed_voice_needs_no_cloning(
    own_pack_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a pack with the latents of a recording, and a cache that cannot be made
    recording = _record(tmp_path / "one.wav", 3.5)
    packed = VoiceLatents(_noise(1, (32, 64)), _noise(1, (512,)))
    pack = Pack.open(own_pack_dir)
    pack.voices.mkdir()
    write_voice(pack.voices / f"{file_sha256(recording)[:16]}.safetensors", packed)
    monkeypatch.setattr(subprocess, "run", None)

    # When the store is asked for it
    found = VoiceStore(pack, Path("/dev/null/cache")).latents(recording)

    # Then it is the packed one
    assert np.array_equal(found.gpt_cond_latents, packed.gpt_cond_latents)


@pytest.mark.parametrize("damage", ["truncated", "garbage", "empty", "not-finite"])
def test_a_damaged_kept_voice_is_cloned_again(
    pack: Pack, tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    # Given a kept voice whose file was damaged
    recording = _record(tmp_path / "one.wav", 3.5)
    store = VoiceStore(pack, tmp_path / "cache")
    first = store.latents(recording)
    (kept,) = (tmp_path / "cache").glob("*/*.safetensors")
    whole = kept.read_bytes()
    kept.write_bytes(
        {
            "truncated": whole[: len(whole) // 2],
            "garbage": bytes(len(whole)),
            "empty": b"",
            "not-finite": whole[:-4] + np.float32(np.nan).tobytes(),
        }[damage]
    )

    # When it is asked for
    with caplog.at_level(logging.WARNING):
        second = store.latents(recording)

    # Then it is cloned again, told of, and kept whole
    assert np.array_equal(first.gpt_cond_latents, second.gpt_cond_latents)
    assert "cloned again" in caplog.text
    assert kept.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_done_without(pack: Pack, tmp_path: Path) -> None:
    # Given a place where no directory can be made
    (tmp_path / "file").write_text("in the way")
    store = VoiceStore(pack, tmp_path / "file" / "cache")

    # When a recording is cloned
    found = store.latents(_record(tmp_path / "one.wav", 3.5))

    # Then there are latents all the same
    assert found.gpt_cond_latents.shape == (32, 64)


def test_other_encoders_make_another_voice_of_a_kept_recording(
    pack: Pack, own_pack_dir: Path, tmp_path: Path
) -> None:
    # Given a voice kept for a pack
    recording = _record(tmp_path / "one.wav", 9)
    VoiceStore(pack, tmp_path / "cache").latents(recording)

    # When packs that listen otherwise, or with other weights, share the cache
    manifest = json.loads((own_pack_dir / "pack.json").read_text())
    manifest["cloning"]["gpt_cond_chunk_len"] = 6
    (own_pack_dir / "pack.json").write_text(json.dumps(manifest))
    VoiceStore(Pack.open(own_pack_dir), tmp_path / "cache").latents(recording)
    manifest["files"]["cloner_gpt.bin"]["sha256"] = "0" * 64
    (own_pack_dir / "pack.json").write_text(json.dumps(manifest))
    VoiceStore(Pack.open(own_pack_dir), tmp_path / "cache").latents(recording)

    # Then each keeps a voice of its own
    assert len(list((tmp_path / "cache").glob("*/*.safetensors"))) == 3


def _silence(path: Path) -> None:
    soundfile.write(path, np.zeros(22_050 * 5), 22_050)


def _short(path: Path) -> None:
    _record(path, 2.9)


def _text(path: Path) -> None:
    path.write_text("not a recording " * 100)


def _nothing(path: Path) -> None:
    """Leaves the file missing."""


@pytest.mark.parametrize(
    ("make", "defect", "says"),
    [
        (_silence, Defect.SILENT, "silent"),
        (_short, Defect.TOO_SHORT, "lasts 2.9 s"),
        (_text, Defect.UNREADABLE, "cannot be read"),
        (_nothing, Defect.MISSING, "provide a WAV"),
    ],
)
def test_a_useless_recording_is_named_for_what_it_is(
    pack: Pack, tmp_path: Path, make: Any, defect: Defect, says: str
) -> None:
    # Given a recording of which no voice can be made
    recording = tmp_path / "voice.wav"
    make(recording)

    # When it shall be cloned
    with pytest.raises(UnusableRecordingError) as caught:
        VoiceStore(pack, tmp_path / "cache").latents(recording)

    # Then the error that crosses the process says why and what to provide
    assert caught.value.defect is defect
    assert says in str(caught.value)
    assert isinstance(caught.value, EngineUnavailableError)


def test_a_pack_without_encoders_says_so(own_pack_dir: Path, tmp_path: Path) -> None:
    # Given a pack that lost an encoder after it was opened
    pack = Pack.open(own_pack_dir)
    (own_pack_dir / "cloner_gpt.bin").unlink()

    # When a recording shall be cloned, Then the message names the file
    with pytest.raises(EngineUnavailableError, match="cloner_gpt"):
        VoiceStore(pack, tmp_path / "cache").latents(_record(tmp_path / "one.wav", 3.5))


@pytest.fixture
def library(pack: Pack, tmp_path: Path) -> VoiceLibrary:
    reference_audio = _record(tmp_path / "reference.wav", 3.5)
    store = VoiceStore(pack, tmp_path / "cache")
    return VoiceLibrary(reference_audio, tmp_path / "voices", store)


def test_a_library_lists_the_reference_first_then_what_is_added(
    library: VoiceLibrary, tmp_path: Path
) -> None:
    # Given a library without a directory of voices
    assert [voice.id for voice in library.voices] == ["reference"]

    # When a voice is added, and an operator copies another there, and something else
    sound = _record(tmp_path / "maria.wav", 4).read_bytes()
    library.add("maria", sound)
    _record(tmp_path / "voices" / "joao-2.wav", 4)
    (tmp_path / "voices" / "Não é voz.wav").write_bytes(sound)

    # Then both are voices that can speak, and nothing else is
    assert [voice.id for voice in library.voices] == ["reference", "joao-2", "maria"]
    assert library.heard("maria").latents.gpt_cond_latents.shape == (32, 64)
    assert sorted(path.name for path in (tmp_path / "voices").iterdir()) == [
        "Não é voz.wav",
        "joao-2.wav",
        "maria.wav",
    ]


def test_an_id_belongs_to_one_recording(library: VoiceLibrary, tmp_path: Path) -> None:
    # Given an added voice
    sound = _record(tmp_path / "maria.wav", 4).read_bytes()
    library.add("maria", sound)

    # When it is added again, Then nothing happens
    assert library.add("maria", sound).id == "maria"

    # When another recording wants its id, or a reserved one, Then it is refused
    other = _record(tmp_path / "other.wav", 5).read_bytes()
    for taken in ("maria", "reference", "../up"):
        with pytest.raises(VoiceExistsError):
            library.add(taken, other)
    assert (tmp_path / "voices" / "maria.wav").read_bytes() == sound


def test_a_removed_voice_is_gone(library: VoiceLibrary, tmp_path: Path) -> None:
    # Given an added voice
    library.add("maria", _record(tmp_path / "maria.wav", 4).read_bytes())

    # When it is removed
    library.remove("maria")

    # Then it cannot be asked for or removed again; the reference cannot be removed at all
    assert [voice.id for voice in library.voices] == ["reference"]
    for vanished in (library.heard, library.remove):
        with pytest.raises(UnknownVoiceError):
            vanished("maria")
    with pytest.raises(VoiceExistsError):
        library.remove("reference")


def test_a_clipped_upload_is_refused(library: VoiceLibrary, tmp_path: Path) -> None:
    # Given a recording with its tops cut off
    soundfile.write(tmp_path / "loud.wav", (_speechlike(4, 22_050) * 20).clip(-1, 1), 22_050)

    # When it is added
    with pytest.raises(UnusableRecordingError) as caught:
        library.add("loud", (tmp_path / "loud.wav").read_bytes())

    # Then it is refused for that, and nothing is left of it
    assert caught.value.defect is Defect.CLIPPED
    assert list((tmp_path / "voices").iterdir()) == []


def test_the_default_voice_outlives_its_volume(library: VoiceLibrary, tmp_path: Path) -> None:
    # Given a library that has heard its reference recording, and an added one
    library.add("maria", _record(tmp_path / "maria.wav", 4).read_bytes())
    before = library.heard("reference")
    library.heard("maria")

    # When both recordings vanish
    (tmp_path / "reference.wav").unlink()
    (tmp_path / "voices" / "maria.wav").unlink()

    # Then the default voice speaks on, and the added one is unknown
    assert library.heard("reference") is before
    with pytest.raises(UnknownVoiceError):
        library.heard("maria")


def test_a_missing_reference_recording_is_told(library: VoiceLibrary, tmp_path: Path) -> None:
    # Given a reference recording that never was there
    (tmp_path / "reference.wav").unlink()

    # When it is asked for, Then the error says what to provide
    with pytest.raises(UnusableRecordingError, match="provide a WAV"):
        library.heard("reference")


def test_a_reference_recording_that_is_replaced_is_heard_after_a_restart(
    pack: Pack, library: VoiceLibrary, tmp_path: Path
) -> None:
    # Given a library that has heard its reference recording, and an added one
    (tmp_path / "voices").mkdir()
    _record(tmp_path / "voices" / "maria.wav", 4)
    reference, maria = library.heard("reference"), library.heard("maria")

    # When both are replaced
    _record(tmp_path / "reference.wav", 5)
    _record(tmp_path / "voices" / "maria.wav", 5)

    # Then the added one is another, and the reference is what it was until the next start
    assert library.heard("maria").content_sha256 != maria.content_sha256
    assert library.heard("reference") is reference
    restarted = VoiceLibrary(
        tmp_path / "reference.wav", tmp_path / "voices", VoiceStore(pack, tmp_path / "cache")
    )
    assert restarted.heard("reference").content_sha256 != reference.content_sha256


def test_a_cloning_process_that_dies_is_a_fault_to_try_again(
    pack: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a Python that ends at once
    monkeypatch.setattr(sys, "executable", "/bin/false")

    # When a recording is cloned, Then it is the engine's error, not the recording's
    with pytest.raises(EngineError, match="exit status 1"):
        VoiceStore(pack, tmp_path / "cache").latents(_record(tmp_path / "one.wav", 3.5))
