"""The outside judge counts fairly."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.text.nemo import Case, compare, read_cases, read_reasons


def test_given_cases_when_compared_then_words_count_and_marks_do_not() -> None:
    cases = [
        Case("cardinal", "21", ("Vinte-e-um!",)),
        Case("measure", "1 kg", ("um quilograma", "um quilo")),
        Case("ordinal", "2º", ("segunda",)),
        Case("ordinal", "3º", ("terceira",)),
    ]

    kinds = compare(cases, {("ordinal", "3º"): "it is masculine"})

    assert {name: (kind["agreed"], kind["cases"]) for name, kind in kinds.items()} == {
        "cardinal": (1, 1), "measure": (1, 1), "ordinal": (0, 2),
    }  # fmt: skip
    assert kinds["ordinal"]["differences"] == [
        {"written": "2º", "ours": "segundo", "nemo": "segunda", "reason": None},
        {"written": "3º", "ours": "terceiro", "nemo": "terceira", "reason": "it is masculine"},
    ]


def test_given_a_directory_when_read_then_files_are_kinds_and_tildes_part_alternatives(
    tmp_path: Path,
) -> None:
    (tmp_path / "test_cases_measure.txt").write_text("1 kg~um quilo~um quilograma\n\n", "utf-8")

    assert read_cases(tmp_path) == [Case("measure", "1 kg", ("um quilo", "um quilograma"))]


def test_given_no_cases_when_read_then_the_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no test_cases_"):
        read_cases(tmp_path)


def test_given_the_table_of_reasons_when_read_then_every_row_has_one() -> None:
    assert all(reason for reason in read_reasons().values())
