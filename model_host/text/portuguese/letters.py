"""Letters: which ones Portuguese has, what they are called, what others become."""

from __future__ import annotations

import unicodedata

LETTERS = "abcdefghijklmnopqrstuvwxyzáàâãéêíóôõúç"
"""What a word that reaches the engine may consist of."""

VOWELS = frozenset("aeiouyáàâãéêíóôõú")

_NAMES = {
    "a": "á", "b": "bê", "c": "cê", "d": "dê", "e": "é", "f": "efe", "g": "gê", "h": "agá",
    "i": "i", "j": "jota", "k": "cá", "l": "ele", "m": "eme", "n": "ene", "o": "ó", "p": "pê",
    "q": "quê", "r": "erre", "s": "esse", "t": "tê", "u": "u", "v": "vê", "w": "dáblio",
    "x": "xis", "y": "ípsilon", "z": "zê",
}  # fmt: skip

_FOREIGN = str.maketrans(
    {
        "ñ": "nh", "ß": "ss", "æ": "e", "œ": "e", "ø": "o", "ł": "l", "đ": "d", "ð": "d",
        "þ": "t", "ı": "i",
    }
)  # fmt: skip
"""Letters that are no Portuguese letter with a mark on it."""


def spelled(letters: str) -> str:
    """Say the letters one by one: "UTI" → "u tê i"; what is no letter is left out."""
    return " ".join(_NAMES[letter] for letter in unaccented(letters) if letter in _NAMES)


def unaccented(text: str) -> str:
    """Lower-case, without accents: under which words are compared."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def portuguese(word: str) -> str:
    """Write a word of Latin letters with Portuguese ones: "Muñoz" → "munhoz", "Zoë" → "zoe"."""
    word = unicodedata.normalize("NFC", word.lower()).translate(_FOREIGN)
    return "".join(char if char in LETTERS else unaccented(char) for char in word)


def has_vowel(word: str) -> bool:
    """Whether a word can be read at all; else it is spelled."""
    return not VOWELS.isdisjoint(word.lower())
