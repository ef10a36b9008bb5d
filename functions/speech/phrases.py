"""Files of phrases, row by row: CSV, JSON Lines, or a phrase a line.

A bad row never spoils the rest of its file: it comes out as a `BadRow` that says where and why,
without what stood there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pydantic import ValidationError

from speech.invalid import field_problems
from speech.request import SpeechRequest

SUFFIXES = (".csv", ".jsonl", ".txt")
_CALL_COLUMNS = ("ticket", "name", "place")
_MANNER_COLUMNS = ("voice", "format", "speed", "retention", "language")
COLUMNS = ("text", *_CALL_COLUMNS, *_MANNER_COLUMNS)
_NOT_UTF8 = "not valid UTF-8: save the file as UTF-8 (it may be Latin-1 / Windows-1252)"


class UnreadableFileError(Exception):
    """Nothing in the file can be read; the message says why, without its content."""


@dataclass(frozen=True, slots=True)
class Row:
    """A good row; `line` is where it starts in the file, from 1."""

    line: int
    request: SpeechRequest


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that asks for nothing that can be spoken."""

    line: int
    field: str
    reason: str


def read_rows(key: str, lines: Iterable[bytes]) -> Iterator[Row | BadRow]:
    """Read a file as its key's suffix says, without ever holding all of it.

    Args:
        key: the object's key; its suffix is one of `SUFFIXES`.
        lines: the file's lines with their ends, as bytes.

    Raises:
        UnreadableFileError: an unknown suffix, another encoding, or an unusable header.
    """
    decoded = _decoded(lines)
    if key.endswith(".csv"):
        return _csv_rows(decoded)
    if key.endswith(".jsonl"):
        return _json_rows(decoded)
    if key.endswith(".txt"):
        return _text_rows(decoded)
    raise UnreadableFileError(f"the name must end in {', '.join(SUFFIXES)}")


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """Decode line by line; what is not UTF-8 becomes lone surrogates, which no row may hold."""
    for number, line in enumerate(lines, 1):
        content = line
        if number == 1:
            if line.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise UnreadableFileError("the file is UTF-16: save it as UTF-8")
            content = line.removeprefix(b"\xef\xbb\xbf")
        yield content.decode("utf-8", "surrogateescape")


def _csv_rows(lines: Iterator[str]) -> Iterator[Row | BadRow]:
    header_line = next(lines, "")
    delimiter = ";" if header_line.count(";") > header_line.count(",") else ","
    reader = csv.reader(chain([header_line], lines), delimiter=delimiter)
    header = [name.strip().lower() for name in next(reader, [])]
    _check_header(header)
    while True:
        line = reader.line_num + 1  # quoted cells may hold line ends: a row starts after the last
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield BadRow(line, "row", "cannot be read as CSV (an unclosed quote?)")
            continue
        if not "".join(cells).strip() and len(cells) <= 1:
            continue
        if len(cells) > len(header):
            yield BadRow(line, "row", f"has {len(cells)} cells, the header has {len(header)}")
            continue
        filled = zip(header, cells, strict=False)  # a short row lacks its last cells
        yield _row(line, {name: cell for name, cell in filled if cell.strip()})


def _check_header(header: list[str]) -> None:
    unknown = [number for number, name in enumerate(header, 1) if name not in COLUMNS]
    if unknown:
        numbers = ", ".join(map(str, unknown))
        raise UnreadableFileError(
            f"the header's column {numbers} is unknown; the first line names the columns: "
            + ", ".join(COLUMNS)
        )
    if len(set(header)) < len(header):
        raise UnreadableFileError("the header names a column twice")
    if not {"text", *_CALL_COLUMNS} & set(header):
        raise UnreadableFileError("the header needs a column text, ticket, name or place")


def _json_rows(lines: Iterator[str]) -> Iterator[Row | BadRow]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            yield BadRow(number, "row", "is not JSON" if _is_utf8(line) else _NOT_UTF8)
            continue
        if not isinstance(fields, dict):
            yield BadRow(number, "row", "is not a JSON object")
            continue
        if not fields.keys() <= set(COLUMNS):
            yield BadRow(number, "row", f"has an unknown field (allowed: {', '.join(COLUMNS)})")
            continue
        yield _row(number, fields)


def _text_rows(lines: Iterator[str]) -> Iterator[Row | BadRow]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield _row(number, {"text": text, "retention": "phrase"})


def _row(line: int, fields: dict[str, Any]) -> Row | BadRow:
    if any(isinstance(value, str) and not _is_utf8(value) for value in fields.values()):
        return BadRow(line, "row", _NOT_UTF8)
    call = {name: fields[name] for name in _CALL_COLUMNS if fields.get(name) is not None}
    request = {name: value for name, value in fields.items() if name not in _CALL_COLUMNS}
    # Who is named may be kept a day; a phrase that names nobody, thirty.
    request.setdefault("retention", "personal" if "name" in call else "phrase")
    if call:
        request["call"] = call
    elif "text" not in request:
        return BadRow(line, "row", "says nothing: it needs a text, or a ticket, a name or a place")
    try:
        return Row(line, SpeechRequest.model_validate(request))
    except ValidationError as error:
        problem = field_problems(error.errors(include_url=False))[0]
        allowed = f" (allowed: {', '.join(problem.allowed)})" if problem.allowed else ""
        field = problem.field.removeprefix("call.")
        return BadRow(line, field, problem.message + allowed)


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\udc80" <= char <= "\udcff" for char in text)
