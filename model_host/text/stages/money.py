"""Sums of money: "R$ 12,05" → "doze reais e cinco centavos"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from model_host.text.portuguese.numbers import Gender, cardinal, decimal


@dataclass(frozen=True, slots=True)
class _Currency:
    one: str
    many: str
    gender: Gender = "m"


_REAL = _Currency("real", "reais")
_CURRENCIES = {
    "r$": _REAL,
    "us$": _Currency("dólar", "dólares"),
    "u$": _Currency("dólar", "dólares"),
    "$": _Currency("dólar", "dólares"),
    "€": _Currency("euro", "euros"),
    "£": _Currency("libra", "libras", "f"),
    "¥": _Currency("iene", "ienes"),
}
_LARGE = {
    "mil": ("mil", "mil"), "k": ("mil", "mil"),
    "mi": ("milhão", "milhões"), "milhao": ("milhão", "milhões"), "milhão": ("milhão", "milhões"),
    "milhões": ("milhão", "milhões"), "milhoes": ("milhão", "milhões"),
    "bi": ("bilhão", "bilhões"), "bilhão": ("bilhão", "bilhões"),
    "bilhões": ("bilhão", "bilhões"), "bilhoes": ("bilhão", "bilhões"),
    "tri": ("trilhão", "trilhões"), "trilhão": ("trilhão", "trilhões"),
    "trilhões": ("trilhão", "trilhões"),
}  # fmt: skip
_AMOUNT = r"(?P<whole>\d{1,3}(?:\.\d{3})+|\d+)(?:(?:,(?P<cents>\d+)|\.(?P<pointed>\d\d?))(?!\d))?"
_BEFORE_AMOUNT = re.compile(
    rf"(?P<minus>-\s?)?(?P<sign>R\$|US?\$|[$€£¥])\s?(?P<inner>-\s?)?{_AMOUNT}"
    rf"(?:\s?(?P<large>mil(?:h(?:[ãa]o|[õo]es))?|bi(?:lh(?:ão|[õo]es))?|tri(?:lh(?:ão|ões))?|mi|k)\b)?",
    re.IGNORECASE,
)
_EACH = {"h": "hora", "kg": "quilo", "un": "unidade", "m²": "metro quadrado"}
_FOR_EACH = re.compile(r"\b(rea(?:l|is)|centavos?)\s?/\s?(h|kg|un|m²)(?!\w)", re.IGNORECASE)
_AFTER_AMOUNT = re.compile(
    rf"(?<![\w.,-]){_AMOUNT}\s?(?:(?P<sign>[€£])|(?P<reais>rea(?:is|l))\b)", re.IGNORECASE
)


def money(text: str) -> str:
    """Sums with the sign of a currency, or in reais; "R$ 5,00/h" is a price."""
    text = _BEFORE_AMOUNT.sub(_said, text)
    text = _AFTER_AMOUNT.sub(_said, text)
    return _FOR_EACH.sub(lambda match: f"{match[1]} por {_EACH[match[2].lower()]}", text)


def _said(match: re.Match[str]) -> str:
    found = match.groupdict()
    currency = _CURRENCIES[(found["sign"] or "r$").lower()]
    whole = int(found["whole"].replace(".", ""))
    cents = found["cents"] or found["pointed"] or ""
    minus = "menos " if found.get("minus") or found.get("inner") else ""
    if found.get("large"):
        return minus + _large(whole, cents, found["large"].lower(), currency)
    if len(cents) > 2:  # noqa: PLR2004 - no coins are that small
        return f"{minus}{decimal(str(whole), cents, currency.gender)} {currency.many}"
    return minus + _in_coins(whole, int(cents.ljust(2, "0")) if cents else 0, currency)


def _in_coins(whole: int, cents: int, currency: _Currency) -> str:
    parts = []
    if whole or not cents:
        of = " de" if whole and whole % 1_000_000 == 0 else ""
        name = currency.one if whole == 1 else currency.many
        parts.append(f"{cardinal(whole, currency.gender)}{of} {name}")
    if cents:
        parts.append(f"{cardinal(cents)} centavo{'' if cents == 1 else 's'}")
    return " e ".join(parts)


def _large(whole: int, fraction: str, scale: str, currency: _Currency) -> str:
    one, many = _LARGE[scale]
    number = (
        decimal(str(whole), fraction) if fraction
        else "" if (whole, one) == (1, "mil") else cardinal(whole)
    )  # fmt: skip
    of = "" if one == "mil" else " de"
    return f"{number} {one if whole <= 1 else many}{of} {currency.many}".strip()
