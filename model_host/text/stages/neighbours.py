"""The words beside what a stage has found."""

from __future__ import annotations

import re

_BEFORE = re.compile(r"([^\W\d_]+)[.:]?\s+$")
_AFTER = re.compile(r"\s+([^\W\d_]+)")
_PHRASE_END = re.compile(r"\s*(?:$|[,.;:!?)])")
_FAR_ENOUGH = 40


def word_before(match: re.Match[str]) -> str:
    """The word that blanks alone keep apart from a match's start; "" where there is none."""
    start = match.start()
    found = _BEFORE.search(match.string[max(0, start - _FAR_ENOUGH) : start])
    return found[1] if found else ""


def word_after(match: re.Match[str]) -> str:
    """The word that blanks alone keep apart from a match's end; "" where there is none."""
    found = _AFTER.match(match.string, match.end())
    return found[1] if found else ""


def ends_a_phrase(match: re.Match[str]) -> bool:
    """Whether a mark or the end of the text follows a match."""
    return _PHRASE_END.match(match.string, match.end()) is not None
