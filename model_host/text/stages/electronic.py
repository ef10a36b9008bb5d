"""E-mail addresses, web addresses and handles: read as one reads them to somebody."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import has_vowel, spelled
from model_host.text.portuguese.numbers import digits

_TOP_LEVEL = (
    "com|br|org|net|gov|edu|info|med|app|io|leg|jus|mil|art|blog|dev|online|site|store|tv|me|eu|pt"
)
_DOMAIN = rf"(?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,5}}(?:{_TOP_LEVEL})\b(?!\.[a-z])"
_EMAIL = re.compile(r"[\w.+-]*\w@[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_URL = re.compile(
    rf"\b(?:https?://[^\s,;]*[\w/]|(?:www\.[a-z0-9.-]+[a-z0-9]|{_DOMAIN})(?:/[^\s,;]*[\w/])?)",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<!\w)@(\w[\w.]*\w)")
_TOKEN = re.compile(r"[^\W\d_]+|\d+|://|.")

_READ = {
    "www": "dáblio dáblio dáblio",
    "http": "agá tê tê pê",
    "https": "agá tê tê pê esse",
    "br": "bê erre",
    "gov": "gov",
    "gmail": "gimeil",
    "com": "com",
}
_SAID = {
    ".": "ponto", "@": "arroba", "-": "hífen", "_": "sublinhado", "/": "barra", "+": "mais",
    "://": "dois pontos barra barra", ":": "dois pontos", "?": "interrogação", "=": "igual",
    "&": "e comercial", "#": "cerquilha", "%": "por cento", "~": "til",
}  # fmt: skip


def addresses(text: str) -> str:
    """E-mail and web addresses, word by word; what cannot be read is spelled."""
    if "@" in text:
        text = _EMAIL.sub(lambda match: _read(match[0]), text)
        text = _HANDLE.sub(lambda match: _read(match[0]), text)
    return _URL.sub(lambda match: _read(match[0]), text) if "." in text or "://" in text else text


def _read(address: str) -> str:
    return " ".join(_part(token) for token in _TOKEN.findall(address.lower())).strip()


def _part(token: str) -> str:
    if token in _READ:
        return _READ[token]
    if token.isdecimal():
        return digits(token)
    if token.isalpha():
        return token if has_vowel(token) and len(token) > 1 else spelled(token)
    return _SAID.get(token, "")
