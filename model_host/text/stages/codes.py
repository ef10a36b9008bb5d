"""Tickets, rooms and other names of letters and digits: "A042" → "á zero quarenta e dois"."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import has_vowel, spelled, unaccented
from model_host.text.portuguese.numbers import cardinal, label
from model_host.text.stages.neighbours import ends_a_phrase, word_before

_PLACES = frozenset(
    """
    ala alas ambulatorio andar anexo apartamento baia balcao bloco blocos box cabine cabines
    cadeira cadeiras caixa casa consultorio consultorios corredor doca enfermaria enfermarias
    estacao guiche guiches laboratorio leito leitos linha lote maca macas mesa mesas numero painel
    pavilhao ponto porta portao portas posto poltrona poltronas predio quadra quarto quartos
    recepcao sala salas setor terminal torre triagem unidade vaga vagas zona
    """.split()
)
_TICKETS = frozenset("codigo codigos ficha fichas senha senhas ticket tickets".split())
_KINDS = frozenset(
    """
    categoria classe equipe fator fila gripe grupo hepatite influenza item letra nivel opcao plano
    serie tipo turma vitamina
    """.split()
)
_NUMBERED = _PLACES | _KINDS
_LABELS = _NUMBERED | _TICKETS
_LISTING = frozenset({"e", "ou", "a"})

_BLOOD = re.compile(r"(?<!\w)(AB|[ABO])\s?([+-])(?!\w)(?!\s*\d)")
_MIXED = re.compile(
    r"(?<![\w.,])(?=\d*-?[A-Za-z])(?=[A-Za-z]*-?\d)"
    r"[A-Za-z]{0,12}-?\d+(?:-?[A-Za-z]+-?\d+)*(?:-?[A-Za-z]{1,3})?(?!\w)"
)
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
    text = _MIXED.sub(lambda match: _runs(match[0]), text)
    text = _LONE_VOWEL.sub(_vowel, text)
    return _NUMBER.sub(_number, text)


def _blood(match: re.Match[str]) -> str:
    return f"{spelled(match[1])} {'positivo' if match[2] == '+' else 'negativo'}"


def _runs(code: str) -> str:
    said: list[str] = []
    for run in _RUN.findall(code):
        if run.isdecimal():
            # Before a letter stands a room's number ("02B"), behind it a ticket's ("B02").
            room = not said and len(run) <= _DIGITS_OF_A_PLACE
            said.append(cardinal(int(run)) if room else label(run))
        else:
            read = len(run) >= _READ_FROM and has_vowel(run)
            said.append(run if read else spelled(run))
    return " ".join(said)


def _vowel(match: re.Match[str]) -> str:
    """Whether a lone A, E or O is a letter or a word; lone consonants are always letters."""
    before = unaccented(word_before(match))
    if before in _LABELS and ends_a_phrase(match):
        return spelled(match[0])
    if match[0].islower():
        return match[0]
    if _DIGIT_BEFORE.search(match.string[: match.start()]) and ends_a_phrase(match):
        return spelled(match[0])
    if match.string.isupper():
        return match[0]
    numbered = _NUMBER_BEHIND.match(match.string, match.end())
    listed = before in _LISTING and ends_a_phrase(match)
    return spelled(match[0]) if numbered or listed or before in _LABELS else match[0]


def _number(match: re.Match[str]) -> str:
    before = unaccented(word_before(match))
    if before in _NUMBERED and len(match[0]) <= _DIGITS_OF_A_PLACE:
        return cardinal(int(match[0]))
    zeros = match[0].startswith("0") and len(match[0]) > 1
    return label(match[0]) if zeros or before in _TICKETS else match[0]
