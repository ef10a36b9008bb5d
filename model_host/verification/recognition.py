"""The round trip: let a recogniser write down what was said, and count the words that differ.

No recogniser is part of the host. An operator names one; see docs/speech-checks.md.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from typing import Protocol, cast

from model_host.engines.base import EngineUnavailableError, Samples

_NO_LETTERS = re.compile(r"[\W\d_]+")


class Recognizer(Protocol):
    """Writes down Brazilian Portuguese; called from several threads at a time."""

    def transcribe(self, samples: Samples, sample_rate_hz: int) -> str:
        """Return the words in a recording, shape (n,), float32, full scale ±1.0."""
        ...


def load_recognizer(name: str) -> Recognizer:
    """Call what a dotted name stands for: it loads a recogniser and returns it.

    Args:
        name: of a callable without arguments, `package.module.callable`.

    Raises:
        EngineUnavailableError: there is no such callable.
    """
    module_name, _, attribute = name.rpartition(".")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise EngineUnavailableError(
            f"SPEECH_RECOGNIZER={name} cannot be imported ({error}); give the dotted name of a "
            "callable that returns a recogniser, or leave it out"
        ) from error
    return cast("Recognizer", factory())


def word_error_rate(asked: str, heard: str) -> float:
    """Words that must be put in, left out or changed to make one text the other.

    Levenshtein's distance over words, as a share of those that were asked for (so it can exceed 1);
    case, punctuation and digits do not count.
    """
    wanted, got = _words(asked), _words(heard)
    return _edit_distance(wanted, got) / max(len(wanted), 1)


def _words(text: str) -> list[str]:
    return _NO_LETTERS.sub(" ", text.lower()).split()


def _edit_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Wagner and Fischer, "The String-to-String Correction Problem", J. ACM 21 (1974)."""
    above = list(range(len(second) + 1))
    for row, one in enumerate(first, start=1):
        current = [row]
        for column, other in enumerate(second, start=1):
            changed = above[column - 1] + (one != other)
            current.append(min(changed, above[column] + 1, current[-1] + 1))
        above = current
    return above[-1]
