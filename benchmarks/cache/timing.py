"""Timing calls one by one, and what the probes hand back."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any


def each_ms(calls: Iterable[Callable[[], Any]]) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for call in calls:
        begun = time.perf_counter()
        call()
        times.append((time.perf_counter() - begun) * 1000)
    return times


def hand_back(result: dict[str, Any]) -> None:
    """Write a probe's result as the last line of its output, after whatever the code logged."""
    sys.stdout.flush()
    print("\nRESULT " + json.dumps(result), flush=True)
