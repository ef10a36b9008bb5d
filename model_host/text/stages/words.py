"""The last stages: nothing but words, and few marks, well placed, between them."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import LETTERS, portuguese, spelled

_EITHER_FORM = re.compile(r"(?<=[^\W\d_])\((?:a|s|as|os|es)\)", re.IGNORECASE)
"""Forms say "Prezado(a) paciente(s)"; who reads it aloud chooses one."""

_PAUSE = re.compile(r"[;:()\[\]{}|]|(?<=\s)-+(?=\s)|--+")
_JOINED = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+")
_FOREIGN_LETTER = re.compile(rf"[^{LETTERS}\W\d_]")
_UNREADABLE_WORD = re.compile(r"(?<![^\W\d_])(?:[bcçdfghjklmnpqrstvwxz]+|y)(?![^\W\d_])")
_UNSAID = re.compile(rf"[^{LETTERS},.?!]+")
_MARKS = re.compile(r" ?[,.?!][,.?! ]*")
_STRENGTH = {",": 0, ".": 1, "!": 2, "?": 3}


def pauses(text: str) -> str:
    """Brackets, colons and dashes become commas; an apostrophe joins ("D'Ávila" → "DÁvila")."""
    return _PAUSE.sub(", ", _JOINED.sub("", _EITHER_FORM.sub("", text)))


def lower_case_words(text: str) -> str:
    """Every word in small Portuguese letters; one without a vowel, and a lone "y", is spelled."""
    text = text.lower()
    if _FOREIGN_LETTER.search(text):
        text = _WORD.sub(lambda match: portuguese(match[0]), text)
    return _UNREADABLE_WORD.sub(lambda match: spelled(match[0]), text)


def words_and_marks(text: str) -> str:
    """Drop everything but words and `, . ? !`; of several marks in a row the strongest stays."""
    text = _MARKS.sub(_strongest, _UNSAID.sub(" ", text))
    return text.lstrip(" ,.?!").rstrip(" ,")


def _strongest(match: re.Match[str]) -> str:
    marks = match[0].replace(" ", "")
    return f"{max(marks, key=_STRENGTH.__getitem__)} "
