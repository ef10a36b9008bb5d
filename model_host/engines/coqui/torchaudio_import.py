"""Import torchaudio even where its compiled extension and torch disagree.

PyPI's torchaudio carries an extension linked against CUDA; beside a CPU build of torch it fails to
load, and torchaudio lets that stop its import. A torchaudio without that extension falls back to
Python for all that XTTS uses (resampling, mel spectrograms), so the fallback is asked for here.
"""

from __future__ import annotations

# mypy: disable-error-code="import-not-found"
# torch and its kin are installed for ENGINE=coqui only (requirements/coqui.txt).
import importlib
import sys
from types import ModuleType
from typing import NoReturn

_EXTENSION = "torchaudio._extension"


def import_torchaudio() -> ModuleType:
    """Import torchaudio, without its extension where that cannot load.

    Raises:
        ImportError: torchaudio is not installed.
    """
    try:
        return importlib.import_module("torchaudio")
    except OSError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules[_EXTENSION] = _absent_extension()
        return importlib.import_module("torchaudio")


def _absent_extension() -> ModuleType:
    """What `torchaudio._extension` is where no compiled library lies beside it."""
    extension = ModuleType(_EXTENSION)
    extension._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
    extension.fail_if_no_align = lambda _function: _no_alignment  # type: ignore[attr-defined]
    return extension


def _no_alignment(*_arguments: object, **_options: object) -> NoReturn:
    raise RuntimeError("forced alignment needs torchaudio's compiled extension")
