"""Genders of what is counted: they change the number before it ("duas salas", "dois guichês")."""

from __future__ import annotations

import re

from model_host.text.portuguese.letters import unaccented
from model_host.text.portuguese.numbers import Gender
from model_host.text.portuguese.word_lists import words

_FEMININE = words(
    """
    ala ampola amostra aula bolsa cadeira caixa cama capsula carteira casa cirurgia clinica coleta
    consulta copia crianca dezena diaria dieta dose dra doutora duvida embalagem enfermaria
    enfermeira equipe etapa faixa ficha fila filha folha gestante gota guia hora idosa injecao lata
    letra linha maca maquina mascara medica medida menina meia metade moca mulher noite nota pagina
    parcela parte pergunta pessoa pilula porta posicao prova pulseira quadra radiografia receita
    refeicao regra remessa rua sala semana senha senhora seringa sessao suite tarde tarefa taxa
    tecnica tentativa tomografia turma unidade urgencia vaga vacina vaca vez via viagem vida visita
    vitima volta xicara zona colher fase sede sedes
    """
)
_MASCULINE_IN_AS = words(
    """
    artistas aromas atletas cardiologistas cinemas climas cometas cromossomas dentistas diafragmas
    diagramas dias diplomas dramas eczemas edemas emblemas especialistas esquemas esteticistas
    fantasmas fisioterapeutas geriatras gramas idiomas mapas microgramas miligramas motoristas
    oculistas ortopedistas panoramas papas pediatras pijamas planetas poemas problemas programas
    psiquiatras quilogramas sintomas sistemas sofas telefonemas telegramas temas traumas terapeutas
    """
)
_NO_NOUN = words(
    """
    as nas das aquelas essas estas elas mas apenas quantas todas suas pelas umas mais
    """
)
_FEMININE_ENDING = re.compile(r"(?:coes|soes|dades|gens|as|cao|dade)$")
_NEXT_WORD = re.compile(r"\s+(?:mil\s+)?([^\W\d_]+)")


def gender_of_next(text: str, end: int) -> Gender:
    """Gender of the word that follows position `end`; "m" where it is unknown or no noun."""
    match = _NEXT_WORD.match(text, end)
    return gender_of(match[1]) if match else "m"


def gender_of(noun: str) -> Gender:
    """Gender of a noun: by a list, or by an ending that only feminine nouns have."""
    plain = unaccented(noun)
    if not _FEMININE.isdisjoint({plain, plain.removesuffix("s"), plain.removesuffix("es")}):
        return "f"
    if plain in _NO_NOUN or plain in _MASCULINE_IN_AS:
        return "m"
    return "f" if _FEMININE_ENDING.search(plain) else "m"
