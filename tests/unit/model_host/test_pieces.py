"""Cutting a text into pieces the model can speak in one go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_host.text.pieces import FEW_WORDS, Piece, speakable_pieces, spoken_pieces


def at_most(limit: int) -> Callable[[str], bool]:
    return lambda text: len(text) <= limit


def test_given_a_text_that_fits_when_cut_then_it_stays_whole() -> None:
    text = "Senha A042. Dirija-se ao consultório três."

    assert speakable_pieces(f"  {text} ", at_most(203)) == [text]


def test_given_several_sentences_when_cut_then_the_cut_falls_between_sentences() -> None:
    text = "Maria da Silva, sala dois. João dos Santos, sala três."

    assert speakable_pieces(text, at_most(40)) == [
        "Maria da Silva, sala dois.",
        "João dos Santos, sala três.",
    ]


def test_given_one_long_sentence_when_cut_then_the_cut_falls_between_clauses() -> None:
    text = "por favor compareça ao guichê, traga os seus documentos e exames"

    assert speakable_pieces(text, at_most(40)) == [
        "por favor compareça ao guichê,",
        "traga os seus documentos e exames",
    ]


def test_given_a_short_first_sentence_when_cut_then_it_is_not_left_alone() -> None:
    text = "Atenção. " + "palavra " * 20

    pieces = speakable_pieces(text, at_most(100))

    assert len(pieces) == 2
    assert min(len(piece) for piece in pieces) > 60


def test_given_a_word_longer_than_the_limit_when_cut_then_it_is_cut_inside() -> None:
    assert speakable_pieces("a" * 10, at_most(5)) == ["aaaaa", "aaaaa"]


@given(st.text(max_size=1000), st.integers(min_value=1, max_value=203))
def test_given_any_text_when_cut_then_every_piece_fits_and_nothing_is_lost(
    text: str, limit: int
) -> None:
    pieces = speakable_pieces(text, at_most(limit))

    assert all(piece and len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_given_each_sentence_end_when_pieces_are_made_then_they_end_there() -> None:
    long = "o atendimento da farmácia começa às catorze horas e termina às dezoito"
    text = f"{long}. {long}! {long}? {long}"

    pieces = spoken_pieces(text, at_most(203))

    assert pieces == [
        Piece(f"{long}.", ends_sentence=True),
        Piece(f"{long}!", ends_sentence=True),
        Piece(f"{long}?", ends_sentence=True),
        Piece(long, ends_sentence=True),
    ]


@pytest.mark.parametrize("limit", [203, 130])
def test_given_few_words_beside_a_long_sentence_when_pieces_are_made_then_none_is_left_alone(
    limit: int,
) -> None:
    # Given a sentence that leaves no room for the few words beside it
    long = "o atendimento da farmácia, " * 4 + "começa às catorze horas."
    text = f"atenção. {long} senha dez."

    # When
    pieces = spoken_pieces(text, at_most(limit))

    # Then every piece has more than a few words
    assert all(len(piece.text.split()) > FEW_WORDS for piece in pieces)


def test_given_short_sentences_when_pieces_are_made_then_neighbours_are_spoken_together() -> None:
    # Given two sentences of a few words, and a long one
    long = "O atendimento da farmácia começa às catorze horas e termina às dezoito horas de hoje."
    text = f"Senha A 42. Consultório três. {long} {long}"

    # When they are made into pieces
    pieces = spoken_pieces(text, at_most(203))

    # Then the short ones go with the first long one, and the second is a piece of its own
    assert pieces == [
        Piece(f"Senha A 42. Consultório três. {long}", ends_sentence=True),
        Piece(long, ends_sentence=True),
    ]


def test_given_a_sentence_beyond_the_limit_when_pieces_are_made_then_clauses_do_not_end_it() -> (
    None
):
    text = (
        "por favor compareça ao guichê, traga os seus documentos e exames. "
        "agradecemos muito pela sua atenção!"
    )

    pieces = spoken_pieces(text, at_most(40))

    assert [piece.ends_sentence for piece in pieces] == [False, True, True]


@given(st.text(min_size=1, max_size=300))
def test_given_any_text_when_pieces_are_made_then_they_fit_and_no_letter_is_lost(text: str) -> None:
    pieces = spoken_pieces(text, at_most(60))

    assert all(0 < len(piece.text) <= 60 for piece in pieces)
    assert "".join("".join(p.text for p in pieces).split()) == "".join(text.split())
