"""The pronunciation lexicon: how particular written words are said.

An entry replaces *written* words by a respelling, for XTTS has neither phonemes nor SSML. It is
applied to the text as it was sent, before numbers and abbreviations become words: so which entries
touch a text can be told by anybody who has the text, without the normaliser. Why:
docs/decisions/0005-lexicon-before-the-normaliser.md.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from model_host.text import calls
from model_host.text.folding import UnspeakableTextError, fold, fold_speakable
from model_host.text.portuguese.letters import LETTERS, has_vowel

WRITTEN_CHARS_MAX = 100
WRITTEN_WORDS_MAX = 8
SPOKEN_CHARS_MAX = 200
ENTRIES_MAX = 5000
"""More than a hospital's names, places and acronyms; compiled in a fraction of a second."""

# A letter or digit with the marks and joiners that belong to it. Not `\w+`, which would cut a word
# at an accent that has no composed letter.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u200c\u200d])*")
_SPOKEN = re.compile(f"[{LETTERS}]+(?: [{LETTERS}]+)*")
# What may stand between two words of an entry: "Sant'Anna", "Ana-Clara", "P & D", "e/ou".
_GAP = re.compile(r" ?[-\u2010\u2011'\u2019/&]? ?")
_DOTTED_GAP = re.compile(r" ?[-\u2010\u2011'\u2019/&.]? ?")
_DIGEST_CHARS = 16


class Scope(StrEnum):
    """Where an entry holds."""

    ANY = "any"
    """Everywhere."""
    NAME = "name"
    """In a call's name and in free text, not in its ticket or place."""
    PLACE = "place"
    """In a call's place and in free text, not in its ticket or name."""
    ACRONYM = "acronym"
    """Everywhere, but only where it is written in capitals."""


# Where several entries have the same words, the more particular one is said.
_SCOPES: Mapping[calls.Field | None, tuple[Scope, ...]] = {
    None: (Scope.ACRONYM, Scope.NAME, Scope.PLACE, Scope.ANY),
    "ticket": (Scope.ACRONYM, Scope.ANY),
    "name": (Scope.ACRONYM, Scope.NAME, Scope.ANY),
    "place": (Scope.ACRONYM, Scope.PLACE, Scope.ANY),
}


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text in NFC as entries are compared: without accents, case and width."""
    return tuple(map(_folded, _WORD.findall(text)))


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word).casefold()
    return "".join(char for char in decomposed if unicodedata.category(char) not in {"Mn", "Cf"})


def _written(text: str) -> str:
    try:
        folded = fold_speakable(text)
    except UnspeakableTextError as error:
        raise PydanticCustomError("unspeakable", "{reason}", {"reason": str(error)}) from None
    if len(folded) > WRITTEN_CHARS_MAX or len(folded_words(folded)) > WRITTEN_WORDS_MAX:
        raise PydanticCustomError("written", "is too long")
    return folded


def _spoken(text: str) -> str:
    folded = fold(text)
    sayable = _SPOKEN.fullmatch(folded) and all(map(has_vowel, folded.split()))
    if len(folded) > SPOKEN_CHARS_MAX or not sayable:
        raise PydanticCustomError(
            "spoken", "must be plain lower-case Portuguese words: respell it as it sounds"
        )
    return folded


class Entry(BaseModel):
    """How some written words are said."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    written: Annotated[
        str,
        AfterValidator(_written),
        Field(
            description=f"1-{WRITTEN_WORDS_MAX} words, at most {WRITTEN_CHARS_MAX} characters; "
            "found as whole words whatever their case and accents.",
            examples=["UTI"],
        ),
    ]
    spoken: Annotated[
        str,
        AfterValidator(_spoken),
        Field(
            description="What is said instead: lower-case Portuguese words, at most "
            f"{SPOKEN_CHARS_MAX} characters.",
            examples=["u tê i"],
        ),
    ]
    scope: Annotated[
        Scope,
        Field(
            strict=False,
            description="`any`: everywhere; `name`, `place`: in that field of a call and in free "
            "text; `acronym`: everywhere, where it is written in capitals.",
        ),
    ] = Scope.ANY

    @cached_property
    def words(self) -> tuple[str, ...]:
        """What is looked for in the folded words of a text."""
        return folded_words(self.written)

    @cached_property
    def digest(self) -> str:
        """16 hex digits that change with the entry."""
        return _digest("\n".join((self.written, self.spoken, self.scope)))

    @cached_property
    def dotted(self) -> bool:
        """Whether it is written with a dot, so that dots in a text may belong to it."""
        return "." in self.written


class DuplicateEntryError(ValueError):
    """Two entries have the same folded words and scope.

    Attributes:
        position: of the second, from 0.
    """

    def __init__(self, position: int) -> None:
        super().__init__("another entry has the same words and scope")
        self.position = position


class _Word(NamedTuple):
    folded: str
    start: int
    end: int


class _Match(NamedTuple):
    entry: Entry
    words: int
    end: int


class Lexicon:
    """Entries, ready to be applied. Immutable, so one is one state for the whole of a request."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        """Compile entries; their order does not matter.

        Raises:
            DuplicateEntryError: which of two would hold is undecided.
        """
        self._by_words: dict[str, dict[Scope, Entry]] = {}
        self._longest: dict[str, int] = {}
        for position, entry in enumerate(entries):
            by_scope = self._by_words.setdefault(" ".join(entry.words), {})
            if entry.scope in by_scope:
                raise DuplicateEntryError(position)
            by_scope[entry.scope] = entry
            first = entry.words[0]
            self._longest[first] = max(self._longest.get(first, 0), len(entry.words))
        self.entries = tuple(sorted(entries, key=lambda entry: (entry.words, entry.scope)))
        self.etag = hashlib.sha256(
            "\n".join(entry.digest for entry in self.entries).encode()
        ).hexdigest()[:32]

    def apply(self, text: str, field: calls.Field | None) -> str:
        """Replace what the entries say; at each word the longest entry that fits is taken.

        Args:
            text: folded (NFC, single spaces), as the caller wrote it.
            field: which field of a call it is; None for free text.

        Returns:
            The text with respellings in place of the words found; all else is as it was.
        """
        if not self._longest:
            return text
        words = [
            _Word(_folded(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)
        ]
        pieces: list[str] = []
        done, at = 0, 0
        while at < len(words):
            match = self._match(text, words, at, field)
            if match is None:
                at += 1
                continue
            pieces += (text[done : words[at].start], match.entry.spoken)
            done, at = match.end, at + match.words
        return "".join(pieces) + text[done:]

    def touched(self, *texts: str) -> frozenset[Entry]:
        """The entries whose folded words are a run of the folded words of one of `texts` (NFC).

        More than `apply` replaces, on purpose: neither scope nor what stands between words is
        looked at, so that others can tell the same with little knowledge.
        """
        if not self._longest:
            return frozenset()
        return frozenset(entry for text in texts for entry in self._runs(folded_words(text)))

    def digest(self, *texts: str) -> str:
        """16 hex digits that change when an entry that touches `texts` does; "" for none."""
        entries = self.touched(*texts)
        return _digest("\n".join(sorted(entry.digest for entry in entries))) if entries else ""

    def _runs(self, words: tuple[str, ...]) -> Iterator[Entry]:
        for at, first in enumerate(words):
            for count in range(1, self._longest.get(first, 0) + 1):
                yield from self._by_words.get(" ".join(words[at : at + count]), {}).values()

    def _match(
        self, text: str, words: Sequence[_Word], at: int, field: calls.Field | None
    ) -> _Match | None:
        longest = min(self._longest.get(words[at].folded, 0), len(words) - at)
        for count in range(longest, 0, -1):
            run = words[at : at + count]
            by_scope = self._by_words.get(" ".join(word.folded for word in run))
            if by_scope is None:
                continue
            for scope in _SCOPES[field]:
                entry = by_scope.get(scope)
                if entry is not None and _fits(entry, text, run):
                    return _Match(entry, count, _end(entry, text, run))
        return None


def _fits(entry: Entry, text: str, run: Sequence[_Word]) -> bool:
    """Whether words that an entry has stand together here, and in capitals if it is an acronym."""
    gap = _DOTTED_GAP if entry.dotted else _GAP
    together = all(gap.fullmatch(text, before.end, after.start) for before, after in pairwise(run))
    return together and (
        entry.scope is not Scope.ACRONYM or text[run[0].start : run[-1].end].isupper()
    )


def _end(entry: Entry, text: str, run: Sequence[_Word]) -> int:
    """Where what is replaced ends: the dot of an abbreviation goes with it."""
    end = run[-1].end
    return end + 1 if entry.written.endswith(".") and text.startswith(".", end) else end


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGEST_CHARS]
