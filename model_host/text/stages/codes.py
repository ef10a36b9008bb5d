"""Tickets, rooms and other names of letters and digits: "A042" → "á zero quarenta e dois"."""

from __future__ import annotations

import re

from model_host.text.portuguese.labels import is_label, is_place, is_ticket
from model_host.text.portuguese.letters import has_vowel, spelled
from model_host.text.portuguese.numbers import cardinal, label
from model_host.text.stages.acronyms import known_acronym
from model_host.text.stages.neighbours import ends_a_phrase, word_after, word_before

_LISTING = frozenset({"e", "ou", "a"})

_BLOOD = re.compile(r"(?<!\w)(AB|[ABO]|R[Hh])\s?\(?([+-])\)?(?!\w)(?!\s*\d)")
_MIXED = re.compile(
    r"(?<![\w.,])(?=\d*-?[A-Za-z])(?=[A-Za-z]*-?\d)"
    r"[A-Za-z]{0,12}-?\d+(?:-?[A-Za-z]+-?\d+)*(?:-?[A-Za-z]{1,3})?(?!\w)"
)
_LETTERS_OF_A_TICKET = re.compile(r"\b[A-Z]{2,3}(?=\s?-?\s?\d)")
_LONE_VOWEL = re.compile(r"(?<![\w'@.-])[AEOaeo](?![\w'@])")
_NUMBER_BEHIND = re.compile(r"\s\d{1,6}\b(?!\s?[ªº°%])")
_DIGIT_BEFORE = re.compile(r"\d\s$")
_NUMBER = re.compile(r"(?<![\w.,:/-])\d+(?![\w:/]|[.,]\d)")
_RUN = re.compile(r"[A-Za-z]+|\d+")
_READ_FROM = 4
"""A run of at least so many letters is read, where it can be."""

_DIGITS_OF_A_PLACE = 4


def codes(text: str) -> str:
    """Letters by their names, digits as labels; a ticket's zeros are said, a room's are not."""
    text = _BLOOD.sub(_blood, text)
    text = _LETTERS_OF_A_TICKET.sub(_letters_of_a_ticket, text)
    text = _MIXED.sub(lambda match: _runs(match[0]), text)
    shouted = text.isupper()
    text = _LONE_VOWEL.sub(lambda match: _vowel(match, shouted=shouted), text)
    return _NUMBER.sub(_number, text)


def _letters_of_a_ticket(match: re.Match[str]) -> str:
    return spelled(match[0]) if is_ticket(word_before(match)) else match[0]


def _blood(match: re.Match[str]) -> str:
    return f"{spelled(match[1])} {'positivo' if match[2] == '+' else 'negativo'}"


def _runs(code: str) -> str:
    said: list[str] = []
    for run in _RUN.findall(code):
        if run.isdecimal():
            # Before a letter stands a room's number ("02B"), behind it a ticket's ("B02").
            room = (not said or is_label(said[-1])) and len(run) <= _DIGITS_OF_A_PLACE
            said.append(cardinal(int(run)) if room else label(run))
        else:
            read = (len(run) >= _READ_FROM and has_vowel(run)) or is_label(run)
            said.append(run if read else known_acronym(run) or spelled(run))
    return " ".join(said)


def _vowel(match: re.Match[str], *, shouted: bool) -> str:
    """Whether a lone A, E or O is a letter or a word; lone consonants are always letters."""
    before, last = word_before(match), ends_a_phrase(match)
    labelled = is_label(before)
    if labelled and last:
        return spelled(match[0])
    if match[0].islower():
        return match[0]
    behind_a_number = _DIGIT_BEFORE.search(match.string[max(0, match.start() - 2) : match.start()])
    if behind_a_number and last:
        return spelled(match[0])
    if shouted:
        return match[0]
    numbered = _NUMBER_BEHIND.match(match.string, match.end())
    listed = before.lower() in _LISTING and last
    return spelled(match[0]) if numbered or listed or labelled else match[0]


def _number(match: re.Match[str]) -> str:
    before, number = word_before(match), match[0]
    if is_place(before) and len(number) <= _DIGITS_OF_A_PLACE:
        return cardinal(int(number))
    if is_ticket(before):
        return label(number)
    if not number.startswith("0") or len(number) == 1:
        return number
    # "05 pessoas" are five; "A 05" is a ticket.
    counted = len(before) != 1 and word_after(match).islower()
    return str(int(number)) if counted and int(number) else label(number)
