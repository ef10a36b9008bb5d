"""Break a text into pieces that XTTS can speak in one go.

XTTS-v2 warns from 203 characters of Portuguese on, and asserts at 402 text tokens; its tokenizer
also spells out digits and symbols first ("%" becomes "por cento"), so the number of tokens is only
known after asking it. Very short pieces make it ramble, so a cut is taken near the middle.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_BOUNDARIES = (
    re.compile(r"(?<=[.!?…])\s+"),  # between sentences
    re.compile(r"(?<=[,;:])\s+"),  # between clauses
    re.compile(r"\s+"),  # between words
)

_SHORTEST_SIDE = 0.2
"""No cut leaves a side shorter than this part of the text, unless only words can be cut."""


def speakable_pieces(text: str, fits: Callable[[str], bool]) -> list[str]:
    """Cut a text at its best boundaries until every piece fits.

    Args:
        text: what to say.
        fits: tells whether the model can speak a piece in one go. Must hold for one character.

    Returns:
        The pieces in order, none empty; joined they hold every character but the blanks at cuts.
    """
    text = text.strip()
    if not text:
        return []
    if len(text) == 1 or fits(text):
        return [text]
    end, start = _best_cut(text)
    return speakable_pieces(text[:end], fits) + speakable_pieces(text[start:], fits)


def _best_cut(text: str) -> tuple[int, int]:
    """Where the left side ends and the right side starts."""
    middle = len(text) / 2
    margin = len(text) * _SHORTEST_SIDE
    for boundary in _BOUNDARIES:
        cuts = [match.span() for match in boundary.finditer(text)]
        central = [cut for cut in cuts if margin <= cut[0] and cut[1] <= len(text) - margin]
        if central:
            return min(central, key=lambda cut: abs(cut[0] - middle))
    return len(text) // 2, len(text) // 2
