"""A tiny checkpoint and an engine that speaks with it; skips where TTS is not installed.

`pip install -r requirements/host.txt -r requirements/coqui.txt` makes an environment that has it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from infra.standin.reference_audio import write_reference_audio
from model_host.engines.coqui.engine import CoquiEngine


@pytest.fixture(scope="session")
def standin() -> ModuleType:
    """The module that writes checkpoints; it needs TTS."""
    pytest.importorskip("TTS")
    return importlib.import_module("infra.standin.checkpoint")


@pytest.fixture(scope="session")
def checkpoint(standin: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint directory pickled as the published one is."""
    directory: Path = standin.write_tiny_checkpoint(
        tmp_path_factory.mktemp("xtts"), original_pickle=True
    )
    return directory


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reference recording: WAV, mono, 22 050 Hz, 9 s."""
    return write_reference_audio(tmp_path_factory.mktemp("voice") / "reference_voice.wav")


@pytest.fixture(scope="module")
def engine(checkpoint: Path, recording: Path) -> Iterator[CoquiEngine]:
    """A loaded engine."""
    engine = CoquiEngine(checkpoint, recording)
    engine.load()
    yield engine
    engine.close()
