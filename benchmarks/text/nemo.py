"""How far the normaliser agrees with NeMo-text-processing's Portuguese test cases.

The cases are not kept here. Get them from https://github.com/NVIDIA/NeMo-text-processing, folder
`tests/nemo_text_processing/pt/data_text_normalization` (Apache-2.0), and say where they are:

    python -m benchmarks.text.nemo DIRECTORY

Words are compared; capitals, marks and hyphens are not, since NeMo leaves those to others. Each
difference is printed, and its reason kept, in `nemo_differences.tsv`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model_host.text.normalizer import NORMALIZER_VERSION, Normalizer

_NORMALIZER = Normalizer()
RESULTS = Path(__file__).parents[1] / "results" / "text-nemo.json"
REASONS = Path(__file__).with_name("nemo_differences.tsv")
_PREFIX = "test_cases_"
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Case:
    """One line of NeMo's: what is written, and what may be said for it."""

    kind: str
    written: str
    expected: tuple[str, ...]


def read_cases(directory: Path) -> list[Case]:
    """Read every `test_cases_<kind>.txt`, lines of `input~expected[~alternative…]`.

    Raises:
        FileNotFoundError: there is none.
    """
    paths = sorted(directory.glob(f"{_PREFIX}*.txt"))
    if not paths:
        raise FileNotFoundError(f"no {_PREFIX}*.txt in {directory}")
    return [case for path in paths for case in _cases_of(path)]


def compare(cases: Sequence[Case], reasons: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """Normalise what is written and hold it against what NeMo expects.

    Args:
        cases: NeMo's.
        reasons: for a kind and what is written, why it is said otherwise here.

    Returns:
        By kind: `cases`, `agreed` and `differences`, each with `written`, `ours`, `nemo` and
        `reason`, None where nobody gave one.
    """
    kinds: dict[str, Any] = {}
    for case in cases:
        kind = kinds.setdefault(case.kind, {"cases": 0, "agreed": 0, "differences": []})
        kind["cases"] += 1
        ours = _NORMALIZER.normalize(case.written)
        if _words(ours) in [_words(expected) for expected in case.expected]:
            kind["agreed"] += 1
        else:
            kind["differences"].append(
                {
                    "written": case.written,
                    "ours": ours,
                    "nemo": case.expected[0],
                    "reason": reasons.get((case.kind, case.written)),
                }
            )
    return kinds


def read_reasons(path: Path = REASONS) -> dict[tuple[str, str], str]:
    """The reasons by kind and what is written; three columns, the first line names them."""
    lines = path.read_text("utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {(kind, written): reason for kind, written, reason in rows}


def main() -> int:
    """Compare, print, write; 1 where a difference has no reason."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.text.nemo", description=__doc__)
    parser.add_argument("directory", type=Path, help="holds NeMo's test_cases_<kind>.txt")
    parser.add_argument("--out", type=Path, default=RESULTS, help="default: %(default)s")
    options = parser.parse_args()
    kinds = compare(read_cases(options.directory), read_reasons())
    result = {
        "command": "python -m benchmarks.text.nemo DIRECTORY",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "normalizer": NORMALIZER_VERSION,
        "cases": sum(kind["cases"] for kind in kinds.values()),
        "agreed": sum(kind["agreed"] for kind in kinds.values()),
        "kinds": kinds,
    }
    text = json.dumps(result, indent=1, ensure_ascii=False)
    options.out.write_text(f"{text}\n", encoding="utf-8")
    print("\n".join(_report(result)))
    differences = [each for kind in kinds.values() for each in kind["differences"]]
    return int(any(difference["reason"] is None for difference in differences))


def _cases_of(path: Path) -> Iterator[Case]:
    kind = path.stem.removeprefix(_PREFIX)
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            written, *expected = line.split("~")
            yield Case(kind, written, tuple(expected))


def _words(said: str) -> list[str]:
    return _WORD.findall(said.lower())


def _report(result: Mapping[str, Any]) -> Iterator[str]:
    for name, kind in result["kinds"].items():
        yield f"{name:<12}{kind['agreed']:>4} of {kind['cases']}"
        for difference in kind["differences"]:
            yield f"    {difference['written']}"
            yield f"        ours: {difference['ours']}"
            yield f"        NeMo: {difference['nemo']}"
            yield f"        {difference['reason'] or 'no reason'}"
    yield f"{'all':<12}{result['agreed']:>4} of {result['cases']}"


if __name__ == "__main__":
    sys.exit(main())
