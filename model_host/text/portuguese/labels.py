"""Words that a letter or a number belongs to: "senha A042", "sala 2A", "Pediatria B"."""

from __future__ import annotations

from model_host.text.portuguese.letters import unaccented
from model_host.text.portuguese.word_lists import words

_PLACES = words(
    """
    ala ambulatorio andar anexo apartamento avenida baia balcao bloco box cabine cadeira caixa casa
    consultorio corredor doca enfermaria estacao guiche laboratorio leito linha lote maca mesa
    numero painel pavilhao ponto porta portao posto poltrona predio quadra quarto recepcao rua sala
    setor terminal torre travessa triagem unidade vaga zona
    """
)
_KINDS = words(
    """
    categoria classe equipe fator fila gripe grupo hepatite influenza item letra nivel opcao plano
    serie tipo turma vitamina
    """
)
_TICKETS = words("codigo ficha senha ticket")
_SPECIALTIES = ("logia", "iatria", "terapia", "metria", "grafia")
"""A department may have several: "Pediatria A", "Ginecologia II"."""


def is_label(word: str) -> bool:
    """Whether a letter or number behind the word is its name."""
    return is_ticket(word) or is_place(word)


def is_ticket(word: str) -> bool:
    """Whether it labels what is printed on paper: zeros in front are said."""
    return not _TICKETS.isdisjoint(_forms(word))


def is_place(word: str) -> bool:
    """Whether it labels a room, a department or a kind: zeros in front are not said."""
    forms = _forms(word)
    known = not (_PLACES.isdisjoint(forms) and _KINDS.isdisjoint(forms))
    return known or forms[0].endswith(_SPECIALTIES)


def _forms(word: str) -> tuple[str, str, str]:
    """A word without accents, as it is and in what may be its singular."""
    plain = unaccented(word)
    return plain, plain.removesuffix("s"), plain.removesuffix("es")
