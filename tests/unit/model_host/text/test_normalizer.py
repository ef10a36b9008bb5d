"""The pipeline around the stages: the lexicon, options, and what is shown of it."""

from __future__ import annotations

import pytest

from model_host.text.calls import Call
from model_host.text.lexicon import Entry, Lexicon, Scope
from model_host.text.normalizer import Normalizer

NORMALIZER = Normalizer()


def test_given_a_lexicon_when_a_call_is_normalized_then_scopes_hold() -> None:
    lexicon = Lexicon(
        [
            Entry(written="Nunes", spoken="nunis", scope=Scope.NAME),
            Entry(written="UTI", spoken="terapia intensiva", scope=Scope.ACRONYM),
            Entry(written="Senha", spoken="número"),
        ]
    )

    call = Call("A1", "Ana NUNES", "UTI Nunes")

    # "Senha" is the announcement's own word: nobody wrote it.
    assert NORMALIZER.normalize(call, lexicon) == (
        "senha á um, ana nunis, terapia intensiva nunes."
    )
    assert NORMALIZER.normalize("Senha 1: Nunes", lexicon) == "número um, nunis"


def test_given_an_entry_that_holds_itself_when_normalized_then_it_is_applied_once() -> None:
    lexicon = Lexicon([Entry(written="Ana", spoken="dona ana")])

    assert NORMALIZER.normalize("Ana, AVª 2", lexicon) == "dona ana, avenida dois"


def test_given_the_option_when_digits_are_said_then_six_is_meia() -> None:
    brazilian = Normalizer(six_as_meia=True)

    assert brazilian.normalize("Ligue 3366-1616") == ("ligue três três meia meia, um meia um meia")
    assert brazilian.normalize("senha 6, 66 anos") == "senha seis, sessenta e seis anos"
    assert brazilian.version != NORMALIZER.version


def test_given_a_text_when_its_stages_are_shown_then_each_one_says_what_it_did() -> None:
    stages = NORMALIZER.stages("Dr. João às 14h30")

    shown = {stage.name: stage.text for stage in stages}
    assert shown["dates"] == "Dr. João às 14h30"
    assert shown["times"] == "Dr. João às catorze horas e trinta"
    assert shown["abbreviations"] == "doutor João às catorze horas e trinta"
    assert stages[-1].text == "doutor joão às catorze horas e trinta"


@pytest.mark.parametrize("written", ["", "😀", "...", "\u0640"])
def test_given_nothing_that_can_be_said_when_normalized_then_it_is_empty(written: str) -> None:
    assert NORMALIZER.normalize(written) == ""
