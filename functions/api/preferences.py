"""The `Prefer` header (RFC 7240): how long a caller wants to wait."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,6})\"?")


@dataclass(frozen=True, slots=True)
class Preference:
    """What was asked for; what is not understood is ignored, as the RFC wants.

    Attributes:
        respond_async: answer at once, speak later.
        wait_s: longest wait in seconds; None if nothing was said.
    """

    respond_async: bool = False
    wait_s: int | None = None

    @property
    def applied(self) -> str:
        """The value of `Preference-Applied`; empty if nothing was asked for."""
        wait = [] if self.wait_s is None else [f"wait={self.wait_s}"]
        return ", ".join((["respond-async"] if self.respond_async else []) + wait)


def parse(header: str) -> Preference:
    """Read the header's preferences."""
    respond_async, wait_s = False, None
    for preference in header.lower().split(","):
        name = preference.split(";")[0].strip()
        if name == "respond-async":
            respond_async = True
        elif match := _WAIT.fullmatch(name):
            wait_s = int(match[1])
    return Preference(respond_async, wait_s)
