"""The walk as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from infra.walk.walk import Step

_COMMAND_CHARS = 78


def lines(steps: Iterable[Step]) -> Iterator[str]:
    """One line a step as it comes, its section before it and its note below; at last the sums."""
    section, counts = "", Counter[str]()
    for step in steps:
        if step.command.section != section:
            section = step.command.section
            yield f"\n{section}"
        counts[step.mark] += 1
        yield f"  {step.mark:<8} {step.command.line:>4}  {_short(step.command.text)}"
        yield from (f"                  {line}" for line in step.note.splitlines())
    yield "\n" + ", ".join(f"{count} {mark}" for mark, count in sorted(counts.items()))


def _short(text: str) -> str:
    one_line = " ".join(text.replace("\\\n", " ").split())
    if len(one_line) <= _COMMAND_CHARS:
        return one_line
    return f"{one_line[: _COMMAND_CHARS - 1]}…"
