"""What every speech engine is to the rest of the host: the `Engine` protocol and its values.

An engine turns an `Utterance` into `AudioChunk`s as it makes them. It knows nothing of HTTP,
queues, codecs or loudness; those stand above it and are the same for every engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
"""Mono audio, shape (n,), dtype float32, full scale ±1.0."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A piece of audio that carries its own rate.

    Attributes:
        samples: mono, shape (n,), float32, full scale ±1.0.
        sample_rate_hz: samples a second.
        piece: index of the utterance's piece that it belongs to.
    """

    samples: Samples
    sample_rate_hz: int
    piece: int = 0

    @property
    def duration_s(self) -> float:
        """Length of the chunk in seconds."""
        return len(self.samples) / self.sample_rate_hz


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that can be asked for by `id`; `language` is a BCP 47 tag."""

    id: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing to say, already validated and normalised.

    Attributes:
        pieces: what to say, in order, at least one; each alone for which `Engine.fits` holds.
        voice: id of one of the engine's voices.
        speed: rate of speech relative to the voice's own, 0.5-2.0, pitch unchanged.
        seed: makes a sampling engine repeatable; engines that do not sample ignore it.
        live: whether people wait for it; False lets an engine serve others first.
        streaming: whether chunks are wanted as they are made, the first as soon as possible.
        candidates: how often a sampling engine tries each piece, at once, to keep the best; others
            ignore it.
    """

    pieces: tuple[str, ...]
    voice: str
    speed: float = 1.0
    seed: int | None = None
    live: bool = True
    streaming: bool = False
    candidates: int = 1


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """The truth about what speaks, for `/info` and for the cache fingerprint.

    Attributes:
        engine: "espeak", "coqui" or "xtts".
        model: the model's public name.
        device: "cpu".
        reference_audio: path of the cloned voice's recording; None where none is used.
        versions: everything that changes how a text sounds (library, model hash, voice hash, …).
    """

    engine: str
    model: str
    device: str
    reference_audio: str | None
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EngineStatistics:
    """What a batching engine does and holds, for `/info` and `/metrics`.

    Attributes:
        facts: what does not change while it runs (pack, precisions, CPU features, sizes).
        gauges: what goes up and down, by the suffix of its metric's name.
        counters: what only goes up, likewise.
    """

    facts: Mapping[str, str | int | list[str]]
    gauges: Mapping[str, float]
    counters: Mapping[str, float]


@runtime_checkable
class ObservableEngine(Protocol):
    """An engine that tells what it does."""

    def statistics(self) -> EngineStatistics:
        """Take a reading; valid after `load`, from any thread, in microseconds."""
        ...


class EngineError(Exception):
    """The engine failed while speaking: the request may be tried again."""


class EngineUnavailableError(Exception):
    """The engine cannot start; the message says what the operator must provide."""


class Engine(Protocol):
    """A speech engine. `load` once, then `synthesize` from worker threads, then `close`."""

    @property
    def voices(self) -> tuple[Voice, ...]:
        """The voices that can be asked for, the default first. Known before `load`."""
        ...

    @property
    def max_concurrency(self) -> int:
        """How many `synthesize` calls may run at the same time."""
        ...

    @property
    def live_reserve(self) -> int:
        """How many of these bulk work may not take; less than `max_concurrency`."""
        ...

    @property
    def stochastic(self) -> bool:
        """Whether another seed gives another result; if not, asking again is of no use."""
        ...

    def fits(self, text: str) -> bool:
        """Whether a text can be one piece. Valid after `load`; holds for every single character."""
        ...

    def load(self) -> None:
        """Load the model. Blocking, may take seconds.

        Raises:
            EngineUnavailableError: something it needs is missing.
        """
        ...

    def describe(self) -> EngineDescription:
        """Say what speaks. Valid after `load`."""
        ...

    def synthesize(self, utterance: Utterance, cancelled: Event) -> Iterator[AudioChunk]:
        """Speak, chunk by chunk, as it is made.

        Args:
            utterance: what to say and how.
            cancelled: when set, the engine stops as soon as it can and ends the iterator.

        Yields:
            Mono chunks, all of one rate, piece by piece in order. Between pieces there is no more
            quiet than the engine ends one with; pauses are added above it.

        Raises:
            EngineError: synthesis failed.
        """
        ...

    def close(self) -> None:
        """Free what `load` took. Idempotent."""
        ...
