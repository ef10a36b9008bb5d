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
_NO_PACKED_ENGINE = (
    "this version has no engine for packed XTTS models: put a checkpoint "
    f"({', '.join(_CHECKPOINT_FILES)}) into XTTS_MODEL_DIR and set ENGINE=coqui, "
    "or set ENGINE=espeak"
)


class ModelFound(Enum):
    """What lies in the model directory."""

    NOTHING = "nothing"
    CHECKPOINT = "checkpoint"
    PACK = "pack"


def find_model(model_dir: Path) -> ModelFound:
    """Look into `model_dir`; a pack is preferred to a checkpoint beside it."""
    if (model_dir / _PACK_MANIFEST).is_file():
        return ModelFound.PACK
    if all((model_dir / name).is_file() for name in _CHECKPOINT_FILES):
        return ModelFound.CHECKPOINT
    return ModelFound.NOTHING


def select_engine(settings: Settings) -> Engine:
    """Make the engine that `settings` ask for; it is not loaded yet.

    Raises:
        EngineUnavailableError: it cannot be had; the message says what to provide.
    """
    found = find_model(settings.xtts_model_dir)
    if settings.engine == "espeak":
        return EspeakEngine()
    if settings.engine == "coqui":
        return _coqui(settings, found)
    if settings.engine == "xtts" or found is ModelFound.PACK:
        raise EngineUnavailableError(_NO_PACKED_ENGINE)
    if found is ModelFound.CHECKPOINT:
        return _coqui(settings, found)
    if settings.ctv_env == "prod":
        raise EngineUnavailableError(
            f"CTV_ENV=prod needs a model and XTTS_MODEL_DIR={settings.xtts_model_dir} holds none: "
            f"provide an XTTS-v2 checkpoint there ({', '.join(_CHECKPOINT_FILES)}), "
            "or set ENGINE=espeak to speak with the embedded voice on purpose"
        )
    return EspeakEngine()


def _coqui(settings: Settings, found: ModelFound) -> Engine:
    if found is not ModelFound.CHECKPOINT:
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
