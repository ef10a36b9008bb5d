"""Cutting a text into pieces the model can speak in one go; needs neither torch nor TTS."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from model_host.engines.coqui.sentences import speakable_pieces


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
