"""`python -m benchmarks.speech`: what checks and levelling cost.

Writes benchmarks/results/speech.json.

A text of 200 characters, three pieces and 12 s of audio, as its engine would have made it. What is
timed is what a request pays beside its engine's work, in one thread, wall clock.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.engine.machine import describe_machine
from benchmarks.speech.voice import spoken
from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.audio.levelling import Leveller
from model_host.audio.pauses import SENTENCE_PAUSE_S, assembled
from model_host.engines.base import Samples
from model_host.verification.checks import FullChecks, Line
from model_host.verification.stream_guard import StreamGuard

RESULTS = Path(__file__).parents[1] / "results" / "speech.json"
ROUNDS = 300
WARM_UP_ROUNDS = 20
CHECKS_P99_MAX_MS = 15.0
CHUNK = SAMPLE_RATE_HZ // 5
"""Of a stream: about what a window of XTTS's vocoder makes."""

TEXTS = (
    "atenção, maria da silva, favor dirigir-se ao consultório número três.",
    "traga consigo os exames e um documento de identidade com fotografia.",
    "o atendimento da farmácia termina hoje às dezoito horas em ponto.",
)


def main() -> int:
    """Measure, write, print; 1 where the checks take too long."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speech", description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS, help="default: %(default)s")
    options = parser.parse_args()
    machine = describe_machine()
    pieces = spoken(TEXTS)
    figures = {
        "checks": measure(lambda: check(pieces)),
        "stream_checks": measure(lambda: guard(pieces)),
        "levelling": measure(levelling(pieces)),
        "stream_levelling": measure(stream_levelling(pieces)),
    }
    result = {
        "command": "python -m benchmarks.speech",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": {**machine, "load_average_after": os.getloadavg()[0]},
        "versions": {"av": version("av"), "numpy": version("numpy")},
        "characters": len(" ".join(TEXTS)),
        "audio_s": sum(len(samples) for samples in pieces) / SAMPLE_RATE_HZ,
        "rounds": ROUNDS,
        "checks_p99_max_ms": CHECKS_P99_MAX_MS,
        **figures,
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))
    return int(figures["checks"]["p99_ms"] > CHECKS_P99_MAX_MS)


def check(pieces: Sequence[Samples]) -> None:
    """All checks of a whole recording's pieces.

    Raises:
        RuntimeError: something was found, so that less than usual was done.
    """
    checks = FullChecks(attempts=3)
    for text, samples in zip(TEXTS, pieces, strict=True):
        if checks.examine(Line("default", text), samples).findings:
            raise RuntimeError("the speech is not sound")


def guard(pieces: Sequence[Samples]) -> None:
    """All checks of a stream, chunk by chunk."""
    checks = FullChecks(attempts=3)
    for text, samples in zip(TEXTS, pieces, strict=True):
        one = StreamGuard(checks.plausible(Line("default", text)))
        for start in range(0, len(samples), CHUNK):
            one.push(samples[start : start + CHUNK])
        one.finish()


def levelling(pieces: Sequence[Samples]) -> Callable[[], object]:
    """Level a whole recording."""
    whole = assembled(pieces, [SENTENCE_PAUSE_S] * len(pieces))
    leveller = Leveller(-23.0)
    return lambda: leveller.whole("default", whole)


def stream_levelling(pieces: Sequence[Samples]) -> Callable[[], object]:
    """Level a stream, chunk by chunk, its limiter included."""
    whole = assembled(pieces, [SENTENCE_PAUSE_S] * len(pieces))
    leveller = Leveller(-23.0)

    def level() -> None:
        stream = leveller.stream("default")
        for start in range(0, len(whole), CHUNK):
            stream.push(whole[start : start + CHUNK])
        stream.finish()

    return level


def measure(work: Callable[[], object]) -> dict[str, Any]:
    """Milliseconds of the work: `p50_ms`, `p99_ms` and `max_ms` of `ROUNDS`, after a warm-up."""
    for _ in range(WARM_UP_ROUNDS):
        work()
    gc.collect()
    times_ms = [_time_ms(work) for _ in range(ROUNDS)]
    return {
        "p50_ms": round(statistics.median(times_ms), 3),
        "p99_ms": round(statistics.quantiles(times_ms, n=100)[98], 3),
        "max_ms": round(max(times_ms), 3),
    }


def _time_ms(work: Callable[[], object]) -> float:
    begun = time.perf_counter_ns()
    work()
    return (time.perf_counter_ns() - begun) / 1e6


if __name__ == "__main__":
    sys.exit(main())
