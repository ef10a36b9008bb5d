"""Names of people: initials, and letters that stand alone."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import spelled

_INITIAL = re.compile(
    r"(?:(?<=^)|(?<=[^\W\d_] )|(?<=\b[A-Z]\. )|(?<=[,:] ))([A-Z])\."
    r"(?=\s+(?:[A-ZÀ-Ý]|d[aeo]s?\b))"
)
_LONE_IN_A_NAME = re.compile(r"\b(?:([ABCDF-Z])\b\.?|(E)\.)(?!['’])")


def initials(text: str) -> str:
    """Spell initials, "João B. Souza" → "João bê Souza"; their full stop ends no sentence."""
    return _INITIAL.sub(lambda match: spelled(match[1]), text)


def letters_of_a_name(text: str) -> str:
    """In a name every lone letter is an initial, but "e", which joins two surnames."""
    return initials(_LONE_IN_A_NAME.sub(lambda match: spelled(match[0]), text))
