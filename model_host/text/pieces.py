"""Break a Portuguese text into pieces that XTTS can speak in one go.

XTTS-v2 warns from 203 characters of Portuguese on, and asserts at 402 text tokens; its tokenizer
also spells out digits and symbols first ("%" becomes "por cento"), so the number of tokens is only
known after asking it. Very short pieces make it ramble, so a cut is taken near the middle.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_BOUNDARIES = (
    re.compile(r"(?<=[.!?…])\s+"),  # between sentences
    re.compile(r"(?<=[,;:])\s+"),  # between clauses
    re.compile(r"\s+"),  # between words
)

_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)]*\s+(?=[\"'“‘(¿¡]?[^\W_a-zà-ÿ])")
"""After a sentence stands a capital or a digit; a small letter goes on with it ("às 14 h. e")."""

_ABBREVIATION = re.compile(
    r"\b(?:[A-Z]|(?:dra?|sra?|srta|profa?|av|r|al|pça|rod|est|tv|sto|sta|d|pe|fr|n|nº|no|tel|"
    r"ramal|ap|apto|bl|cj|pág|art|ex|exmo|exma|ilmo|ilma|cap|cel|gen|ten|sgt|jr|ltda|cia|hosp)s?)\.$",
    re.IGNORECASE,
)
"""What may end in a full stop within a sentence."""

_SHORT_CHARS = 40
"""A piece below this is spoken with its neighbour: XTTS rambles after a few words."""

_LONG_CHARS = 120
"""Neighbours are not joined beyond this: several pieces decode side by side, one does not."""

_SHORTEST_SIDE = 0.2
"""No cut leaves a side shorter than this part of the text, unless only words can be cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What the model says in one go.

    Attributes:
        text: never empty.
        ends_sentence: whether a sentence ends here, or only a clause or a word.
    """

    text: str
    ends_sentence: bool


def spoken_pieces(text: str, fits: Callable[[str], bool]) -> list[Piece]:
    """Cut a text into sentences, join the short ones, cut those that the model cannot say.

    Args:
        text: what to say.
        fits: tells whether the model can speak a piece in one go. Must hold for one character.

    Returns:
        The pieces in order; joined by blanks they hold the text.
    """
    pieces = []
    for sentence in _joined(sentences(text), fits):
        parts = speakable_pieces(sentence, fits)
        pieces += [Piece(part, ends_sentence=False) for part in parts[:-1]]
        pieces += [Piece(part, ends_sentence=True) for part in parts[-1:]]
    return pieces


def sentences(text: str) -> list[str]:
    """Cut between sentences, not after abbreviations ("Dr. João", "Av. Brasil") or initials."""
    found, start = [], 0
    for gap in _SENTENCE_END.finditer(text):
        sentence = text[start : gap.start()]
        if not _ABBREVIATION.search(sentence):
            found.append(text[start : gap.end()].strip())
            start = gap.end()
    if rest := text[start:].strip():
        found.append(rest)
    return found


def _joined(parts: list[str], fits: Callable[[str], bool]) -> list[str]:
    """Join short neighbours while the whole still fits and does not get long."""
    joined: list[str] = []
    for part in parts:
        whole = f"{joined[-1]} {part}" if joined else part
        short = joined and min(len(joined[-1]), len(part)) < _SHORT_CHARS
        if short and len(whole) <= _LONG_CHARS and fits(whole):
            joined[-1] = whole
        else:
            joined.append(part)
    return joined


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
