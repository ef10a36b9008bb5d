"""The first stage: one spelling for what a keyboard, a spreadsheet or a telephone may send."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

from model_host.text.portuguese.word_lists import words

_MEANT = str.maketrans(
    {
        "№": " nº ", "℃": "°C", "℉": "°F", "˚": "°", "…": "...", "•": ", ", "·": " ",
        "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "‹": '"', "›": '"',
        "‘": "'", "’": "'", "‚": "'", "ʼ": "'", "´": "'", "′": "'",
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "⁄": "/", "∕": "/", "¿": "", "¡": "", "µ": "u", "μ": "u",
    }
)  # fmt: skip
"""What Unicode's own compatibility forms would lose, or do not know."""

_QUOTES = str.maketrans({"`": "'"})

_KEPT = frozenset("ªº°²³×÷±≤≥≠≈§£€¥\u0300\u0301\u0302\u0303\u0308\u0327")
_VULGAR_FRACTION = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
_UNUSUAL = re.compile("[^ -~À-ÖØ-öø-ÿªº°]")
_LATIN_END = 0x250
_DROPPED = words("So Sk Cc Cf Cs Co Cn Me Mn")


def plain_characters(text: str) -> str:
    """Fold look-alikes, drop emoji, write other scripts in Latin letters (anyascii)."""
    text = unicodedata.normalize("NFC", text)
    if _UNUSUAL.search(text):
        text = _VULGAR_FRACTION.sub(" ", text).translate(_MEANT)
        text = _UNUSUAL.sub(lambda match: _plain(match[0]), text)
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.translate(_QUOTES).split())


def _plain(char: str) -> str:
    if char in _KEPT:
        return char
    if unicodedata.category(char) in _DROPPED:
        return " "
    folded = unicodedata.normalize("NFKC", char).translate(_MEANT)
    return "".join(map(_latin, folded))


def _latin(char: str) -> str:
    if char.isascii() or char in _KEPT or (ord(char) < _LATIN_END and char.isalpha()):
        return char
    if unicodedata.category(char) in _DROPPED:
        return " "
    return anyascii(char)
