"""Numbers in words, as Brazilians say them.

Grammar: Celso Cunha and Lindley Cintra, "Nova Gramática do Português Contemporâneo", ch. 12; the
conjunction "e" stands between hundreds, tens and units, and before the last group of three digits
where that is below a hundred or a multiple of it.
"""

from __future__ import annotations

from typing import Literal

Gender = Literal["m", "f"]

LARGEST = 10**15 - 1
"""Beyond it, numbers are said digit by digit."""

_UNITS = (
    "zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez",
    "onze", "doze", "treze", "catorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove",
)  # fmt: skip
_TENS = (
    "", "", "vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta",
    "noventa",
)  # fmt: skip
_HUNDREDS = (
    "", "cento", "duzentos", "trezentos", "quatrocentos", "quinhentos", "seiscentos",
    "setecentos", "oitocentos", "novecentos",
)  # fmt: skip
_SCALES = (
    ("", ""), ("mil", "mil"), ("milhão", "milhões"), ("bilhão", "bilhões"),
    ("trilhão", "trilhões"),
)  # fmt: skip
_FEMININE_UNITS = {1: "uma", 2: "duas"}

_ORDINAL_UNITS = (
    "", "primeiro", "segundo", "terceiro", "quarto", "quinto", "sexto", "sétimo", "oitavo", "nono",
)  # fmt: skip
_ORDINAL_TENS = (
    "", "décimo", "vigésimo", "trigésimo", "quadragésimo", "quinquagésimo", "sexagésimo",
    "septuagésimo", "octogésimo", "nonagésimo",
)  # fmt: skip
_ORDINAL_HUNDREDS = (
    "", "centésimo", "ducentésimo", "trecentésimo", "quadringentésimo", "quingentésimo",
    "sexcentésimo", "septingentésimo", "octingentésimo", "noningentésimo",
)  # fmt: skip
_LARGEST_ORDINAL = 999_999


def cardinal(number: int, gender: Gender = "m") -> str:
    """Say how many: 1 234 → "mil duzentos e trinta e quatro".

    Args:
        number: any; beyond `LARGEST` it is said digit by digit.
        gender: of what is counted; "duas", "duzentas".
    """
    if number < 0:
        return f"menos {cardinal(-number, gender)}"
    if number > LARGEST:
        return digits(str(number))
    if number == 0:
        return _UNITS[0]
    groups = _groups_of_three(number)
    said = [
        (value, _scaled(value, scale, gender))
        for scale, value in reversed(list(enumerate(groups)))
        if value
    ]
    words = said[0][1]
    for position, (value, group) in enumerate(said[1:], start=2):
        joined = position == len(said) and (value < 100 or value % 100 == 0)  # noqa: PLR2004 - a hundred
        words += f" e {group}" if joined else f" {group}"
    return words


def ordinal(number: int, gender: Gender = "m", *, plural: bool = False) -> str:
    """Say which one: 21 → "vigésimo primeiro"; beyond 999 999 as a cardinal.

    Args:
        number: 1 or more; 0 has no ordinal and is said as a cardinal.
        gender: of what is counted; "primeira".
        plural: "primeiros".
    """
    if not 0 < number <= _LARGEST_ORDINAL:
        return cardinal(number, gender)
    thousands, rest = divmod(number, 1000)
    words = []
    if thousands:
        words += [] if thousands == 1 else [_ordinal_below_1000(thousands)]
        words.append("milésimo")
    if rest:
        words.append(_ordinal_below_1000(rest))
    ending = ("a" if gender == "f" else "o") + ("s" if plural else "")
    return " ".join(word[:-1] + ending for word in " ".join(words).split())


def digits(text: str, *, six_as_meia: bool = False) -> str:
    """Say each digit: "042" → "zero quatro dois"; what is no digit is left out.

    Args:
        text: ASCII.
        six_as_meia: "meia" (half a dozen), as Brazilians tell six from three on the telephone.
    """
    six = "meia" if six_as_meia else _UNITS[6]
    return " ".join(
        six if digit == "6" else _UNITS[int(digit)] for digit in text if digit in "0123456789"
    )


def label(text: str) -> str:
    """Say a number that names something: "042" → "zero quarenta e dois".

    Zeros in front are said, since the patient sees them on the ticket; more than four digits are
    said one by one.

    Args:
        text: ASCII digits.
    """
    if len(text) > 4:  # noqa: PLR2004 - of digits
        return digits(text)
    rest = text.lstrip("0")
    zeros = ["zero"] * (len(text) - len(rest))
    return " ".join([*zeros, cardinal(int(rest))] if rest else zeros)


def decimal(whole: str, fraction: str, gender: Gender = "m", *, point: str = "vírgula") -> str:
    """Say a decimal, the digits behind the comma one by one: "três vírgula um quatro".

    Args:
        whole: ASCII digits before the comma.
        fraction: ASCII digits behind it.
        gender: of the unit.
        point: what the comma is called.
    """
    return f"{cardinal(int(whole), gender)} {point} {digits(fraction)}"


def fraction(numerator: int, denominator: int) -> str:
    """Say a fraction: 2/3 → "dois terços", 3/11 → "três onze avos"."""
    many = numerator != 1
    if denominator == 2:  # noqa: PLR2004 - a half has a name of its own
        named = "meio"
    elif denominator == 3:  # noqa: PLR2004
        named = "terço"
    elif denominator <= 10 or denominator in {100, 1000}:  # noqa: PLR2004
        named = ordinal(denominator)
    else:
        return f"{cardinal(numerator)} {cardinal(denominator)} avos"
    return f"{cardinal(numerator)} {named}{'s' if many else ''}"


def _groups_of_three(number: int) -> list[int]:
    """The lowest group first."""
    groups = []
    while number:
        number, group = divmod(number, 1000)
        groups.append(group)
    return groups


def _scaled(value: int, scale: int, gender: Gender) -> str:
    if scale == 0:
        return _below_1000(value, gender)
    if scale == 1:
        return "mil" if value == 1 else f"{_below_1000(value, gender)} mil"
    # "Milhão" and its like are nouns of their own, and masculine.
    return f"{_below_1000(value, 'm')} {_SCALES[scale][value != 1]}"


def _below_1000(value: int, gender: Gender) -> str:
    hundreds, rest = divmod(value, 100)
    if value == 100:  # noqa: PLR2004 - alone it has a form of its own
        return "cem"
    parts = []
    if hundreds:
        word = _HUNDREDS[hundreds]
        parts.append(word[:-2] + "as" if gender == "f" and hundreds > 1 else word)
    if rest:
        parts.append(_below_100(rest, gender))
    return " e ".join(parts)


def _below_100(value: int, gender: Gender) -> str:
    if value < len(_UNITS):
        return _unit(value, gender)
    tens, unit = divmod(value, 10)
    return f"{_TENS[tens]} e {_unit(unit, gender)}" if unit else _TENS[tens]


def _unit(value: int, gender: Gender) -> str:
    return _FEMININE_UNITS.get(value, _UNITS[value]) if gender == "f" else _UNITS[value]


def _ordinal_below_1000(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    tens, unit = divmod(rest, 10)
    parts = (_ORDINAL_HUNDREDS[hundreds], _ORDINAL_TENS[tens], _ORDINAL_UNITS[unit])
    return " ".join(part for part in parts if part)
