"""Which engine speaks: from the settings and from what lies in the model directory."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import cast

from model_host.engines.base import Engine, EngineUnavailableError
from model_host.engines.espeak.engine import EspeakEngine
from model_host.settings import Settings

_CHECKPOINT_FILES = ("config.json", "model.pth", "vocab.json")
_PACK_MANIFEST = "pack.json"


class ModelFound(Enum):
    """What lies in the model directory."""

    NOTHING = "nothing"
    CHECKPOINT = "checkpoint"
    PACK = "pack"


def find_model(model_dir: Path) -> ModelFound:
    """Look into `model_dir`; a pack is preferred to a checkpoint beside it."""
    if (model_dir / _PACK_MANIFEST).is_file():
        return ModelFound.PACK
    if _has_checkpoint(model_dir):
        return ModelFound.CHECKPOINT
    return ModelFound.NOTHING


def _has_checkpoint(model_dir: Path) -> bool:
    """Whether every file of a checkpoint is there."""
    return all((model_dir / name).is_file() for name in _CHECKPOINT_FILES)


def select_engine(settings: Settings) -> Engine:
    """Make the engine that `settings` ask for; it is not loaded yet.

    Raises:
        EngineUnavailableError: it cannot be had; the message says what to provide.
    """
    found = find_model(settings.xtts_model_dir)
    if settings.engine == "espeak":
        return EspeakEngine()
    if settings.engine == "coqui":
        return _coqui(settings)
    if settings.engine == "xtts" or found is ModelFound.PACK:
        return _xtts(settings, found)
    if found is ModelFound.CHECKPOINT:
        return _coqui(settings)
    if settings.ctv_env == "prod":
        raise EngineUnavailableError(
            f"CTV_ENV=prod needs a model and XTTS_MODEL_DIR={settings.xtts_model_dir} holds none: "
            f"provide a pack ({_PACK_MANIFEST}) or an XTTS-v2 checkpoint "
            f"({', '.join(_CHECKPOINT_FILES)}) there, "
            "or set ENGINE=espeak to speak with the embedded voice on purpose"
        )
    return EspeakEngine()


def _xtts(settings: Settings, found: ModelFound) -> Engine:
    directory = settings.xtts_model_dir
    if found is ModelFound.CHECKPOINT:
        raise EngineUnavailableError(
            f"ENGINE=xtts needs a pack and XTTS_MODEL_DIR={directory} holds a checkpoint. "
            f"Pack it once: python -m model_host.engines.xtts pack {directory} PACK "
            "(needs requirements/coqui.txt), then set XTTS_MODEL_DIR=PACK; "
            "or set ENGINE=coqui to speak it as it is, slowly"
        )
    if found is ModelFound.NOTHING:
        raise EngineUnavailableError(
            f"ENGINE=xtts needs a pack ({_PACK_MANIFEST}) in XTTS_MODEL_DIR={directory}. "
            "Make one: python -m model_host.engines.xtts pack CHECKPOINT PACK "
            "(needs requirements/coqui.txt)"
        )
    try:
        # Imported only when asked for: it brings OpenVINO, which no other engine needs.
        module = importlib.import_module("model_host.engines.xtts.engine")
    except ImportError as error:
        raise EngineUnavailableError(
            f"a pack needs packages of requirements/host.txt that are missing ({error})"
        ) from error
    options = module.XttsOptions(
        vocoder_precision=settings.vocoder_precision, threads=settings.xtts_threads
    )
    make = cast("Callable[..., Engine]", module.XttsEngine)
    return make(
        directory,
        settings.reference_audio,
        settings.added_voices_dir,
        settings.voice_cache_dir,
        options,
    )


def _coqui(settings: Settings) -> Engine:
    # A pack may stand beside the checkpoint that it was made of.
    if not _has_checkpoint(settings.xtts_model_dir):
        raise EngineUnavailableError(
            f"ENGINE=coqui needs a checkpoint ({', '.join(_CHECKPOINT_FILES)}) "
            f"in XTTS_MODEL_DIR={settings.xtts_model_dir}"
        )
    try:
        # Imported only when asked for: it brings torch, which no other engine needs.
        module = importlib.import_module("model_host.engines.coqui.engine")
    except ImportError as error:
        raise EngineUnavailableError(
            "ENGINE=coqui needs the reference XTTS package: "
            f"pip install -r requirements/coqui.txt ({error})"
        ) from error
    make = cast("Callable[[Path, Path], Engine]", module.CoquiEngine)
    return make(settings.xtts_model_dir, settings.reference_audio)
