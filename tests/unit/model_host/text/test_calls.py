"""Calls by the thousand, and calls in typed fields."""

from __future__ import annotations

import re

import pytest

from benchmarks.text.calls import COUNT, LENGTH, calls, long_texts
from model_host.text.calls import Call
from model_host.text.normalizer import Normalizer

_NORMALIZER = Normalizer()
_SAID = re.compile(r"[a-záàâãéêíóôõúç]+(?:[,.?!]? [a-záàâãéêíóôõúç]+)*[.?!]?")
_LOWER_WORDS = re.compile(r"(?<![^ ])[a-záàâãéêíóôõúç]{4,}(?=[ ,.;:!?]|$)")
_SHORTENED = {"apto", "comp"}
"""What the drawn texts write as a word and a speaker says as a longer one."""


def test_given_drawn_calls_when_normalised_then_only_words_and_marks_are_said() -> None:
    assert [text for text in calls() if not _SAID.fullmatch(_NORMALIZER.normalize(text))] == []


def test_given_drawn_calls_when_normalised_then_no_plain_word_is_lost() -> None:
    lost = [
        (text, word)
        for text in calls()
        for word in set(_LOWER_WORDS.findall(text)) - _SHORTENED
        if word not in re.split(r"[ ,.?!]+", _NORMALIZER.normalize(text))
    ]

    assert lost == []


def test_given_the_same_seed_when_drawn_then_the_texts_are_the_same_and_differ() -> None:
    assert calls() == calls()
    assert len(calls()) == COUNT
    assert len(set(calls())) > 0.95 * COUNT
    assert {len(text) for text in long_texts(50)} == {LENGTH}


@pytest.mark.parametrize(
    ("call", "spoken"),
    [
        (
            Call(ticket="A042", name="MARIA DA SILVA", place="Consultório 03"),
            "senha á zero quarenta e dois, maria da silva, consultório três.",
        ),
        (Call(name="Maria da Silva", place="Sala 2A"), "atenção, maria da silva, sala dois á."),
        (Call(ticket="P-7", place="Guichê B"), "senha pê sete, guichê bê."),
        (Call(ticket="Senha P-7", place="GUICHÊ 12"), "senha pê sete, guichê doze."),
        (Call(ticket="007", place="3º andar"), "senha zero zero sete, terceiro andar."),
        (Call(ticket="12345"), "senha um dois três quatro cinco."),
        (Call(ticket="AB12", place="UTI"), "senha á bê doze, u tê i."),
        (Call(ticket="V 100", place="RX"), "senha vê cem, raio xis."),
        (Call(ticket="X5", place="Bloco C"), "senha xis cinco, bloco cê."),
        (Call(name="João B. Souza", place="Ala IV"), "atenção, joão bê souza, ala quatro."),
        (Call("ficha B 3", place="box C"), "ficha bê três, box cê."),
        (Call(name="João A Souza Jr."), "atenção, joão á souza júnior."),
        (Call(name="JOSÉ M E SILVA"), "atenção, josé eme e silva."),
        (Call(name="ANA E. O. PIO XII"), "atenção, ana é ó pio doze."),
        (Call(name="d. ana d'ávila"), "atenção, dona ana dávila."),
        (Call(name="Li Ng", place="3"), "atenção, li ene gê, três."),
        (Call(name="MARIA SUS CAPS"), "atenção, maria sus caps."),
        (Call(name="Ana C. de Lima"), "atenção, ana cê de lima."),
        (Call(name="SEBASTIÃO SANT'ANNA D'ÁVILA"), "atenção, sebastião santanna dávila."),
        (Call(name="Dra. Ana-Clara Müller"), "atenção, doutora ana clara muller."),
        (Call(name="ANA SÁ", place="Leito 12-B"), "atenção, ana sá, leito doze bê."),
        (Call(name="EVA DI LIMA"), "atenção, eva di lima."),
        (Call(name="CID DOS SANTOS"), "atenção, cid dos santos."),
        (Call(name="José Silva Jr."), "atenção, josé silva júnior."),
        # A name is never an acronym, a number or an abbreviation of something else.
        (Call(name="RUI MAR"), "atenção, rui mar."),
        (Call(name="SARA CEP"), "atenção, sara cep."),
        (
            Call(place="Hospital João Paulo II", name="Lia"),
            "atenção, lia, hospital joão paulo segundo.",
        ),
        (Call(place="Sala de Raio-X", name="Ivo"), "atenção, ivo, sala de raio xis."),
    ],
)
def test_given_typed_fields_when_normalised_then_each_is_said_by_its_own_rules(
    call: Call, spoken: str
) -> None:
    assert _NORMALIZER.normalize(call) == spoken
