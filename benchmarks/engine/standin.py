"""The full-size stand-in checkpoint and its packs, made once and kept in `.run/standin`."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.engine.workers import ROOT


@dataclass(frozen=True, slots=True)
class Standin:
    """What both sides speak with.

    Attributes:
        checkpoint: with random weights; what it says is noise, what it costs is not.
        recording: of the voice.
        int8: the pack that is the default.
        int4: the smaller one.
        fp32: the one without quantisation.
    """

    checkpoint: Path
    recording: Path
    int8: Path
    int4: Path
    fp32: Path


def prepare(directory: Path) -> Standin:
    """Make whatever is not there. The first time takes about three minutes; needs torch and TTS."""
    standin = Standin(
        checkpoint=directory / "checkpoint",
        recording=directory / "reference_voice.wav",
        int8=directory / "pack",
        int4=directory / "pack-int4",
        fp32=directory / "pack-fp32",
    )
    _python("infra.standin", "full", directory)
    for precision, pack in (("int8", standin.int8), ("int4", standin.int4), ("fp32", standin.fp32)):
        if not (pack / "pack.json").is_file():
            reference = ("--reference", standin.recording)
            arguments = ("pack", standin.checkpoint, pack, "--precision", precision, *reference)
            _python("model_host.engines.xtts", *arguments)
    return standin


def _python(module: str, *arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT, check=True)
