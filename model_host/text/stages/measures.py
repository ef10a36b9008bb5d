"""Measures, percentages and how often: "2,5 mg/kg" → "dois vírgula cinco miligramas por quilo"."""

from __future__ import annotations

import re

from model_host.text.portuguese.numbers import Gender, cardinal, decimal
from model_host.text.portuguese.word_lists import words

_UNITS: dict[str, tuple[str, str, Gender]] = {
    "kg": ("quilo", "quilos", "m"),
    "g": ("grama", "gramas", "m"),
    "mg": ("miligrama", "miligramas", "m"),
    "mcg": ("micrograma", "microgramas", "m"),
    "ug": ("micrograma", "microgramas", "m"),
    "ng": ("nanograma", "nanogramas", "m"),
    "t": ("tonelada", "toneladas", "f"),
    "l": ("litro", "litros", "m"),
    "dl": ("decilitro", "decilitros", "m"),
    "ml": ("mililitro", "mililitros", "m"),
    "ul": ("microlitro", "microlitros", "m"),
    "cc": ("centímetro cúbico", "centímetros cúbicos", "m"),
    "km": ("quilômetro", "quilômetros", "m"),
    "m": ("metro", "metros", "m"),
    "cm": ("centímetro", "centímetros", "m"),
    "mm": ("milímetro", "milímetros", "m"),
    "m²": ("metro quadrado", "metros quadrados", "m"),
    "km²": ("quilômetro quadrado", "quilômetros quadrados", "m"),
    "cm²": ("centímetro quadrado", "centímetros quadrados", "m"),
    "m2": ("metro quadrado", "metros quadrados", "m"),
    "km2": ("quilômetro quadrado", "quilômetros quadrados", "m"),
    "cm2": ("centímetro quadrado", "centímetros quadrados", "m"),
    "m3": ("metro cúbico", "metros cúbicos", "m"),
    "cm3": ("centímetro cúbico", "centímetros cúbicos", "m"),
    "mm3": ("milímetro cúbico", "milímetros cúbicos", "m"),
    "m³": ("metro cúbico", "metros cúbicos", "m"),
    "cm³": ("centímetro cúbico", "centímetros cúbicos", "m"),
    "mm³": ("milímetro cúbico", "milímetros cúbicos", "m"),
    "mmhg": ("milímetro de mercúrio", "milímetros de mercúrio", "m"),
    "cmh2o": ("centímetro de água", "centímetros de água", "m"),
    "h": ("hora", "horas", "f"),
    "min": ("minuto", "minutos", "m"),
    "s": ("segundo", "segundos", "m"),
    "seg": ("segundo", "segundos", "m"),
    "ms": ("milissegundo", "milissegundos", "m"),
    "ui": ("unidade internacional", "unidades internacionais", "f"),
    "mui": ("miliunidade internacional", "miliunidades internacionais", "f"),
    "meq": ("miliequivalente", "miliequivalentes", "m"),
    "mmol": ("milimol", "milimols", "m"),
    "mol": ("mol", "mols", "m"),
    "cal": ("caloria", "calorias", "f"),
    "kcal": ("quilocaloria", "quilocalorias", "f"),
    "kj": ("quilojoule", "quilojoules", "m"),
    "bpm": ("batimento por minuto", "batimentos por minuto", "m"),
    "mpm": ("movimento por minuto", "movimentos por minuto", "m"),
    "irpm": ("incursão por minuto", "incursões por minuto", "f"),
    "rpm": ("rotação por minuto", "rotações por minuto", "f"),
    "hz": ("hertz", "hertz", "m"),
    "khz": ("quilohertz", "quilohertz", "m"),
    "mhz": ("megahertz", "megahertz", "m"),
    "w": ("watt", "watts", "m"),
    "kw": ("quilowatt", "quilowatts", "m"),
    "kwh": ("quilowatt hora", "quilowatts hora", "m"),
    "v": ("volt", "volts", "m"),
    "kb": ("quilobyte", "quilobytes", "m"),
    "mb": ("megabyte", "megabytes", "m"),
    "gb": ("gigabyte", "gigabytes", "m"),
    "tb": ("terabyte", "terabytes", "m"),
    "db": ("decibel", "decibéis", "m"),
    "kpa": ("quilopascal", "quilopascais", "m"),
    "ha": ("hectare", "hectares", "m"),
    "gts": ("gota", "gotas", "f"),
    "gt": ("gota", "gotas", "f"),
    "cp": ("comprimido", "comprimidos", "m"),
    "cps": ("comprimido", "comprimidos", "m"),
    "comp": ("comprimido", "comprimidos", "m"),
    "caps": ("cápsula", "cápsulas", "f"),
    "amp": ("ampola", "ampolas", "f"),
    "fr": ("frasco", "frascos", "m"),
    "cx": ("caixa", "caixas", "f"),
    "un": ("unidade", "unidades", "f"),
    "pct": ("pacote", "pacotes", "m"),
    "°c": ("grau celsius", "graus celsius", "m"),
    "°f": ("grau fahrenheit", "graus fahrenheit", "m"),
    "°": ("grau", "graus", "m"),
    "%": ("por cento", "por cento", "m"),
    "x": ("vez", "vezes", "f"),
}
"""By the unit's sign in small letters: one, many, gender."""

_ONLY_SMALL = words("g m s t h")
"""Signs that as a capital are more likely a letter; "L" is a litre."""

_PER = {
    "dia": "por dia", "d": "por dia", "semana": "por semana", "sem": "por semana",
    "mês": "por mês", "mes": "por mês", "ano": "por ano", "dose": "por dose", "campo": "por campo",
    "pessoa": "por pessoa", "paciente": "por paciente", "noite": "por noite",
}  # fmt: skip

_NUMBER = r"(?P<whole>\d{1,3}(?:\.\d{3})+|\d+)(?:(?P<point>[.,])(?P<fraction>\d+))?"
_SIGNS = (
    "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
    .replace("°c", "[°º]\\s?c")
    .replace("°f", "[°º]\\s?f")
)
_SIGN_OF_DENOMINATOR = "|".join(
    sorted([re.escape(s) for s in _UNITS if s.isalpha()] + list(_PER), key=len, reverse=True)
)
_MEASURE = re.compile(
    rf"(?P<minus>(?<![\w.,])-\s?)?(?<![\w.,/]){_NUMBER}\s?(?P<sign>{_SIGNS})"
    rf"(?:\s?/\s?(?P<each>{_SIGN_OF_DENOMINATOR}))?(?![\w/°])(?:\.(?=\s+[a-zà-ÿ]))?"
    rf"(?!(?<=°)\s+(?!d[aeo]s?\b|e\b|ou\b|com\b|n[ao]s?\b|celsius)[a-zà-ÿ]{{2}})",
    re.IGNORECASE,
)
_PRESSURE = re.compile(r"\b(\d{2,3})\s?[xX×/]\s?(\d{1,3})(?=\s?mm\s?hg\b)", re.IGNORECASE)
_PRESSURE_NAMED = re.compile(
    r"\b(p\.?a\.?|press[ãa]o(?:\s+arterial)?)(\W{0,3}(?:de|em|est[áa]|é|=)?\W{0,2})"
    r"(\d{1,3})\s?[xX×/]\s?(\d{1,3})\b",
    re.IGNORECASE,
)
_RANGE = re.compile(rf"(?<=[\d%])\s?-\s?(?=\d+(?:[.,]\d+)?\s?(?:{_SIGNS})(?!\w))", re.IGNORECASE)
_KILOMETRE_STONE = re.compile(r"(?<!\d)(?<!\d )\bkm\s?(?=\d)", re.IGNORECASE)
_HEIGHT = re.compile(r"(?<![\w.,])([1-9]),(\d\d)\s?m(?![\w²³/])(?<!00m)(?<!00 m)")
"""People are "um metro e setenta" tall."""

_EVERY = re.compile(
    r"(?<![\w/.,])(?:de\s+)?(\d{1,2})\s?/\s?\1\s?h(?:oras|rs|s)?\b\.?", re.IGNORECASE
)
_BY = re.compile(r"(?<=\d)\s?[xX×]\s?(?=\d)")
_TIMES_A_DAY = re.compile(
    r"(?<![\w.,])(\d{1,3})\s?[xX×]\s?(?:/\s?|(?:ao|por)\s+)(dia|d|semana|sem|m[êe]s|ano)\b",
    re.IGNORECASE,
)
_OFTEN = {
    "dia": "ao dia",
    "d": "ao dia",
    "semana": "por semana",
    "sem": "por semana",
    "mês": "por mês",
    "mes": "por mês",
    "ano": "por ano",
}


def measures(text: str) -> str:
    """Numbers with a unit, percentages, blood pressure, intervals between doses."""
    text = _PRESSURE.sub(r"\1 por \2", text)
    text = _PRESSURE_NAMED.sub(r"\1\2\3 por \4", text)
    text = _RANGE.sub(" a ", text)
    text = _KILOMETRE_STONE.sub("quilômetro ", text)
    text = _HEIGHT.sub(_height, text)
    text = _EVERY.sub(_every, text)
    text = _TIMES_A_DAY.sub(_often, text)
    text = _BY.sub(" por ", text)
    return _MEASURE.sub(_said, text)


def _said(match: re.Match[str]) -> str:
    sign = match["sign"].replace("º", "°").replace(" ", "")
    if sign not in _UNITS and sign.lower() in _ONLY_SMALL:
        return match[0]
    one, many, gender = _UNITS[sign.lower()]
    whole, fraction = match["whole"], match["fraction"]
    if fraction and match["point"] == "." and len(fraction) == 3:  # noqa: PLR2004 - thousands
        whole, fraction = whole + fraction, None
    value = int(whole.replace(".", ""))
    number = _number(value, fraction, gender, match["point"])
    unit = many if value >= 2 or (value == 0 and not fraction) else one  # noqa: PLR2004
    per = ""
    if each := match["each"]:
        per = " " + (_PER.get(each.lower()) or f"por {_UNITS[each.lower()][0]}")
    return f"{'menos ' if match['minus'] else ''}{number} {unit}{per}"


def _number(value: int, fraction: str | None, gender: Gender, point: str | None) -> str:
    if fraction is None:
        return cardinal(value, gender)
    return decimal(str(value), fraction, gender, point="ponto" if point == "." else "vírgula")


def _height(match: re.Match[str]) -> str:
    metres = int(match[1])
    return f"{cardinal(metres)} {'metro' if metres == 1 else 'metros'} e {cardinal(int(match[2]))}"


def _every(match: re.Match[str]) -> str:
    hours = int(match[1])
    said = cardinal(hours, "f")
    return f"de {said} em {said} {'hora' if hours == 1 else 'horas'}"


def _often(match: re.Match[str]) -> str:
    times = int(match[1])
    return f"{cardinal(times, 'f')} {'vez' if times == 1 else 'vezes'} {_OFTEN[match[2].lower()]}"
