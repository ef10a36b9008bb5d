"""Tickets, rooms and other names of letters and digits: "A042" → "á zero quarenta e dois"."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import has_vowel, spelled, unaccented
from model_host.text.portuguese.numbers import cardinal, label
from model_host.text.portuguese.word_lists import words
from model_host.text.stages.neighbours import ends_a_phrase, word_before

_PLACES = words(
    """
    ala ambulatorio andar anexo apartamento avenida baia balcao bloco box cabine cadeira caixa casa
    consultorio corredor doca enfermaria estacao guiche laboratorio leito linha lote maca mesa
    numero painel pavilhao ponto porta portao posto poltrona predio quadra quarto recepcao rua sala
    setor terminal torre travessa triagem unidade vaga zona
    """
)
_TICKETS = words("codigo ficha senha ticket")
_KINDS = words(
    """
    categoria classe equipe fator fila gripe grupo hepatite influenza item letra nivel opcao
    plano serie tipo turma vitamina
    """
)
_SPECIALTIES = ("logia", "iatria", "terapia", "metria", "grafia")
"""A department may have several: "Pediatria A", "Ginecologia II"."""

_NUMBERED = _PLACES | _KINDS
_LABELS = _NUMBERED | _TICKETS
_LISTING = words("e ou a")

_BLOOD = re.compile(r"(?<!\w)(AB|[ABO])\s?([+-])(?!\w)(?!\s*\d)")
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
    text = _LONE_VOWEL.sub(_vowel, text)
    return _NUMBER.sub(_number, text)


def _letters_of_a_ticket(match: re.Match[str]) -> str:
    return spelled(match[0]) if _named(word_before(match)) in _TICKETS else match[0]


def _named(word: str) -> str:
    """A word as the tables have it: without accents, in the singular."""
    plain = unaccented(word)
    forms = (plain, plain.removesuffix("s"), plain.removesuffix("es"))
    return next((form for form in forms if form in _LABELS), plain)


def _is_label(word: str) -> bool:
    named = _named(word)
    return named in _LABELS or named.endswith(_SPECIALTIES)


def _blood(match: re.Match[str]) -> str:
    return f"{spelled(match[1])} {'positivo' if match[2] == '+' else 'negativo'}"


def _runs(code: str) -> str:
    said: list[str] = []
    for run in _RUN.findall(code):
        if run.isdecimal():
            # Before a letter stands a room's number ("02B"), behind it a ticket's ("B02").
            room = (not said or _is_label(said[-1])) and len(run) <= _DIGITS_OF_A_PLACE
            said.append(cardinal(int(run)) if room else label(run))
        else:
            read = (len(run) >= _READ_FROM and has_vowel(run)) or _is_label(run)
            said.append(run if read else spelled(run))
    return " ".join(said)


def _vowel(match: re.Match[str]) -> str:
    """Whether a lone A, E or O is a letter or a word; lone consonants are always letters."""
    before = word_before(match)
    if _is_label(before) and ends_a_phrase(match):
        return spelled(match[0])
    if match[0].islower():
        return match[0]
    if _DIGIT_BEFORE.search(match.string[: match.start()]) and ends_a_phrase(match):
        return spelled(match[0])
    if match.string.isupper():
        return match[0]
    numbered = _NUMBER_BEHIND.match(match.string, match.end())
    listed = before.lower() in _LISTING and ends_a_phrase(match)
    return spelled(match[0]) if numbered or listed or _is_label(before) else match[0]


def _number(match: re.Match[str]) -> str:
    before = _named(word_before(match))
    if before in _NUMBERED and len(match[0]) <= _DIGITS_OF_A_PLACE:
        return cardinal(int(match[0]))
    zeros = match[0].startswith("0") and len(match[0]) > 1
    return label(match[0]) if zeros or before in _TICKETS else match[0]
