"""Make a pack of a checkpoint: resumable, and there as a whole or not at all.

The files are made in `PACK.partial`. A journal there names the steps that are done, so that a run
after an interruption goes on from the last of them; it counts only for the same checkpoint, the
same precision and the same packages. The directory gets its name last.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from model_host.engines.base import EngineUnavailableError
from model_host.engines.coqui.checkpoint import CheckpointFiles
from model_host.engines.xtts.cloning import Cloner
from model_host.engines.xtts.pack_format import (
    DECODER_NAME,
    FORMAT,
    MANIFEST_NAME,
    MODEL,
    TOKENIZER_NAME,
    VOICE_NAME_DIGITS,
    VOICES_NAME,
    Manifest,
    Pack,
    Precision,
    file_sha256,
)
from model_host.engines.xtts.pack_journal import Journal
from model_host.engines.xtts.reference_audio import read_recording
from model_host.engines.xtts.tensors import write_tensors
from model_host.engines.xtts.voice_latents import write_voice

if TYPE_CHECKING:
    from model_host.engines.xtts.convert import LoadedCheckpoint

Progress = Callable[[str], None]
"""Told in a few words what is being done."""

_PACKAGES = ("coqui-tts", "torch", "openvino")


@dataclass(frozen=True, slots=True)
class _Step:
    """One resumable part of the work; `run` writes files below the directory it is given."""

    name: str
    run: Callable[[Path], object]


def make_pack(  # noqa: PLR0913 - the options of `pack`, by keyword
    checkpoint_dir: Path,
    pack_dir: Path,
    *,
    precision: Precision = "int8",
    reference_audio: Path | None = None,
    force: bool = False,
    progress: Progress = lambda _message: None,
) -> Pack:
    """Turn a checkpoint into a pack. Needs torch and TTS, about 3 GB of memory and a minute.

    Args:
        checkpoint_dir: an XTTS-v2 checkpoint; only ever read.
        pack_dir: where the pack shall stand; its parents are made if absent.
        precision: how the decoder's matrices are stored.
        reference_audio: a recording to pack along as a voice.
        force: replace a pack that stands there; it serves on until the new one is complete.
        progress: told what is being done.

    Raises:
        EngineUnavailableError: something stands in the way, or the checkpoint is of no use.
        UnusableRecordingError: no voice can be made of the recording.
    """
    if pack_dir.exists() and not force:
        raise EngineUnavailableError(f"{pack_dir} is there already; replace it with --force")
    files = CheckpointFiles.locate(checkpoint_dir)
    if reference_audio is not None:
        read_recording(reference_audio)  # better now than after a minute
    checkpoint = _read_checkpoint(files)
    progress("hashing the checkpoint")
    hashes = {
        path.name: file_sha256(path) for path in (files.config, files.weights, files.vocabulary)
    }
    partial = pack_dir.with_name(pack_dir.name + ".partial")
    with Journal.resume(partial, pack_key(hashes, precision)) as journal:
        steps = _steps(checkpoint, files, precision, progress)
        if reference_audio is not None:
            steps.append(_voice_step(checkpoint, partial, reference_audio))
        for number, step in enumerate(steps, start=1):
            if journal.is_done(step.name):
                progress(f"{step.name}: done before ({number} of {len(steps)})")
                continue
            progress(f"{step.name} ({number} of {len(steps)})")
            journal.do(step.name, step.run)
        manifest = Manifest(
            format=FORMAT,
            model=MODEL,
            precision=precision,
            checkpoint=hashes,
            made_with=_made_with(),
            dims=checkpoint.dims,
            sampling=checkpoint.sampling,
            cloning=checkpoint.cloning,
            vocoder=checkpoint.vocoder_dims(),
            files=journal.files,
        )
        journal.write(MANIFEST_NAME, manifest.model_dump_json(indent=1).encode())
        _take_its_name(partial, pack_dir)
        journal.forget(pack_dir)
    return Pack.open(pack_dir)


def pack_key(checkpoint_hashes: Mapping[str, str], precision: Precision = "int8") -> dict[str, str]:
    """What a pack depends on: packs with equal keys are interchangeable. Needs no torch.

    Args:
        checkpoint_hashes: SHA-256 of the checkpoint's files, by file name.
        precision: how the decoder's matrices are stored.
    """
    return {
        "format": str(FORMAT),
        "precision": precision,
        **{f"sha256 of {name}": sha256 for name, sha256 in checkpoint_hashes.items()},
        **_made_with(),
    }


def _made_with() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def _read_checkpoint(files: CheckpointFiles) -> LoadedCheckpoint:
    """Import torch and TTS here: whoever only asks for help or errs in a path waits for neither."""
    try:
        from model_host.engines.xtts.convert import LoadedCheckpoint  # noqa: PLC0415
    except ImportError as error:
        message = f"packing lacks Python packages: pip install -r requirements/coqui.txt ({error})"
        raise EngineUnavailableError(message) from error
    return LoadedCheckpoint(files)


def _steps(
    checkpoint: LoadedCheckpoint, files: CheckpointFiles, precision: Precision, progress: Progress
) -> list[_Step]:
    """Everything that every pack consists of, in the order in which it is made."""
    from model_host.engines.xtts.convert import decoder_tensors  # noqa: PLC0415 - torch

    def decoder(directory: Path) -> None:
        tensors = decoder_tensors(checkpoint.model, precision, progress)
        write_tensors(directory / DECODER_NAME, tensors)

    def vocoder(directory: Path) -> None:
        from model_host.engines.xtts.vocoder_export import export_vocoder  # noqa: PLC0415 - torch

        export_vocoder(checkpoint.model, directory)

    def cloner(directory: Path) -> None:
        from model_host.engines.xtts.cloning_export import export_cloner  # noqa: PLC0415 - torch

        export_cloner(checkpoint.model, directory)

    def tokenizer(directory: Path) -> None:
        shutil.copyfile(files.vocabulary, directory / TOKENIZER_NAME)

    return [
        _Step("decoder", decoder),
        _Step("vocoder", vocoder),
        _Step("cloner", cloner),
        _Step("tokenizer", tokenizer),
    ]


def _voice_step(checkpoint: LoadedCheckpoint, packed: Path, recording: Path) -> _Step:
    """Clone a voice with the encoders that stand in `packed`, as a host would."""
    name = f"{file_sha256(recording)[:VOICE_NAME_DIGITS]}.safetensors"

    def voice(directory: Path) -> None:
        (directory / VOICES_NAME).mkdir()
        latents = Cloner(packed, checkpoint.cloning).clone(recording)
        write_voice(directory / VOICES_NAME / name, latents)

    return _Step(f"voice {name}", voice)


def _take_its_name(partial: Path, pack_dir: Path) -> None:
    """Rename the finished directory; a pack that stands there is moved aside first, then deleted.

    Interrupted between the two renames, the next run finds every step done and only renames.
    """
    aside = None
    if pack_dir.exists():
        aside = pack_dir.with_name(f"{pack_dir.name}.replaced-{os.getpid()}")
        pack_dir.rename(aside)
    partial.rename(pack_dir)
    if aside is not None:
        shutil.rmtree(aside, ignore_errors=True)
