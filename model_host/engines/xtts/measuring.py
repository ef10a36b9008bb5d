"""Stopwatches around an engine: how long until audio, how much audio, and whether it comes in time.

Used by `bench`, by `verify` and by `benchmarks/engine`; needs neither torch nor TTS.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread

import numpy as np

from model_host.engines.base import Engine, EngineError, Samples, Utterance


@dataclass(frozen=True, slots=True)
class Spoken:
    """One utterance as its caller saw it.

    Attributes:
        samples: all of its audio, float32 (n,).
        sample_rate_hz: of the samples.
        started_at: `time.perf_counter()` when it was asked for.
        arrived_s: when each chunk came, seconds after `started_at`.
        chunk_s: how long each chunk plays.
    """

    samples: Samples
    sample_rate_hz: int
    started_at: float
    arrived_s: tuple[float, ...]
    chunk_s: tuple[float, ...]

    @property
    def wall_s(self) -> float:
        """Seconds from asking to the last of the audio."""
        return self.arrived_s[-1]

    @property
    def first_audio_s(self) -> float:
        """Seconds from asking to the first of the audio."""
        return self.arrived_s[0]

    @property
    def audio_s(self) -> float:
        """Length of the audio in seconds."""
        return len(self.samples) / self.sample_rate_hz

    @property
    def rtf(self) -> float:
        """Real-time factor: seconds of work for a second of audio."""
        return self.wall_s / self.audio_s

    @property
    def late_chunks(self) -> int:
        """How many chunks a player that starts with the first would have had to wait for."""
        return sum(slack < 0 for slack in self.slacks_s())

    def slacks_s(self) -> list[float]:
        """How long before it ran dry the player got each further chunk; negative is an underrun.

        A player that ran dry goes on when the chunk comes, so that one late chunk counts once.
        """
        slacks = []
        dry_at = self.arrived_s[0] + self.chunk_s[0]
        for arrived, length in zip(self.arrived_s[1:], self.chunk_s[1:], strict=True):
            slacks.append(dry_at - arrived)
            dry_at = max(dry_at, arrived) + length
        return slacks


@dataclass(frozen=True, slots=True)
class Together:
    """Several utterances that were asked for at the same moment.

    Attributes:
        spoken: one for each caller.
        wall_s: from the first question to the last of all audio.
    """

    spoken: tuple[Spoken, ...]
    wall_s: float

    @property
    def throughput(self) -> float:
        """Seconds of audio made in a second."""
        return sum(one.audio_s for one in self.spoken) / self.wall_s


def speak(engine: Engine, utterance: Utterance) -> Spoken:
    """Ask and listen to the end.

    Raises:
        EngineError: it failed, or there was no audio.
    """
    samples, arrived, lengths, rate_hz = [], [], [], 0
    started_at = time.perf_counter()
    for chunk in engine.synthesize(utterance, Event()):
        arrived.append(time.perf_counter() - started_at)
        samples.append(chunk.samples)
        lengths.append(chunk.duration_s)
        rate_hz = chunk.sample_rate_hz
    if not samples:
        raise EngineError("there is nothing to say in this text")
    return Spoken(np.concatenate(samples), rate_hz, started_at, tuple(arrived), tuple(lengths))


def speak_together(engine: Engine, utterances: Sequence[Utterance]) -> Together:
    """Ask for all at once, from a thread each, and listen to the end of the last."""
    with ThreadPoolExecutor(len(utterances)) as callers:
        started_at = time.perf_counter()
        spoken = tuple(callers.map(lambda utterance: speak(engine, utterance), utterances))
        return Together(spoken, time.perf_counter() - started_at)


@contextmanager
def bulk_load(engine: Engine, utterance: Utterance, callers: int) -> Iterator[None]:
    """Keep so many bulk callers busy, one utterance after the other, until the block is left.

    The block is entered when each of them is being served.
    """
    cancelled = Event()
    bulk = replace(utterance, live=False, streaming=False)

    def call() -> None:
        while not cancelled.is_set():
            for _ in engine.synthesize(bulk, cancelled):
                pass

    threads = [Thread(target=call, name=f"bulk-{number}") for number in range(callers)]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    try:
        yield
    finally:
        cancelled.set()
        for thread in threads:
            thread.join()


def peak_rss_mb(process: int | str = "self") -> float:
    """The most memory that a process ever held, in MB of 10^6 bytes (Linux)."""
    return _status_kib(process, "VmHWM") * 1024 / 1e6


def rss_mb(process: int | str = "self") -> float:
    """The memory that a process holds now, in MB of 10^6 bytes (Linux)."""
    return _status_kib(process, "VmRSS") * 1024 / 1e6


def _status_kib(process: int | str, field: str) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    [value] = [line.split()[1] for line in status.splitlines() if line.startswith(f"{field}:")]
    return int(value)
