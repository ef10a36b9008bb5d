"""Break a text into the pieces that an engine speaks one by one.

The text is what the normaliser makes: lower-case words and `, . ? !`, so that every full stop ends
a sentence. XTTS-v2 warns from 203 characters of Portuguese on and asserts at 402 text tokens, which
only its tokenizer can count; after very few words it talks on past its text. So a cut is taken near
the middle, and a few words are spoken with their neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")

_BOUNDARIES = (
    _SENTENCE_END,
    re.compile(r"(?<=,)\s+"),  # between clauses
    re.compile(r"\s+"),  # between words
)

SECONDS_PER_CHARACTER = 0.07
"""Brazilian Portuguese read aloud: about 14 characters a second."""

FEW_WORDS = 3
"""A sampling model rambles after so few words; a piece of them is left alone only where there is
nothing else to say."""

_SHORT_CHARS = 40
"""A piece below this is spoken with its neighbour."""

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
    for sentence in _joined(_SENTENCE_END.split(text.strip()), fits):
        parts = speakable_pieces(sentence, fits)
        pieces += [Piece(part, ends_sentence=False) for part in parts[:-1]]
        pieces += [Piece(part, ends_sentence=True) for part in parts[-1:]]
    return pieces


def piece_texts(text: str, fits: Callable[[str], bool]) -> tuple[str, ...]:
    """What `spoken_pieces` makes of a text, as an `Utterance` wants it."""
    return tuple(piece.text for piece in spoken_pieces(text, fits))


def has_few_words(text: str) -> bool:
    """Whether a model is likely to ramble after so short a text."""
    return len(text.split()) <= FEW_WORDS


def _joined(parts: list[str], fits: Callable[[str], bool]) -> list[str]:
    """Join short neighbours while the whole still fits and does not get long.

    A few words are joined even so: the whole is then cut nearer to its middle.
    """
    joined: list[str] = []
    for part in parts:
        whole = f"{joined[-1]} {part}" if joined else part
        few = joined and (has_few_words(joined[-1]) or has_few_words(part))
        short = joined and min(len(joined[-1]), len(part)) < _SHORT_CHARS
        if few or (short and len(whole) <= _LONG_CHARS and fits(whole)):
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
