"""Where this invocation stands in a trace, as it is told to the model host.

X-Ray names a trace `1-5759e988-bd862e3fe1be46a994272793`; W3C Trace Context names the same one by
its digits alone (https://www.w3.org/TR/trace-context/), so both sides show one id.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

# https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
_X_RAY_VARIABLE = "_X_AMZN_TRACE_ID"
_ROOT = re.compile(r"(?:^|;)Root=1-([0-9a-f]{8})-([0-9a-f]{24})(?:;|$)")
_PARENT = re.compile(r"(?:^|;)Parent=([0-9a-f]{16})(?:;|$)")
_NO_SPAN = "0" * 16


@dataclass(frozen=True, slots=True)
class TraceContext:
    """A place in a trace.

    Attributes:
        trace_id: 32 hex digits.
        parent_id: 16 hex digits of the span that asks.
        sampled: whether whoever began the trace has it recorded.
    """

    trace_id: str
    parent_id: str
    sampled: bool

    @property
    def traceparent(self) -> str:
        """The header of that name."""
        return f"00-{self.trace_id}-{self.parent_id}-{int(self.sampled):02x}"


_invocation: ContextVar[TraceContext | None] = ContextVar("trace_context", default=None)


def begin(environ: Mapping[str, str] = os.environ) -> TraceContext:
    """Read where the invocation that begins now stands; Lambda's runtime sets it for each."""
    context = _of_x_ray(environ.get(_X_RAY_VARIABLE, "")) or _new()
    _invocation.set(context)
    return context


def current() -> TraceContext:
    """Where this invocation stands; a new trace outside of any."""
    return _invocation.get() or _new()


def _of_x_ray(header: str) -> TraceContext | None:
    root, parent = _ROOT.search(header), _PARENT.search(header)
    if root is None:
        return None
    parent_id = parent.group(1) if parent else _NO_SPAN
    return TraceContext(
        trace_id="".join(root.groups()),
        # All zeros are no span's id, and a traceparent that has them is void (§3.2.2.4 there).
        parent_id=parent_id if parent_id != _NO_SPAN else secrets.token_hex(8),
        sampled="Sampled=1" in header.split(";"),
    )


def _new() -> TraceContext:
    """Begin a trace; nobody before has decided on recording it, so that whoever can does."""
    return TraceContext(secrets.token_hex(16), secrets.token_hex(8), sampled=True)
