"""The commands of a page: what a reader would paste, one after the other."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)$")
_HEADING = re.compile(r"^#{2,} (?P<title>.+)$")


class UnfinishedCommandError(Exception):
    """A block ends in the middle of a command; the message names its first line."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page.

    Attributes:
        text: as it stands there, with its continuation lines.
        line: of its first line, from 1.
        section: the heading that it stands under.
    """

    text: str
    line: int
    section: str


def read(page: str) -> tuple[Command, ...]:
    """The commands of all fenced `sh` blocks of a Markdown page, in order.

    Raises:
        UnfinishedCommandError: a block ends in the middle of one.
    """
    return tuple(command for block in _blocks(page) for command in _split(block))


@dataclass(frozen=True, slots=True)
class _Block:
    section: str
    language: str
    indent: int
    first_line: int
    lines: list[str]


def _blocks(page: str) -> Iterator[_Block]:
    section, block = "", None
    for number, line in enumerate(page.splitlines(), 1):
        fence = _FENCE.match(line)
        if block and fence:
            if block.language == "sh":
                yield block
            block = None
        elif block:
            block.lines.append(line[block.indent :])
        elif fence:
            block = _Block(section, fence["language"], len(fence["indent"]), number + 1, [])
        elif heading := _HEADING.match(line):
            section = heading["title"]


def _split(block: _Block) -> Iterator[Command]:
    begun, first = list[str](), block.first_line
    for number, line in enumerate(block.lines, block.first_line):
        if not begun:
            first = number
        begun.append(line)
        text = "\n".join(begun)
        if not _is_whole(text):
            continue
        if any(part.strip() and not part.lstrip().startswith("#") for part in begun):
            yield Command(text.strip(), first, block.section)
        begun = []
    if begun:
        raise UnfinishedCommandError(f"line {first}: the block ends in the middle of a command")


def _is_whole(text: str) -> bool:
    """Whether the shell would run this rather than wait for more lines.

    Bash itself is asked, so that quotes, loops, functions and here-documents are its grammar. It
    only warns of an open here-document, and takes a last backslash without a word.
    """
    if text.endswith("\\"):
        return False
    told = subprocess.run(
        ["bash", "-n"],  # noqa: S607 - wherever it is
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return told.returncode == 0 and not told.stderr
