"""What is said for what is written: a pipeline of small stages.

XTTS-v2's own cleaner is European and wrong on what a clinic writes ("A042", "1ª", "14h30", "UTI"),
so nothing but lower-case Portuguese words and `, . ? !` may reach a model. Each stage turns one
kind of writing into words and leaves the rest to those behind it; their order says which reading
wins.

After Ebden and Sproat, "The Kestrel TTS text normalization system" (Natural Language Engineering
21, 2015), which classifies, then verbalises.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from model_host.text.calls import Call, Field, Part
from model_host.text.lexicon import Lexicon
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

NO_LEXICON = Lexicon()

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
        apply: text in, text out; leaves what is none of its business.
        fields: where it applies; None is free text.
        needs: matches somewhere in a text that the stage could change; None for any text.
    """

    name: str
    apply: Callable[[str], str]
    fields: frozenset[Field | None] = _ALL
    needs: re.Pattern[str] | None = None

    def of(self, text: str, field: Field | None) -> str:
        """The text after this stage."""
        if field not in self.fields or (self.needs and not self.needs.search(text)):
            return text
        return self.apply(text)


@dataclass(frozen=True, slots=True)
class StageText:
    """What a text had become after a stage."""

    name: str
    text: str


class Normalizer:
    """Turns what is written into what is said. Thread-safe; a call takes about 0.3 ms."""

    def __init__(self, *, six_as_meia: bool = False) -> None:
        """Put the pipeline together.

        Args:
            six_as_meia: say "meia" for six in telephone numbers and documents.
        """
        self.version = NORMALIZER_VERSION + ("+meia" if six_as_meia else "")
        self._pipeline = _pipeline(six_as_meia=six_as_meia)

    def normalize(self, written: Written, lexicon: Lexicon = NO_LEXICON) -> str:
        """Say it: lower-case Portuguese words, single blanks, `, . ? !`; idempotent.

        Args:
            written: any text at all, or a call.
            lexicon: how particular words are said.

        Returns:
            "" where nothing in it can be said.
        """
        return self.stages(written, lexicon)[-1].text

    def stages(self, written: Written, lexicon: Lexicon = NO_LEXICON) -> list[StageText]:
        """What is written, after each stage; the last is what is said."""
        parts = _respelled(written, lexicon)
        shown = [StageText("lexicon", _joined(parts)), *self._pass(parts)]
        for _ in range(_PASSES_MAX - 1):
            said = shown[-1].text
            again = self._pass([(None, said)])[-1].text
            if again == said:
                break
            # Something odd ("AVª") has come to look like something that is said otherwise ("av").
            shown.append(StageText("again", again))
        return shown

    def _pass(self, parts: list[Part]) -> list[StageText]:
        shown = []
        for stage in self._pipeline:
            parts = [(field, stage.of(text, field)) for field, text in parts]
            shown.append(StageText(stage.name, _joined(parts)))
        shown.append(StageText("words", words_and_marks(shown[-1].text)))
        return shown


def _respelled(written: Written, lexicon: Lexicon) -> list[Part]:
    """The lexicon has its say before a call's own words ("Senha") join what was written."""
    if isinstance(written, str):
        return [(None, lexicon.apply(written, None))]
    return Call(
        ticket=written.ticket and lexicon.apply(written.ticket, "ticket"),
        name=written.name and lexicon.apply(written.name, "name"),
        place=written.place and lexicon.apply(written.place, "place"),
    ).parts()


def _joined(parts: list[Part]) -> str:
    """One sentence of a call's parts; a free text as it is."""
    if len(parts) == 1 and parts[0][0] is None:
        return parts[0][1]
    texts = (text.strip(" ,.;:!?") for _, text in parts)
    return ", ".join(text for text in texts if text) + "."


def _pipeline(*, six_as_meia: bool) -> tuple[Stage, ...]:
    free: frozenset[Field | None] = frozenset({None})
    return (
        Stage("characters", plain_characters),
        Stage("addresses", addresses, free, _POINT),
        Stage("digit strings", partial(digit_strings, six_as_meia=six_as_meia), free, _DIGIT),
        Stage("thousands", thousands, free, _DIGIT),
        Stage("dates", dates, free, _DIGIT),
        Stage("times", times, free, _DIGIT),
        Stage("money", money, free, _DIGIT),
        Stage("measures", measures, free, _DIGIT),
        Stage("ordinals", ordinals, _NO_NAME, _DIGIT),
        Stage("fractions", fractions, free, _DIGIT),
        Stage("roman numerals", romans, _ALL, _NUMERAL),
        Stage("abbreviations", abbreviations),
        Stage("initials", initials, free, _CAPITAL),
        Stage("initials of a name", letters_of_a_name, frozenset({"name"}), _CAPITAL),
        Stage("codes", codes, _NO_NAME, _DIGIT_OR_CAPITAL),
        Stage("acronyms", acronyms, _NO_NAME),
        Stage("numbers", cardinals, _ALL, _DIGIT),
        Stage("symbols", symbols, _ALL, _SYMBOL),
        Stage("pauses", pauses, _ALL, _SYMBOL),
        Stage("letters", lower_case_words),
    )
