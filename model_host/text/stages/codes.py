"""Tickets, rooms and other names of letters and digits: "A042" → "á zero quarenta e dois"."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import has_vowel, spelled
from model_host.text.portuguese.numbers import cardinal, label

_PLACES = (
    "salas?|consult[óo]rios?|guich[êe]s?|box|leitos?|quartos?|blocos?|alas?|setor|enfermarias?|"
    "cabines?|balc[ãa]o|mesas?|portas?|port[ãa]o|apartamento|torre|quadra|lote|casa|anexo|"
    "pavilh[ãa]o|corredor|unidade|posto|esta[çc][ãa]o|painel|poltronas?|cadeiras?|macas?|vagas?|"
    "doca|ponto|zona|andar|pr[ée]dio|caixa|terminal|triagem|recep[çc][ãa]o|ambulat[óo]rio|"
    "laborat[óo]rio|n[úu]mero|linha|baia"
)
_TICKETS = "senhas?|tickets?|fichas?|c[óo]digos?"
_KINDS = (
    "turma|grupo|tipo|classe|letra|hepatite|vitamina|op[çc][ãa]o|item|fila|equipe|categoria|"
    "n[íi]vel|fator|influenza|gripe|plano|s[ée]rie"
)
_LABELS = f"{_PLACES}|{_TICKETS}|{_KINDS}"

_BLOOD = re.compile(r"(?<!\w)(AB|[ABO])\s?([+-])(?!\w)(?!\s*\d)")
_MIXED = re.compile(
    r"(?<![\w.,])(?=[A-Za-z-]*\d)(?=\d*-?[A-Za-z])[A-Za-z]{0,12}-?\d+(?:-?[A-Za-z]+-?\d+)*-?[A-Za-z]{0,3}(?!\w)"
)
_AFTER_LABEL = re.compile(rf"\b((?i:{_LABELS})\s+(?:n[úu]mero\s+)?)([A-Za-z])\b(?!['’])")
_AFTER_NUMBER = re.compile(r"(?<=\d )([B-DF-NP-Z])\b(?!['.])")
_LISTED = re.compile(r"(?<=[\wáéó] )(e|ou|a) ([A-Z])\b(?![.'])(?! [a-zà-ÿ])")
_LETTER_AND_NUMBER = re.compile(r"(?<![\w'])([A-Z])(?:\s|-)(?=\d{1,6}\b)(?!\d+\s?[ªº°%])")
_TICKET_NUMBER = re.compile(rf"\b((?i:{_TICKETS})\s+(?:[a-zà-ÿ]{{1,8}}\s+)?)(\d+)(?![\w:/]|[.,]\d)")
_PLACE_NUMBER = re.compile(rf"\b((?i:{_PLACES}|{_KINDS})\s+)0*(\d{{1,4}})(?![\w:/]|[.,]\d)")
_ZEROS_IN_FRONT = re.compile(r"(?<![\w.,:/-])(0\d+)(?![\w:/]|[.,]\d)")
_RUN = re.compile(r"[A-Za-z]+|\d+")
_READ_FROM = 4
"""A run of at least so many letters is read, where it can be."""


def codes(text: str) -> str:
    """Letters by their names, digits as labels; a ticket's zeros are said, a room's are not."""
    text = _BLOOD.sub(_blood, text)
    text = _AFTER_LABEL.sub(lambda match: match[1] + spelled(match[2]), text)
    text = _LISTED.sub(lambda match: f"{match[1]} {spelled(match[2])}", text)
    text = _AFTER_NUMBER.sub(lambda match: spelled(match[1]), text)
    text = _MIXED.sub(lambda match: _runs(match[0]), text)
    text = _LETTER_AND_NUMBER.sub(lambda match: f"{spelled(match[1])} ", text)
    text = _TICKET_NUMBER.sub(lambda match: match[1] + label(match[2]), text)
    text = _PLACE_NUMBER.sub(lambda match: match[1] + cardinal(int(match[2])), text)
    return _ZEROS_IN_FRONT.sub(lambda match: label(match[1]), text)


def _blood(match: re.Match[str]) -> str:
    return f"{spelled(match[1])} {'positivo' if match[2] == '+' else 'negativo'}"


def _runs(code: str) -> str:
    said = []
    for run in _RUN.findall(code):
        if run.isdecimal():
            said.append(_number(run, leads=not said))
        elif len(run) >= _READ_FROM and has_vowel(run):
            said.append(run)
        else:
            said.append(spelled(run))
    return " ".join(said)


def _number(run: str, *, leads: bool) -> str:
    """A number before a letter is a room's ("02B"), one behind it a ticket's ("B02")."""
    if leads and len(run) <= _READ_FROM:
        return cardinal(int(run))
    return label(run)
