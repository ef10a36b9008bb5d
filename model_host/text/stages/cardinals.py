"""The numbers that no other stage knew better, and signs of arithmetic."""

from __future__ import annotations

import re

from model_host.text.portuguese.nouns import gender_of_next
from model_host.text.portuguese.numbers import LARGEST, cardinal, decimal, digits, label

_SPACED_THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:(?: \d{3}){2,}|(?: 000)+)(?![\w.,]\d|\w| \d)")
_RANGE = re.compile(r"(?<![\w.,/-])(\d{1,6})\s?-\s?(\d{1,6})(?![\w/-]|[.,]\d)")
_MINUS = re.compile(r"(?:(?<=\s)|(?<=^)|(?<=\())-(?=\d)")
_PLUS = re.compile(r"(?:(?<=\s)|(?<=^)|(?<=\())\+\s?(?=\d)")
_COMPARISONS = {
    "<": "menor que", ">": "maior que", "≤": "menor ou igual a", "≥": "maior ou igual a",
    "<=": "menor ou igual a", ">=": "maior ou igual a", "±": "mais ou menos",
    "≈": "aproximadamente", "~": "aproximadamente",
}  # fmt: skip
_COMPARED = re.compile(r"(<=|>=|[<>≤≥±≈~])\s?(?=\d)")
_OR_MORE = re.compile(r"(?<=\d)\+(?!\s?\w)")
_NUMBER = re.compile(
    r"(?<![\d.,])(?P<whole>\d{1,3}(?:\.\d{3})+(?![\d.])|\d+)(?:(?P<point>[.,])(?P<fraction>\d+)(?![.,]?\d))?"
)
_ANY_DIGITS = re.compile(r"\d+")
_SMALLEST_LABEL_WITH_ZERO = 2


def thousands(text: str) -> str:
    """Join "1 234 567": several groups of three, or of zeros only, are one number."""
    return _SPACED_THOUSANDS.sub(lambda match: match[0].replace(" ", ""), text)


def cardinals(text: str) -> str:
    """Say every digit that is left: "1.234,5", "-3", "10-15", "2 salas"."""
    text = _COMPARED.sub(lambda match: f"{_COMPARISONS[match[1]]} ", text)
    text = _RANGE.sub(_range, text)
    text = _PLUS.sub(" mais ", _OR_MORE.sub(" mais", _MINUS.sub(" menos ", text)))
    text = _NUMBER.sub(_number, text)
    return _ANY_DIGITS.sub(lambda match: f" {label(match[0])} ", text)


def _range(match: re.Match[str]) -> str:
    low, high = match[1], match[2]
    return f"{low} a {high}" if int(low) < int(high) else f"{low}, {high}"


def _number(match: re.Match[str]) -> str:
    whole, fraction = match["whole"].replace(".", ""), match["fraction"]
    gender = gender_of_next(match.string, match.end())
    if fraction is not None:
        point = "vírgula" if match["point"] == "," else "ponto"
        said = decimal(whole, fraction, gender, point=point)
    elif whole.startswith("0") and len(whole) >= _SMALLEST_LABEL_WITH_ZERO:
        said = label(whole)
    elif int(whole) > LARGEST:
        said = digits(whole)
    else:
        said = cardinal(int(whole), gender)
    return f" {said} "
