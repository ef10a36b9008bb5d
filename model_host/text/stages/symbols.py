"""Signs that are said; all others are dropped by the last stage."""

from __future__ import annotations

import re

_BETWEEN = {
    "&": "e", "+": "mais", "=": "igual a", "×": "vezes", "*": "vezes", "÷": "dividido por",
    "±": "mais ou menos", "<": "menor que", ">": "maior que", "≤": "menor ou igual a",
    "≥": "maior ou igual a", "≠": "diferente de", "≈": "aproximadamente", "^": "elevado a",
}  # fmt: skip
"""Said only between two words."""

_ANYWHERE = {
    "@": "arroba", "%": "por cento", "#": "cerquilha", "°": "graus", "²": "ao quadrado",
    "³": "ao cubo", "§": "parágrafo", "£": "libras", "€": "euros", "¥": "ienes", "$": "cifrão",
}  # fmt: skip
_INFIX = re.compile(rf"(?<=[\w%°²³)])\s*([{re.escape(''.join(_BETWEEN))}])\s*(?=[\w(-])")
_ALONE = re.compile(f"[{re.escape(''.join(_ANYWHERE))}]")
_SLASH_OF_WORDS = re.compile(r"(?<=[^\W\d_])\s?/\s?(?=[^\W\d_])")
_PER = re.compile(
    r"(?<=\w)\s?/\s?(?=(?:dia|semana|m[êe]s|ano|hora|minuto|pessoa|paciente|noite|sess[ãa]o|dose)\b)",
    re.IGNORECASE,
)
_SLASH = re.compile(r"(?<=\w)\s?[/\\]\s?(?=\w)")


def symbols(text: str) -> str:
    """Say signs: "A & B" → "A e B", "sala/andar" → "sala, andar"."""
    text = _PER.sub(" por ", text.replace(">=", "≥").replace("<=", "≤"))
    text = _INFIX.sub(lambda match: f" {_BETWEEN[match[1]]} ", text)
    text = _ALONE.sub(lambda match: f" {_ANYWHERE[match[0]]} ", text)
    text = _SLASH_OF_WORDS.sub(", ", text)
    return _SLASH.sub(" barra ", text)
