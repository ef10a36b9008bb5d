"""Times of day and lengths of time: "14h30" → "catorze horas e trinta"."""

from __future__ import annotations

import re

from model_host.text.portuguese.numbers import cardinal

_HOUR = r"(?P<hour>[01]?\d|2[0-4])"
_PERIOD = r"(?P<period>\s+da\s+(?:manhã|tarde|noite|madrugada)\b)?"
_BEFORE, _AFTER = r"(?<![\w.,:/])", r"(?![\w:/]|[.,]\d)"

_CLOCK = re.compile(
    rf"{_BEFORE}{_HOUR}:(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
    rf"(?:\s?(?:h|hs|hrs|horas)\b)?{_AFTER}{_PERIOD}",
    re.IGNORECASE,
)
_WITH_H = re.compile(
    rf"{_BEFORE}(?P<hour>\d{{1,3}})\s?h(?:rs?|s)?\s?(?P<minute>[0-5]?\d)"
    rf"(?P<explicit>\s?m(?:in(?:utos?)?)?)?(?:\s?(?P<second>[0-5]?\d)\s?s(?:eg)?)?{_AFTER}{_PERIOD}",
    re.IGNORECASE,
)
_WHOLE = re.compile(
    rf"{_BEFORE}(?P<hour>\d{{1,3}})\s?(?:h|hs|hrs?|horas?)\b{_AFTER}{_PERIOD}", re.IGNORECASE
)
_WITH_POINT = re.compile(
    rf"{_BEFORE}(?P<hour>[01]\d|2[0-3])\.(?P<minute>[0-5]\d)"
    r"(?:\s?(?:h|hs|hrs|horas)\b|(?![\w%:/]|[.,]\d|\s?(?:%|[a-zμ]{1,4}\b)))"
)
_AT_ONE_OR_TWO = re.compile(r"\b(às\s+)([12]|2[12])(?![\w:/%]|\s?h|[.,]\d)", re.IGNORECASE)
_RANGE = re.compile(r"(?<=[hH\d])\s?-\s?(?=\d{1,2}(?::\d\d|\s?h\b))")


def times(text: str) -> str:
    """Times and durations in hours, minutes and seconds."""
    text = _RANGE.sub(" às ", text)
    text = _AT_ONE_OR_TWO.sub(lambda match: match[1] + cardinal(int(match[2]), "f"), text)
    for pattern in (_WITH_H, _CLOCK, _WHOLE, _WITH_POINT):
        text = pattern.sub(_said, text)
    return text


def _said(match: re.Match[str]) -> str:
    found = match.groupdict()
    period = found.get("period") or ""
    hour = _on_the_dial(int(found["hour"]), period)
    minute, second = int(found.get("minute") or 0), found.get("second")
    said = f"{cardinal(hour, 'f')} {'hora' if hour == 1 else 'horas'}"
    if second:
        said += f" e {_counted(minute, 'minuto')} e {_counted(int(second), 'segundo')}"
    elif minute:
        said += f" e {_counted(minute, 'minuto') if found.get('explicit') else cardinal(minute)}"
    return said + period


def _on_the_dial(hour: int, period: str) -> int:
    """15 "da tarde" is three; 21 "da manhã", which nobody means, stays."""
    afternoon = period.endswith("tarde") and 12 < hour <= 18  # noqa: PLR2004 - o'clock
    evening = period.endswith("noite") and 18 <= hour < 24  # noqa: PLR2004
    return hour - 12 if afternoon or evening else hour


def _counted(number: int, unit: str) -> str:
    return f"{cardinal(number)} {unit}{'' if number == 1 else 's'}"
