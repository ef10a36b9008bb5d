"""Folding: the one spelling under which a text is validated, keyed and spoken.

Unicode NFC, every run of white space becomes one space, none at the ends. The functions fold the
same way before they make a cache key, so two spellings of one call are one object.
"""

from __future__ import annotations

import re
import unicodedata

TEXT_CHARS_MAX = 1000
"""Longest text, in characters after folding."""

# Not `\s`: Python counts the separators U+001C-U+001F as white space, Unicode as controls.
_WHITE_SPACE = re.compile(
    r"[\t\n\v\f\r\u0085\u2028\u2029\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+"
)

# Zero width (non-)joiners are part of how some names and emoji are spelt; every other format
# character only hides or reorders text (bidirectional controls, tags, word joiners).
_JOINERS = frozenset("\u200c\u200d")
_REFUSED_CATEGORIES = {
    "Cc": "a control character",
    "Cf": "an invisible format character",
    "Cs": "half of a surrogate pair",
}


class UnspeakableTextError(ValueError):
    """The text cannot be spoken; the message never quotes it."""


def fold(text: str) -> str:
    """Fold `text` to NFC with single spaces, stripped."""
    return _WHITE_SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip(" ")


def fold_speakable(text: str) -> str:
    """Fold `text` and make sure that there is something to say.

    Raises:
        UnspeakableTextError: it is empty or too long, has characters that are no text, or has
            neither a letter nor a digit.
    """
    folded = fold(text)
    if not folded:
        raise UnspeakableTextError("is empty")
    if len(folded) > TEXT_CHARS_MAX:
        raise UnspeakableTextError(
            f"is {len(folded)} characters long; at most {TEXT_CHARS_MAX} are spoken"
        )
    for position, character in enumerate(folded):
        what = _REFUSED_CATEGORIES.get(unicodedata.category(character))
        if what and character not in _JOINERS:
            raise UnspeakableTextError(
                f"has {what}, U+{ord(character):04X}, at position {position}"
            )
    if not any(character.isalnum() for character in folded):
        raise UnspeakableTextError("has no letter and no digit: there is nothing to say")
    return folded
