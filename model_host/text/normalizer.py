"""What is said for what is written: a pipeline of small stages.

XTTS-v2's own cleaner is European and wrong on what a clinic writes ("A042", "1ª", "14h30", "UTI"), so
nothing but lower-case Portuguese words and `, . ? !` may reach a model. Each stage turns one kind of
writing into words and leaves the rest to those behind it; their order says which reading wins.

After Ebden and Sproat, "The Kestrel TTS text normalization system" (Natural Language Engineering 21,
2015), which classifies, then verbalises.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from model_host.text.calls import Call, Field
from model_host.text.stages.abbreviations import abbreviations
from model_host.text.stages.acronyms import acronyms
from model_host.text.stages.cardinals import cardinals, thousands
from model_host.text.stages.characters import plain_characters
from model_host.text.stages.codes import codes
from model_host.text.stages.dates import dates
from model_host.text.stages.digit_strings import digit_strings
from model_host.text.stages.electronic import addresses
from model_host.text.stages.measures import measures
from model_host.text.stages.money import money
from model_host.text.stages.names import initials, letters_of_a_name
from model_host.text.stages.ordinals import fractions, ordinals
from model_host.text.stages.romans import romans
from model_host.text.stages.symbols import symbols
from model_host.text.stages.times import times
from model_host.text.stages.words import lower_case_words, pauses, words_and_marks

NORMALIZER_VERSION = "pt-BR-1"
"""Changes whenever any text is said otherwise; part of the host's fingerprint."""

Written = str | Call
"""What is to be said: free text, or the typed fields of a call."""

Respelling = Callable[[str, Field | None], str]
"""Replaces written words by the words of a lexicon; told the field, None for free text."""

_ALL: frozenset[Field | None] = frozenset({None, "ticket", "name", "place"})
_NO_NAME = _ALL - {"name"}

_DIGIT = re.compile("[0-9]")
_CAPITAL = re.compile("[A-ZÀ-Þ]")
_DIGIT_OR_CAPITAL = re.compile("[0-9A-ZÀ-Þ]")
_NUMERAL = re.compile("[IVX]")
_POINT = re.compile("[.@/]")
_SYMBOL = re.compile(r"[^\w\s,.?!]")

_PASSES_MAX = 3


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the pipeline.

    Attributes:
        name: as it is shown to whoever asks why something is said so.
        apply: text and its field in, text out; leaves what is none of its business.
        fields: where it applies; None is free text.
        needs: matches somewhere in a text that the stage could change; None for any text.
    """

    name: str
    apply: Respelling
    fields: frozenset[Field | None] = _ALL
    needs: re.Pattern[str] | None = None

    def of(self, text: str, field: Field | None) -> str:
        """The text after this stage."""
        if field not in self.fields or (self.needs and not self.needs.search(text)):
            return text
        return self.apply(text, field)


@dataclass(frozen=True, slots=True)
class StageText:
    """What a text had become after a stage."""

    name: str
    text: str


class Normalizer:
    """Turns what is written into what is said. Thread-safe; a call takes about 0.1 ms."""

    def __init__(self, respell: Respelling | None = None, *, six_as_meia: bool = False) -> None:
        """Put the pipeline together.

        Args:
            respell: looks words up in a lexicon.
            six_as_meia: say "meia" for six in telephone numbers and documents.
        """
        self.version = NORMALIZER_VERSION + ("+meia" if six_as_meia else "")
        self._pipeline = _pipeline(respell, six_as_meia=six_as_meia)

    def normalize(self, written: Written) -> str:
        """Say it: lower-case Portuguese words, single blanks, `, . ? !`; idempotent.

        Args:
            written: any text at all, or a call.

        Returns:
            Nothing where nothing in it can be said.
        """
        return self.stages(written)[-1].text

    def stages(self, written: Written) -> list[StageText]:
        """What is written, after each stage; the last is what is said."""
        shown = self._pass(written)
        for _ in range(_PASSES_MAX - 1):
            said = shown[-1].text
            again = self._pass(said)[-1].text
            if again == said:
                break
            # Something odd ("AVª") has come to look like something that is said otherwise ("av").
            shown.append(StageText("again", again))
        return shown

    def _pass(self, written: Written) -> list[StageText]:
        parts = written.parts() if isinstance(written, Call) else [(None, written)]
        shown = []
        for stage in self._pipeline:
            parts = [(field, stage.of(text, field)) for field, text in parts]
            shown.append(StageText(stage.name, _joined(parts)))
        shown.append(StageText("words", words_and_marks(shown[-1].text)))
        return shown


def _joined(parts: list[tuple[Field | None, str]]) -> str:
    """One sentence of a call's parts; a free text as it is."""
    if len(parts) == 1 and parts[0][0] is None:
        return parts[0][1]
    return ", ".join(text.strip(" ,.;:!?") for _, text in parts) + "."


def _pipeline(respell: Respelling | None, *, six_as_meia: bool) -> tuple[Stage, ...]:
    free: frozenset[Field | None] = frozenset({None})
    lexicon = () if respell is None else (Stage("lexicon", respell),)
    return (
        _stage("characters", plain_characters),
        *lexicon,
        _stage("addresses", addresses, free, _POINT),
        _stage("digit strings", partial(digit_strings, six_as_meia=six_as_meia), free, _DIGIT),
        _stage("thousands", thousands, free, _DIGIT),
        _stage("dates", dates, free, _DIGIT),
        _stage("times", times, free, _DIGIT),
        _stage("money", money, free, _DIGIT),
        _stage("measures", measures, free, _DIGIT),
        _stage("ordinals", ordinals, _NO_NAME, _DIGIT),
        _stage("fractions", fractions, free, _DIGIT),
        _stage("roman numerals", romans, _ALL, _NUMERAL),
        _stage("abbreviations", abbreviations),
        _stage("initials", initials, free, _CAPITAL),
        _stage("initials of a name", letters_of_a_name, frozenset({"name"}), _CAPITAL),
        _stage("codes", codes, _NO_NAME, _DIGIT_OR_CAPITAL),
        _stage("acronyms", acronyms, _NO_NAME),
        _stage("numbers", cardinals, _ALL, _DIGIT),
        _stage("symbols", symbols, _ALL, _SYMBOL),
        _stage("pauses", pauses, _ALL, _SYMBOL),
        _stage("letters", lower_case_words),
    )


def _stage(
    name: str,
    apply: Callable[[str], str],
    fields: frozenset[Field | None] = _ALL,
    needs: re.Pattern[str] | None = None,
) -> Stage:
    return Stage(name, lambda text, _field: apply(text), fields, needs)


_PLAIN = Normalizer()


def normalize(text: str) -> str:
    """Say a free text without a lexicon; see `Normalizer.normalize`."""
    return _PLAIN.normalize(text)
