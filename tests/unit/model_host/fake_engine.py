"""An engine for tests: speaks a tone at the pace and with the faults it is told to have."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event

import numpy as np

from model_host.engines.base import (
    AudioChunk,
    EngineDescription,
    EngineError,
    EngineStatistics,
    Samples,
    Utterance,
    Voice,
)

RATE_HZ = 24_000


def tone(duration_s: float, amplitude: float = 0.5) -> Samples:
    """A 220 Hz sine, shape (n,), float32."""
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return (amplitude * np.sin(2 * np.pi * 220 * t)).astype(np.float32)


@dataclass
class FakeEngine:
    """Makes `chunks` tones of `chunk_s` for each piece, one each `pace_s`; notes what it is asked.

    Words of the text change what it does: "falha" fails at once, "engasga" fails after two chunks,
    "mudo" makes silence, "ruim" makes samples that are not finite, "vazio" makes nothing.
    """

    chunks: int = 4
    chunk_s: float = 0.1
    pace_s: float = 0.0
    unpaced: int = 0
    """How many utterances come at once first: a host's warm-up is one."""
    max_concurrency: int = 1
    live_reserve: int = 0
    stochastic: bool = True
    asked: list[Utterance] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    loading_s: float = 0.0
    load_error: Exception | None = None
    closed: bool = False

    @property
    def voices(self) -> tuple[Voice, ...]:
        return (
            Voice("default", "Tom", "pt-BR"),
            Voice("second", "Outro tom", "pt-BR"),
        )

    def load(self) -> None:
        time.sleep(self.loading_s)
        if self.load_error is not None:
            raise self.load_error

    def describe(self) -> EngineDescription:
        return EngineDescription("fake", "fake/tone", "cpu", None, {"tone": "1"})

    def fits(self, text: str) -> bool:
        return len(text) <= 203

    def synthesize(self, utterance: Utterance, cancelled: Event) -> Iterator[AudioChunk]:
        self.asked.append(utterance)
        for index, text in enumerate(utterance.pieces):
            yield from self._piece(index, text, utterance.speed, cancelled)

    def _piece(self, index: int, text: str, speed: float, cancelled: Event) -> Iterator[AudioChunk]:
        self.spoken.append(text)
        if "falha" in text:
            raise EngineError(f"cannot say {text}")
        amplitude = 0.0 if "mudo" in text else 0.5
        pace_s = self.pace_s if len(self.spoken) > self.unpaced else 0.0
        for number in range(0 if "vazio" in text else self.chunks):
            if cancelled.wait(pace_s) if pace_s else cancelled.is_set():
                self.cancelled.append(text)
                return
            if "engasga" in text and number == 2:
                raise EngineError(f"cannot go on with {text}")
            samples = tone(self.chunk_s / speed, amplitude)
            if "ruim" in text:
                samples[0] = np.inf
            yield AudioChunk(samples, RATE_HZ, index)
        self.finished.append(text)

    def close(self) -> None:
        self.closed = True


class TellingEngine(FakeEngine):
    """A fake engine that also tells what it does."""

    def statistics(self) -> EngineStatistics:
        if self.closed:
            raise EngineError("closed")
        return EngineStatistics(
            facts={"pack": "00ff", "cpu_features": ["FP32", "INT8"], "max_rows": 16},
            gauges={"rows": 3.0},
            counters={"tokens": float(len(self.spoken))},
        )
