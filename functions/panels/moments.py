"""Points in time as the panels write them: RFC 3339, UTC, milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime


def timestamp(epoch_s: float) -> str:
    """Write epoch seconds as `2025-11-22T13:00:00.000Z`."""
    written = datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def epoch_s(written: str) -> float:
    """Read `timestamp`'s writing back as epoch seconds."""
    return datetime.fromisoformat(written).timestamp()
