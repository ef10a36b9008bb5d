"""`python -m infra.walk`: follow docs/deploy.md on this machine; exit code 1 if a step fails."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from infra.local.settings import ROOT, LocalRunError
from infra.walk import commands, report
from infra.walk.machine import machine
from infra.walk.rules import RULES
from infra.walk.walk import Step, follow


def main(arguments: list[str] | None = None) -> int:
    """Follow the page, telling each step as it comes."""
    parser = argparse.ArgumentParser(prog="python -m infra.walk", description=__doc__)
    parser.add_argument("page", nargs="?", type=Path, default=ROOT / "docs" / "deploy.md")
    page = parser.parse_args(arguments).page
    failures: list[Step] = []
    try:
        found = commands.read(page.read_text())
        with machine() as shell:
            steps = _noting(follow(found, RULES, shell), failures)
            for line in report.lines(steps):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
    except LocalRunError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 1 if failures else 0


def _noting(steps: Iterable[Step], failures: list[Step]) -> Iterator[Step]:
    for step in steps:
        if step.is_failure:
            failures.append(step)
        yield step


if __name__ == "__main__":
    sys.exit(main())
