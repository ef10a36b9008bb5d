"""Follow a page command by command, and tell what became of each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from infra.walk.classification import How, Rule, UnknownCommandError, rule_for
from infra.walk.commands import Command
from infra.walk.shell import Outcome


class Terminal(Protocol):
    """Where commands are run."""

    def run(self, command: str) -> Outcome:
        """Run a command to its end."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one command.

    Attributes:
        mark: RUN, CHECKED or CANNOT; FAILED where what was to be run or checked went wrong,
            UNKNOWN where no rule matches.
        note: what differed from the real thing; for FAILED and UNKNOWN, what went wrong.
    """

    command: Command
    mark: str
    note: str
    took_s: float

    @property
    def is_failure(self) -> bool:
        """Whether the walk may not pass."""
        return self.mark in {"FAILED", "UNKNOWN"}


def follow(
    commands: Sequence[Command], rules: Sequence[Rule], terminal: Terminal
) -> Iterator[Step]:
    """Take the commands in order, also after one that failed: the reader wants to see them all."""
    for command in commands:
        begun = time.monotonic()
        try:
            rule = rule_for(command.text, rules)
        except UnknownCommandError as error:
            yield Step(command, "UNKNOWN", str(error), 0.0)
            continue
        outcome = _take(command, rule, terminal)
        took_s = time.monotonic() - begun
        if outcome.code:
            told = outcome.output.strip()[-2000:]
            yield Step(command, "FAILED", f"exit code {outcome.code}: {told}", took_s)
        else:
            yield Step(command, rule.how.value, rule.note, took_s)


def _take(command: Command, rule: Rule, terminal: Terminal) -> Outcome:
    if rule.instead:
        return terminal.run(_with_command(command.text, rule.instead))
    if rule.how is How.RUN:
        return terminal.run(command.text)
    return Outcome(0, "")


def _with_command(command: str, instead: str) -> str:
    """The stand-in, with the command it stands in for in `$COMMAND` (quoted by a here-document)."""
    return f"COMMAND=$(cat <<'END_OF_COMMAND'\n{command}\nEND_OF_COMMAND\n)\n{instead}"
