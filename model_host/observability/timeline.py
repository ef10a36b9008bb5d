"""A finished request as stretches of time: the same for every system that draws them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from model_host.observability.record import RequestRecord


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that took time.

    Attributes:
        name: `queue`, `engine` or `checks`.
        began_at: seconds since the epoch.
        ended_at: seconds since the epoch.
    """

    name: str
    began_at: float
    ended_at: float


def whole(record: RequestRecord) -> Stretch:
    """The request, from its arrival to now."""
    now = time.time()
    return Stretch(span_name(record), now - (time.monotonic() - record.arrived_at), now)


def parts(record: RequestRecord, began_at: float) -> Iterator[Stretch]:
    """What of it is known: the wait, the engine's work, the checks'.

    Engine and checks take turns, piece by piece. Their sums are laid one behind the other; what is
    left of the request is encoding and sending.

    Args:
        record: of a request that is over.
        began_at: its arrival, in seconds since the epoch.
    """
    job = record.job
    if job is None or job.queue_wait_s is None:
        return
    at = began_at + job.submitted_at - record.arrived_at
    lengths_s = {
        "queue": job.queue_wait_s,
        "engine": record.report.synthesis_s,
        "checks": record.report.check_s,
    }
    for name, length_s in lengths_s.items():
        yield Stretch(name, at, at + length_s)
        at += length_s


def span_name(record: RequestRecord) -> str:
    """Method and route template; never a path, which may hold anything."""
    return f"{record.method} {record.route}"
