"""The first stage: one spelling for what a keyboard, a spreadsheet or a telephone may send."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

_MEANT = str.maketrans(
    {
        "№": " nº ", "℃": "°C", "℉": "°F", "˚": "°", "…": "...", "•": ", ", "·": " ",
        "«": '"', "»": '"', "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"', "‹": '"', "›": '"',
        "‘": "'", "’": "'", "‚": "'", "ʼ": "'", "´": "'", "`": "'", "′": "'",
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "⁄": "/", "∕": "/", "¿": "", "¡": "", "µ": "u", "μ": "u",
    }
)  # fmt: skip
"""What Unicode's own compatibility forms would lose, or do not know."""

_KEPT = frozenset("ªº°²³×÷±≤≥≠≈§£€¥\u0300\u0301\u0302\u0303\u0308\u0327")
_VULGAR_FRACTION = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
_LATIN_END = 0x250
_DROPPED = frozenset({"So", "Sk", "Cc", "Cf", "Cs", "Co", "Cn", "Me", "Mn"})


def plain_characters(text: str) -> str:
    """Fold look-alikes, drop emoji, write other scripts in Latin letters (anyascii)."""
    text = _VULGAR_FRACTION.sub(" ", text)
    text = "".join(_plain(char) for char in unicodedata.normalize("NFC", text).translate(_MEANT))
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _plain(char: str) -> str:
    if char.isascii() or char in _KEPT:
        return char
    folded = unicodedata.normalize("NFKC", char).translate(_MEANT)
    return "".join(map(_latin, folded))


def _latin(char: str) -> str:
    if ord(char) < _LATIN_END and char.isalpha():
        return char
    if char in _KEPT or char.isascii():
        return char
    if unicodedata.category(char) in _DROPPED:
        return " "
    return anyascii(char)
