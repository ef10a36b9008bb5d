"""What becomes of a command on a machine without a cluster, Docker or an AWS account."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """How far a command can be followed here."""

    RUN = "RUN"
    CHECKED = "CHECKED"
    CANNOT = "CANNOT"


class UnknownCommandError(Exception):
    """No rule says what to do with a command."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do with the commands that match.

    Attributes:
        pattern: found anywhere in the command.
        how: RUN, executed; CHECKED, something in it is proved instead; CANNOT, neither.
        note: what differs from the real thing and why; only a RUN to the letter has none.
        instead: shell that stands in for the command, which it sees as `$COMMAND`; empty for the
            command itself (RUN) or for nothing (CANNOT).
    """

    pattern: re.Pattern[str]
    how: How
    note: str = ""
    instead: str = ""

    def __post_init__(self) -> None:
        """Refuse a rule that hides something.

        Raises:
            ValueError: it does not run the command to the letter and does not say why, or
                checks by nothing.
        """
        if not self.note and (self.how is not How.RUN or self.instead):
            raise ValueError(f"{self.pattern.pattern}: a note is wanted")
        if self.how is How.CHECKED and not self.instead:
            raise ValueError(f"{self.pattern.pattern}: nothing is checked")


def rule_for(command: str, rules: Sequence[Rule]) -> Rule:
    """The first rule that matches.

    Raises:
        UnknownCommandError: none does.
    """
    for rule in rules:
        if rule.pattern.search(command):
            return rule
    raise UnknownCommandError(
        "no rule of infra/walk/rules.py matches: add one that runs it, or says why it cannot"
    )
