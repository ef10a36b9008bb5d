"""The lexicon as a document: JSON, and what every format's entries must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from model_host.text.lexicon import (
    ENTRIES_MAX,
    SPOKEN_CHARS_MAX,
    WRITTEN_CHARS_MAX,
    WRITTEN_WORDS_MAX,
    DuplicateEntryError,
    Entry,
    Lexicon,
    Scope,
)
from model_host.text.portuguese.letters import LETTERS

PROBLEMS_MAX = 20
"""How many problems of one document are told."""

_ALLOWED: Mapping[str, Sequence[str] | dict[str, float]] = {
    "entries": {"length_max": ENTRIES_MAX},
    "written": {"length_max": WRITTEN_CHARS_MAX, "words_max": WRITTEN_WORDS_MAX},
    "spoken": (f"words of {LETTERS}, each with a vowel", f"at most {SPOKEN_CHARS_MAX} characters"),
    "scope": tuple(Scope),
}


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """What is wrong in a document, without what stands there.

    Attributes:
        where: path of the member, such as `entries[17].spoken`.
        message: what is wrong.
        allowed: what would be accepted.
    """

    where: str
    message: str
    allowed: Sequence[str] | dict[str, float] | None = None


class LexiconDocumentError(ValueError):
    """A document that is no lexicon."""


class MalformedDocumentError(LexiconDocumentError):
    """It cannot be parsed."""


class InvalidEntriesError(LexiconDocumentError):
    """It can be parsed, but holds what no lexicon may.

    Attributes:
        problems: the first `PROBLEMS_MAX` of them.
    """

    def __init__(self, problems: Sequence[EntryProblem]) -> None:
        super().__init__("one or more entries are not allowed")
        self.problems = tuple(problems[:PROBLEMS_MAX])


class LexiconDocument(BaseModel):
    """The whole lexicon."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    entries: Annotated[list[Entry], Field(max_length=ENTRIES_MAX)]


def read_json(content: bytes) -> Lexicon:
    """Read the JSON form (RFC 8259), `{"entries": [{"written", "spoken", "scope"}]}`.

    Raises:
        MalformedDocumentError: it is not JSON in UTF-8.
        InvalidEntriesError: it says which entries are not allowed, and why.
    """
    try:
        document = LexiconDocument.model_validate_json(content)
    except ValidationError as error:
        if any(item["type"] == "json_invalid" for item in error.errors(include_input=False)):
            raise MalformedDocumentError("it is not valid JSON in UTF-8") from None
        raise InvalidEntriesError(_problems(error)) from None
    return _compiled(document)


def lexicon_of(rows: Sequence[Mapping[str, str]]) -> Lexicon:
    """Make a lexicon of what another format holds, entry by entry.

    Args:
        rows: `written`, `spoken` and `scope` of each.

    Raises:
        InvalidEntriesError: it says which entries are not allowed, and why.
    """
    try:
        document = LexiconDocument.model_validate({"entries": list(rows)})
    except ValidationError as error:
        raise InvalidEntriesError(_problems(error)) from None
    return _compiled(document)


def write_json(lexicon: Lexicon) -> bytes:
    """Write the JSON form, entries in the lexicon's order."""
    return LexiconDocument(entries=list(lexicon.entries)).model_dump_json(indent=1).encode()


def _compiled(document: LexiconDocument) -> Lexicon:
    try:
        return Lexicon(document.entries)
    except DuplicateEntryError as error:
        problem = EntryProblem(f"entries[{error.position}].written", str(error))
        raise InvalidEntriesError([problem]) from None


def _problems(error: ValidationError) -> list[EntryProblem]:
    """Say what pydantic found, without the input it found it in."""
    found = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        unknown = item["type"] == "extra_forbidden"
        # The name of an unknown member is the caller's own; it is not repeated.
        location = item["loc"][:-1] if unknown else item["loc"]
        name = str(location[-1]) if location else "body"
        message = "has a member that is not known" if unknown else item["msg"]
        allowed = tuple(Entry.model_fields) if unknown else _ALLOWED.get(name)
        found.append(EntryProblem(_path(location), message, allowed))
    return found


def _path(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return path.removeprefix(".") or "body"
