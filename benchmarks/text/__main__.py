"""`python -m benchmarks.text`: what normalising costs, into benchmarks/results/text.json."""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.engine.machine import describe_machine
from benchmarks.text.calls import LENGTH, SEED, calls, long_texts
from model_host.text.normalizer import NORMALIZER_VERSION, Normalizer

_NORMALIZER = Normalizer()
RESULTS = Path(__file__).parents[1] / "results" / "text.json"
ROUNDS = 5
P99_MAX_MS = 2.0
"""Beside the 20-45 ms of a single step of speech, nothing."""


def main() -> int:
    """Measure, write, print; 1 where a text takes too long."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.text", description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS, help="default: %(default)s")
    options = parser.parse_args()
    machine = describe_machine()
    figures = {
        "calls": measure(calls()),
        f"{LENGTH}_characters": measure(long_texts()),
    }
    result = {
        "command": "python -m benchmarks.text",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": machine,
        "versions": {"normalizer": NORMALIZER_VERSION},
        "seed": SEED,
        "rounds": ROUNDS,
        "p99_max_ms": P99_MAX_MS,
        **figures,
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))
    return int(any(figure["p99_ms"] > P99_MAX_MS for figure in figures.values()))


def measure(texts: Sequence[str]) -> dict[str, Any]:
    """Normalise each text `ROUNDS` times after a round that warms up.

    Returns:
        `texts`, their mean length, and `p50_ms`, `p99_ms` and `max_ms` over all that was timed:
        milliseconds for one text, wall clock.
    """
    for text in texts:
        _NORMALIZER.normalize(text)
    gc.collect()
    times_ms = [_time_ms(text) for _ in range(ROUNDS) for text in texts]
    percentiles = statistics.quantiles(times_ms, n=100)
    return {
        "texts": len(texts),
        "mean_characters": round(statistics.fmean(len(text) for text in texts), 1),
        "p50_ms": round(statistics.median(times_ms), 4),
        "p99_ms": round(percentiles[98], 4),
        "max_ms": round(max(times_ms), 4),
    }


def _time_ms(text: str) -> float:
    begun = time.perf_counter_ns()
    _NORMALIZER.normalize(text)
    return (time.perf_counter_ns() - begun) / 1e6


if __name__ == "__main__":
    sys.exit(main())
