"""What a Brazilian says when reading what a clinic writes: `cases/*.tsv`, one kind a file.

The tables were written from the language, not from the code: where the two differ, the code is
suspected first.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from model_host.text.normalizer import Normalizer

_NORMALIZER = Normalizer()
_KINDS = {
    "cardinals", "agreement", "decimals", "percentages", "fractions", "ordinals", "years", "dates",
    "times", "durations", "money", "phones", "documents", "measures", "internet", "tickets",
    "rooms", "roman", "titles", "acronyms", "names", "symbols", "marks", "calls",
}  # fmt: skip
_CASES_A_KIND = 14
_CASES = 800
_SPEAKABLE = re.compile(r"[a-záàâãéêíóôõúç]+(?:[,.?!]? [a-záàâãéêíóôõúç]+)*[.?!]?")


class Case(NamedTuple):
    """One line of a table."""

    kind: str
    written: str
    spoken: str


def read_cases() -> list[Case]:
    """Every case of every table; a line that starts with `# ` is a comment."""
    return [
        Case(path.stem, *line.split("\t"))
        for path in sorted((Path(__file__).parent / "cases").glob("*.tsv"))
        for line in path.read_text("utf-8").splitlines()
        if not line.startswith("# ")
    ]


CASES = read_cases()


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.kind}-{number}" for number, case in enumerate(CASES)]
)
def test_given_what_is_written_when_normalised_then_it_is_what_is_said(case: Case) -> None:
    assert _NORMALIZER.normalize(case.written) == case.spoken


def test_given_the_tables_when_counted_then_every_kind_is_well_covered() -> None:
    counts = Counter(case.kind for case in CASES)

    assert set(counts) == _KINDS
    assert min(counts.values()) >= _CASES_A_KIND
    assert counts.total() >= _CASES


def test_given_the_tables_when_read_then_no_text_is_there_twice() -> None:
    written = Counter(case.written for case in CASES)

    assert [text for text, times in written.items() if times > 1] == []


def test_given_the_tables_when_read_then_what_is_said_is_speakable() -> None:
    assert [case for case in CASES if not _SPEAKABLE.fullmatch(case.spoken)] == []
