"""The last stages: nothing but words, and few marks, well placed, between them."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import LETTERS, has_vowel, portuguese, spelled

_EITHER_FORM = re.compile(r"(?<=[^\W\d_])\((?:a|s|as|os|es)\)", re.IGNORECASE)
"""Forms say "Prezado(a) paciente(s)"; who reads it aloud chooses one."""

_PAUSE = re.compile(r"[;:()\[\]{}|]|(?<=\s)-+(?=\s)|--+")
_JOINED = re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+")
_PORTUGUESE = re.compile(f"[{LETTERS}]+")
_PART = re.compile(r"[^\W\d_]+|[,.?!]+")
_SPELLED_ALONE = frozenset("y")
_STRENGTH = {",": 0, ".": 1, "!": 2, "?": 3}


def pauses(text: str) -> str:
    """Brackets, colons and dashes become commas; an apostrophe joins ("D'Ávila" → "DÁvila")."""
    return _PAUSE.sub(", ", _JOINED.sub("", _EITHER_FORM.sub("", text)))


def lower_case_words(text: str) -> str:
    """Every word in small Portuguese letters; one without a vowel is spelled."""
    return _WORD.sub(lambda match: _word(match[0]), text)


def words_and_marks(text: str) -> str:
    """Drop everything but words and `, . ? !`; of several marks in a row the strongest stays."""
    said: list[str] = []
    mark = ""
    for part in _PART.findall(text):
        if part[0] in _STRENGTH:
            mark = max([*part, *mark], key=_STRENGTH.__getitem__)
            continue
        word = "".join(char for char in part if char in LETTERS)
        if not word:
            continue
        if said:
            said[-1] += mark
        said.append(word)
        mark = ""
    if said and mark != ",":
        said[-1] += mark
    return " ".join(said)


def _word(word: str) -> str:
    written = word.lower()
    if not _PORTUGUESE.fullmatch(written):
        written = portuguese(word)
    return written if has_vowel(written) and written not in _SPELLED_ALONE else spelled(written)
