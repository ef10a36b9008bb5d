"""Whatever is written, only words and marks are said, once and for all, and soon."""

from __future__ import annotations

import re
import time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from model_host.text.calls import Call
from model_host.text.normalizer import Normalizer

_SAID = re.compile(r"(?:[a-záàâãéêíóôõúç]+(?:[,.?!]? [a-záàâãéêíóôõúç]+)*[.?!]?)?")
_EXPANDED_BY_TTS = re.compile(r"\b(?:sra?|dra?|st|co|jr|ltd)\.")
"""XTTS-v2's own cleaner reads these as abbreviations (`_abbreviations["pt"]` in coqui-tts)."""
_SECONDS_MAX = 1.0

_MARKS = " .,;:!?-–—…'’\"“”()[]{}/\\|*_+=<>%&@#$€°ºª²³½¼¾×÷±~^`´¨•©®™\u00a0\u2009\t\n"
_LETTERS = "abcdehiklmnoprstuvxyzáàâãéêíóôõúüçñABCDEIMOPRSTUVX"
_TOKENS = (
    "Senha", "A042", "P-7", "AB12", "007", "sala", "2A", "consultório", "03", "guichê", "B",
    "leito", "12-B", "3º", "1ª", "2a", "andar", "bloco", "C", "X", "ala", "IV", "II", "XII", "Pio",
    "João", "MARIA", "DA", "SILVA", "Sant'Anna", "D'Ávila", "Ana-Clara", "B.", "Dr.", "Dra", "Sr.",
    "Av.", "R.", "Sto.", "Jd.", "nº", "UTI", "UBS", "SUS", "RX", "HIV", "R$", "1.250,90", "0,50",
    "2", "16", "1.000.000", "milhões", "mil", "%", "500", "mg", "2,5", "ml", "36,5", "°C", "120/80",
    "mmHg", "8/8h", "3x/dia", "cp", "14h30", "14:30", "7h", "às", "h", "min", "da tarde", "dia",
    "01/05/2024", "3/12", "2024-05-01", "seg.,", "5 de mar.", "(11) 98765-4321", "0800", "192",
    "123.456.789-09", "64000-120", "maria@gmail.com", "www.saude.gov.br", "1/2", "½", "-3", "e",
    "a", "—", "😀", "田中", "!!!", "...",
)  # fmt: skip

any_text = st.text(max_size=80)
figures = st.text("0123456789" * 3 + ".,:/-hº ª%$xR", max_size=30)
marked_words = st.text(_LETTERS + _MARKS, max_size=60)
clinic_words = st.lists(st.sampled_from(_TOKENS), max_size=12).map(" ".join)
clinic_heap = st.lists(st.sampled_from(_TOKENS) | st.text(_MARKS, max_size=2), max_size=12).map(
    "".join
)
written = any_text | figures | marked_words | clinic_words | clinic_heap

_normalizer = Normalizer()

_unhurried = settings(deadline=None)
"""A busy machine is no failure."""


@_unhurried
@given(written)
@example("")
@example("😀")
@example("...")
@example("a\N{COMBINING ACUTE ACCENT}b\N{COMBINING TILDE}")
@example("Silva e Co.")
@example("Fale com o st. ou com a co. e o dr. jr.")
@example("\N{ARABIC-INDIC DIGIT THREE} e \N{SUPERSCRIPT TWO} e \N{FULLWIDTH DIGIT SEVEN}")
@example("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}ss\N{LATIN CAPITAL LETTER SHARP S}\ufb01m")
def test_given_any_text_when_normalised_then_only_words_marks_and_single_blanks_come_out(
    text: str,
) -> None:
    said = _normalizer.normalize(text)

    assert _SAID.fullmatch(said), said
    assert not _EXPANDED_BY_TTS.search(said), said


@_unhurried
@given(written)
def test_given_what_is_said_when_normalised_again_then_it_stays(text: str) -> None:
    said = _normalizer.normalize(text)

    assert _normalizer.normalize(said) == said


@_unhurried
@given(st.none() | written, st.none() | written, st.none() | written)
def test_given_any_call_when_normalised_then_only_words_and_marks_come_out(
    ticket: str | None, name: str | None, place: str | None
) -> None:
    said = _normalizer.normalize(Call(ticket=ticket, name=name, place=place))

    assert _SAID.fullmatch(said), said


@_unhurried
@given(st.text("abcdefghijlmnopqrstuvxzáàâãéêíóôõúç", min_size=3, max_size=20))
def test_given_a_lower_case_word_when_normalised_then_it_is_never_lost(word: str) -> None:
    assert _normalizer.normalize(word)


@_unhurried
@given(st.integers(10**6, 10**9 - 1))
def test_given_millions_when_normalised_then_dots_and_blanks_between_thousands_are_alike(
    number: int,
) -> None:
    """Below, a blank may as well part two numbers ("dipirona 1 500 mg"); above, four groups may
    as well be an address of the internet.
    """
    with_dots = f"{number:,}".replace(",", ".")
    with_blanks = with_dots.replace(".", " ")

    assert _normalizer.normalize(f"são {with_blanks} ao todo") == _normalizer.normalize(
        f"são {with_dots} ao todo"
    )


@settings(_unhurried, max_examples=40)
@given(st.sampled_from(_TOKENS) | st.sampled_from(_MARKS) | st.sampled_from(_LETTERS))
def test_given_a_thousand_characters_of_one_kind_when_normalised_then_it_is_done_soon(
    unit: str,
) -> None:
    """A pattern that backtracks without bound would take minutes."""
    for text in (unit * 1000, f"{unit} " * 1000, f"1{unit}" * 500, f"A{unit}0" * 500):
        begun = time.perf_counter()
        _normalizer.normalize(text[:1000])

        assert time.perf_counter() - begun < _SECONDS_MAX
