"""`python -m model_host`: run the server."""

from __future__ import annotations

import signal
import sys
from types import FrameType


def main() -> int:
    """Run until told to stop; return the process's exit code."""
    # A container's first process has no default action for signals: without this one SIGTERM would
    # be lost until uvicorn has its own, and kubelet wait out the grace period. Hence the import
    # only now: what it brings along takes seconds on a busy node.
    signal.signal(signal.SIGTERM, _stop)
    from model_host.start import start  # noqa: PLC0415

    return start()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)  # to have stopped when told to is no failure


if __name__ == "__main__":
    sys.exit(main())
