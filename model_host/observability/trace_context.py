"""The caller's place in a trace (https://www.w3.org/TR/trace-context/)."""

from __future__ import annotations

import re
from dataclasses import dataclass

TRACEPARENT_HEADER = "traceparent"

# Later versions may append fields behind a dash; version ff is void.
_TRACEPARENT = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
)
_SAMPLED = 0x01


@dataclass(frozen=True, slots=True)
class TraceParent:
    """The span that asks.

    Attributes:
        trace_id: 32 hex digits.
        span_id: 16 hex digits.
        sampled: whether whoever began the trace has it recorded.
    """

    trace_id: str
    span_id: str
    sampled: bool


def parse(header: str) -> TraceParent | None:
    """Read a `traceparent`; None for one that says nothing valid, which is then to be ignored."""
    found = _TRACEPARENT.fullmatch(header)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "00" and more is not None:
        return None
    return TraceParent(trace_id, span_id, bool(int(flags, 16) & _SAMPLED))
