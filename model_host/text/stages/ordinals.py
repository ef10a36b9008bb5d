"""Ordinals and fractions: "1ª" → "primeira", "2/3" → "dois terços"."""

from __future__ import annotations

import re

from model_host.text.portuguese.labels import is_label
from model_host.text.portuguese.nouns import gender_of, gender_of_next
from model_host.text.portuguese.numbers import cardinal, fraction, ordinal
from model_host.text.portuguese.word_lists import words
from model_host.text.stages.neighbours import word_before

_SIGNED = re.compile(
    r"(?<![\w.,])(\d{1,3}\.\d{3}|\d{1,6})\s?\.?([ºª°])(s)?(?![\w°])(?!\s?[cf]\b)(?:\.(?=\s+[a-zà-ÿ]))?",
    re.IGNORECASE,
)
_TYPED = re.compile(r"(?<![\w.,])(\d{1,3})([oa])(s)?(?=\s+([^\W\d_]{3,}))")
_NO_NOUN = words("para pela pelo com que sem sob por das dos nas nos aguarda chama")

_MIXED = re.compile(
    r"(?<![\w.,/])(\d{1,4}) (\d{1,2})/(\d{1,3})(?![\w/.-]|,\d)(?:\s+(?P<noun>[^\W\d_]{3,}))?"
)
_DIGITS_OF_A_NUMBER = 3
_DIGITS_OF_A_YEAR = 4
_FRACTION = re.compile(r"(?<![\w.,/])(\d{1,7})/(\d{1,7})(?![\w/]|[.,-]\d)")
_HALF_OF = re.compile(r"\s+(?:de\s+)?([^\W\d_]{3,})")


def ordinals(text: str) -> str:
    """Say "1º", "2.ª", "3°", and "1o" or "1a" where a noun follows."""
    text = _SIGNED.sub(_signed, text)
    return _TYPED.sub(_typed, text)


def fractions(text: str) -> str:
    """Say "1/2", "1 1/2"; a half takes the gender of what it is a half of."""
    text = _MIXED.sub(_mixed, text)
    return _FRACTION.sub(_fraction, text)


def _signed(match: re.Match[str]) -> str:
    return ordinal(
        int(match[1].replace(".", "")), "f" if match[2] == "ª" else "m", plural=bool(match[3])
    )


def _typed(match: re.Match[str]) -> str:
    """A room may be "1a", too: only what is followed by a feminine noun is "primeira"."""
    feminine = match[2] == "a"
    noun = match[4].lower()
    if noun in _NO_NOUN or (feminine and gender_of(noun) != "f"):
        return match[0]
    return ordinal(int(match[1]), "f" if feminine else "m", plural=bool(match[3]))


def _mixed(match: re.Match[str]) -> str:
    whole, numerator, denominator = (int(part) for part in match.groups()[:3])
    noun = match["noun"] or ""
    if not 0 < numerator < denominator:
        return match[0]
    gender = gender_of(noun) if noun else "m"
    if (numerator, denominator) == (1, 2) and noun:
        counted = f"{cardinal(whole, gender)} {noun}"
        return f"{counted} e {'meia' if gender == 'f' else 'meio'}"
    return f"{cardinal(whole, gender)} e {fraction(numerator, denominator)} {noun}".strip()


def _fraction(match: re.Match[str]) -> str:
    numerator, denominator = int(match[1]), int(match[2])
    if denominator < 2 or numerator == 0 or match[1].startswith("0") or match[2].startswith("0"):  # noqa: PLR2004
        return f"{match[1]} barra {match[2]}"
    if (numerator, denominator) == (24, 7):
        return "24 por 7"
    alike = len(match[1]) == len(match[2]) >= _DIGITS_OF_A_NUMBER
    if is_label(word_before(match)) or (alike and len(match[1]) < _DIGITS_OF_A_YEAR):
        return f"{match[1]} barra {match[2]}"
    if len(match[1]) == len(match[2]) == _DIGITS_OF_A_YEAR:
        return f"{match[1]}, {match[2]}"
    return _half(numerator, denominator, match) or fraction(numerator, denominator)


def _half(numerator: int, denominator: int, match: re.Match[str]) -> str:
    """Say "meio" or "meia" where a noun follows one half; else nothing."""
    if (numerator, denominator) != (1, 2) or not _HALF_OF.match(match.string, match.end()):
        return ""
    return "meia" if gender_of_next(match.string, match.end()) == "f" else "meio"
