"""A tiny checkpoint and an engine that speaks with it; skips where TTS is not installed.

`pip install -r requirements/host.txt -r requirements/coqui.txt` makes an environment that has it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from model_host.engines.coqui.engine import CoquiEngine


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """The module that writes checkpoints; it needs TTS."""
    pytest.importorskip("TTS")
    return importlib.import_module("tests.integration.coqui.tiny_checkpoint")


@pytest.fixture(scope="session")
def checkpoint(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint directory pickled as the published one is."""
    directory: Path = tiny.write_tiny_checkpoint(
        tmp_path_factory.mktemp("xtts"), original_pickle=True
    )
    return directory


@pytest.fixture(scope="session")
def recording(tiny: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reference recording: WAV, mono, 22 050 Hz, 9 s."""
    path: Path = tiny.write_reference_audio(
        tmp_path_factory.mktemp("voice") / "reference_voice.wav"
    )
    return path


@pytest.fixture(scope="module")
def engine(checkpoint: Path, recording: Path) -> Iterator[CoquiEngine]:
    """A loaded engine."""
    engine = CoquiEngine(checkpoint, recording)
    engine.load()
    yield engine
    engine.close()
