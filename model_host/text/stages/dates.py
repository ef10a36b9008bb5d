"""Dates: "01/05/2024" → "primeiro de maio de dois mil e vinte e quatro"."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import unaccented
from model_host.text.portuguese.numbers import cardinal

_MONTHS = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
    "outubro", "novembro", "dezembro",
)  # fmt: skip
_NUMBER_OF = {unaccented(month): number for number, month in enumerate(_MONTHS, start=1)}
_NUMBER_OF |= {unaccented(month)[:3]: number for number, month in enumerate(_MONTHS, start=1)}
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CENTURY_FROM = 30
"""Years of two digits below this are of this century."""

_NAMED = "|".join(_MONTHS)
_SHORT = "|".join(month[:3] for month in _MONTHS)
_BEFORE, _AFTER = r"(?<![\w/.,-])", r"(?![\w/-]|[.,]\d)"

_DAY_FIRST = re.compile(
    rf"{_BEFORE}(?P<first>\d{{1,2}})(?P<sep>[/.-])(?P<second>\d{{1,2}})(?P=sep)(?P<year>\d{{4}}|\d{{2}}){_AFTER}"
)
_YEAR_FIRST = re.compile(
    rf"{_BEFORE}(?P<year>\d{{4}})(?P<sep>[/.-])(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}}){_AFTER}"
)
_NAMED_MONTH = re.compile(
    rf"{_BEFORE}(?P<day>\d{{1,2}})(?:[º°]|o\b)?(?:\s+de\s+|\s+|[/.-])(?:"
    rf"(?P<month>{_NAMED})|(?:(?<=[/.-])|(?<=\bde\s)|(?=\w{{3}}\.?\s+(?:de\s+)?\d{{4}}))(?P<short>{_SHORT})\b\.?)(?!\w)"
    rf"(?:\.?(?:\s+de\s+|[/.-]|,?\s+)(?P<year>\d{{4}}|(?<=[/-])\d{{2}}))?{_AFTER}",
    re.IGNORECASE,
)
_MONTH_AND_YEAR = re.compile(rf"{_BEFORE}(?P<month>0[1-9]|1[0-2])/(?P<year>(?:19|20)\d\d){_AFTER}")
_DAY_AND_MONTH = re.compile(rf"{_BEFORE}(?P<day>[0-3]\d)/(?P<month>0[1-9]|1[0-2]){_AFTER}(?!\s?h)")
_DAY_AND_MONTH_NAMED = re.compile(
    rf"\b(?P<lead>(?:dias?|datas?|em|at[ée]|desde|ontem|hoje|amanhã|feira|s[áa]bado|domingo),?\s+"
    rf"(?:\(\s*)?)(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}}){_AFTER}",
    re.IGNORECASE,
)
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d)T(?=\d\d:\d\d)")
_NAMED_AND_YEAR = re.compile(rf"\b({_NAMED}|{_SHORT})/(\d{{4}}){_AFTER}", re.IGNORECASE)
_WEEKDAYS = {
    "seg": "segunda", "ter": "terça", "qua": "quarta", "qui": "quinta",
    "sex": "sexta", "sab": "sábado", "dom": "domingo",
}  # fmt: skip
_SHORT_WEEKDAY = r"seg|ter|qua|qui|sex|s[áa]b|dom"
_WEEKDAY_RANGE = re.compile(
    rf"\b({_SHORT_WEEKDAY})\.?(\s+(?:a|à|e|até)\s+)({_SHORT_WEEKDAY})\b\.?", re.IGNORECASE
)
_NUMBERED_WEEKDAY = re.compile(r"(?<!\w)([2-6])[ªa]s?[\s-]?f(?:eiras?)?\b\.?", re.IGNORECASE)
_NUMBERED_WEEKDAYS = {"2": "segunda", "3": "terça", "4": "quarta", "5": "quinta", "6": "sexta"}
_WEEKDAY = re.compile(
    r"\b(seg|ter|qua|qui|sex|s[áa]b|dom)\.,?\s+(?=\d{1,2}(?:[/.-]\d|[º°]?\s+de\s))", re.IGNORECASE
)
_DAY_ONE = re.compile(r"\b(?P<lead>dia)\s+0?1(?![\w/]|[.,:]\d|[º°])", re.IGNORECASE)


def dates(text: str) -> str:
    """Dates with digits or named months; what is no possible date is left as it is."""
    text = _weekdays(_TIMESTAMP.sub(r"\1 às ", text))
    if "/" in text:
        text = _NAMED_AND_YEAR.sub(
            lambda match: f"{_MONTHS[_month(match[1]) - 1]} de {match[2]}", text
        )
    text = _YEAR_FIRST.sub(_said, text)
    text = _DAY_FIRST.sub(_day_first, text)
    text = _NAMED_MONTH.sub(_said, text)
    if "/" in text:
        text = _without_year_or_day(text)
    return _DAY_ONE.sub(r"\g<lead> primeiro", text)


def _weekdays(text: str) -> str:
    text = _WEEKDAY.sub(lambda match: _day_of_the_week(match[1]), text)
    text = _WEEKDAY_RANGE.sub(
        lambda match: _weekday(match[1]) + match[2] + _weekday(match[3]), text
    )
    return _NUMBERED_WEEKDAY.sub(lambda match: f"{_NUMBERED_WEEKDAYS[match[1]]} feira", text)


def _without_year_or_day(text: str) -> str:
    text = _MONTH_AND_YEAR.sub(
        lambda match: f"{_MONTHS[int(match['month']) - 1]} de {cardinal(int(match['year']))}", text
    )
    text = _DAY_AND_MONTH_NAMED.sub(_said, text)
    return _DAY_AND_MONTH.sub(_said, text)


def _day_of_the_week(short: str) -> str:
    named = _weekday(short)
    return f"{named} feira, " if named in _NUMBERED_WEEKDAYS.values() else f"{named}, "


def _weekday(short: str) -> str:
    return _WEEKDAYS[unaccented(short)]


def _month(named: str) -> int:
    return int(named) if named.isdecimal() else _NUMBER_OF[unaccented(named)]


def _day_first(match: re.Match[str]) -> str:
    first, second = int(match["first"]), int(match["second"])
    for day, month in ((first, second), (second, first)):
        if _possible(day, month):
            return _date(day, month, match["year"])
    return match[0]


def _said(match: re.Match[str]) -> str:
    found = match.groupdict()
    named = found.get("short") or found["month"]
    month, day = _month(named), int(found["day"])
    if not _possible(day, month):
        return match[0]
    return (found.get("lead") or "") + _date(day, month, found.get("year"))


def _possible(day: int, month: int) -> bool:
    return 1 <= month <= len(_MONTHS) and 1 <= day <= _DAYS[month - 1]


def _date(day: int, month: int, year: str | None) -> str:
    said = f"{'primeiro' if day == 1 else cardinal(day)} de {_MONTHS[month - 1]}"
    return f"{said} de {cardinal(_whole_year(year))}" if year else said


def _whole_year(year: str) -> int:
    if len(year) == 4:  # noqa: PLR2004 - digits
        return int(year)
    return int(year) + (2000 if int(year) < _CENTURY_FROM else 1900)
