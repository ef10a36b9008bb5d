"""Timing calls one by one, and what the probes hand back."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import uuid4


def each_ms(calls: Iterable[Callable[[], Any]]) -> list[float]:
    """Milliseconds of each call."""
    times = []
    for call in calls:
        begun = time.perf_counter()
        call()
        times.append((time.perf_counter() - begun) * 1000)
    return times


HOST_HEADERS = "HOST_HEADERS"
"""Variable with the headers, as JSON, that the model host wants to see."""

KNOWN_TEXT = "Atenção, senha A042, guichê 2"


def time_asking(mode: str, count: int, ask: Callable[[str], None]) -> dict[str, Any]:
    """Time the first call of a known text, then `count` more of it or of new ones.

    Args:
        mode: `hits` or `misses`.
        count: how many calls to time.
        ask: asks for a text and checks the answer.
    """
    [first_ms] = each_ms([partial(ask, KNOWN_TEXT)])
    texts = [KNOWN_TEXT if mode == "hits" else new_text() for _ in range(count)]
    return {"first_ms": first_ms, "times_ms": each_ms([partial(ask, text) for text in texts])}


def new_text() -> str:
    """A call that nobody asked for before, as long as the known one."""
    return f"Atenção, senha {uuid4().hex[:4]}, guichê 2"


def hand_back(result: dict[str, Any]) -> None:
    """Write a probe's result as the last line of its output, after whatever the code logged."""
    sys.stdout.flush()
    print("\nRESULT " + json.dumps(result), flush=True)
