"""A tiny checkpoint, its pack, a vocabulary, a recording; skips where TTS is not installed."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from infra.standin.reference_audio import write_reference_audio
from infra.standin.vocabulary import write_vocabulary
from model_host.engines.xtts.pack_format import Pack


@pytest.fixture(scope="session")
def standin() -> ModuleType:
    """The module that writes checkpoints; it needs TTS."""
    pytest.importorskip("TTS")
    return importlib.import_module("infra.standin.checkpoint")


@pytest.fixture(scope="session")
def checkpoint(standin: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint directory pickled as the published one is."""
    directory: Path = standin.write_tiny_checkpoint(
        tmp_path_factory.mktemp("xtts") / "checkpoint", original_pickle=True
    )
    return directory


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reference recording: WAV, mono, 22 050 Hz, 9 s."""
    return write_reference_audio(tmp_path_factory.mktemp("voice") / "reference_voice.wav")


@pytest.fixture(scope="session")
def pack(checkpoint: Path, recording: Path, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """The checkpoint's pack, int8, with the recording's voice; tests leave it as it is."""
    packing = importlib.import_module("model_host.engines.xtts.pack")
    made: Pack = packing.make_pack(
        checkpoint, tmp_path_factory.mktemp("packs") / "pack", reference_audio=recording
    )
    return made


@pytest.fixture(scope="session")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `vocab.json` of XTTS-v2's size."""
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.json"
    write_vocabulary(path, 6681)
    return path


@pytest.fixture(scope="session")
def tts_tokenizer(vocabulary: Path) -> Any:
    """TTS's own tokenizer."""
    pytest.importorskip("TTS")
    importlib.import_module("model_host.engines.coqui.torchaudio_import").import_torchaudio()
    module = importlib.import_module("TTS.tts.layers.xtts.tokenizer")
    return module.VoiceBpeTokenizer(str(vocabulary))
