"""Which entries of the host's pronunciation lexicon touch a text, told without asking the host.

An entry that changes must give new keys to the phrases it touches and to no others, so a key holds
a digest of just those entries. The host tells the same digest with what it speaks; the two are held
together by a test, for neither side imports the other.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

# As the host tells words apart: a letter or digit with its marks and joiners.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u200c\u200d])*")
_DIGEST_CHARS = 16


class KnownEntry(BaseModel):
    """What a key must know of an entry.

    Attributes:
        words: folded, with single spaces.
        digest: 16 hex digits that change with the entry.
    """

    model_config = ConfigDict(frozen=True)

    words: str
    digest: str


def known_entry(entry: Mapping[str, Any]) -> KnownEntry:
    """Read one entry of the host's `GET /v1/lexicon`.

    Raises:
        KeyError: it lacks a member.
    """
    written, spoken, scope = (str(entry[name]) for name in ("written", "spoken", "scope"))
    return KnownEntry(
        words=" ".join(_folded_words(written)), digest=_digest("\n".join((written, spoken, scope)))
    )


class KnownLexicon:
    """The entries of the lexicon, by their words."""

    def __init__(self, entries: Iterable[KnownEntry]) -> None:
        self._digests: dict[str, list[str]] = {}
        self._longest: dict[str, int] = {}
        for entry in entries:
            self._digests.setdefault(entry.words, []).append(entry.digest)
            first = entry.words.partition(" ")[0]
            count = 1 + entry.words.count(" ")
            self._longest[first] = max(self._longest.get(first, 0), count)

    def digest(self, texts: Iterable[str]) -> str:
        """16 hex digits that change when an entry that touches `texts` (NFC) does; "" for none.

        An entry touches a text if its words are a run of the text's. That is more than the host
        replaces: where an entry holds and what stands between words is not looked at.
        """
        if not self._longest:
            return ""
        touching = {digest for text in texts for digest in self._touching(_folded_words(text))}
        return _digest("\n".join(sorted(touching))) if touching else ""

    def _touching(self, words: list[str]) -> Iterator[str]:
        for at, first in enumerate(words):
            for count in range(1, self._longest.get(first, 0) + 1):
                yield from self._digests.get(" ".join(words[at : at + count]), ())


def _folded_words(text: str) -> list[str]:
    """Words without accents, case and width, as the host compares them."""
    return [_folded(word) for word in _WORD.findall(text)]


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word).casefold()
    return "".join(char for char in decomposed if unicodedata.category(char) not in {"Mn", "Cf"})


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:_DIGEST_CHARS]
