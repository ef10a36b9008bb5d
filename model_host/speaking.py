"""The one place where a request becomes audio: text → engine → checks → bytes."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from threading import Event

import numpy as np

from model_host.audio.checks import check_chunk, is_audible
from model_host.audio.codecs import open_encoder
from model_host.engines.base import AudioChunk, Engine, EngineError, Samples, Utterance
from model_host.request import SpeechRequest
from model_host.text.normalizer import normalize


@dataclass(frozen=True, slots=True)
class Effort:
    """How soon and how thoroughly a request is spoken beside others.

    Attributes:
        live: whether people wait for it.
        candidates: how often each sentence is tried, to keep the best.
    """

    live: bool = True
    candidates: int = 1


@dataclass(slots=True)
class SpeakingTimes:
    """What one request took; filled while it is spoken.

    Attributes:
        synthesis_s: seconds the engine worked, without waiting for a slow client.
        audio_s: seconds of audio it made.
    """

    synthesis_s: float = 0.0
    audio_s: float = 0.0

    @property
    def rtf(self) -> float | None:
        """Real-time factor: seconds of work for a second of audio."""
        return self.synthesis_s / self.audio_s if self.audio_s else None


def speak_whole(
    engine: Engine,
    request: SpeechRequest,
    effort: Effort,
    times: SpeakingTimes,
    cancelled: Event,
) -> Generator[bytes, None, None]:
    """Speak, check the whole, and only then yield it as one piece.

    Raises:
        EngineError: synthesis failed, or what came out is not speech.
    """
    utterance = _utterance(request, effort)
    chunks = list(_checked_chunks(engine, utterance, times, cancelled))
    if cancelled.is_set():
        return
    samples: Samples = np.concatenate([chunk.samples for chunk in chunks])
    with open_encoder(request.format, samples_total=len(samples)) as encoder:
        yield encoder.encode(samples) + encoder.finish()


def speak_stream(
    engine: Engine,
    request: SpeechRequest,
    effort: Effort,
    times: SpeakingTimes,
    cancelled: Event,
) -> Generator[bytes, None, None]:
    """Speak and yield bytes as they are made; the first only once something audible was made.

    Raises:
        EngineError: synthesis failed, or what came out is not speech.
    """
    with open_encoder(request.format) as encoder:
        utterance = _utterance(request, effort)
        for chunk in _checked_chunks(engine, utterance, times, cancelled):
            if data := encoder.encode(chunk.samples):
                yield data
        if not cancelled.is_set() and (data := encoder.finish()):
            yield data


def _utterance(request: SpeechRequest, effort: Effort) -> Utterance:
    return Utterance(
        text=normalize(request.text),
        voice=request.voice_id,
        speed=request.speed,
        seed=request.seed,
        live=effort.live,
        streaming=request.stream,
        candidates=effort.candidates,
    )


def _checked_chunks(
    engine: Engine, utterance: Utterance, times: SpeakingTimes, cancelled: Event
) -> Iterator[AudioChunk]:
    """Yield sound chunks; quiet ones at the start are held back until one is audible."""
    held: list[AudioChunk] = []
    audible = False
    for chunk in _timed(engine.synthesize(utterance, cancelled), times):
        check_chunk(chunk)
        if audible:
            yield chunk
            continue
        held.append(chunk)
        if is_audible(chunk):
            audible = True
            yield from held
    if not audible and not cancelled.is_set():
        raise EngineError("the engine made no audible sound")


def _timed(chunks: Iterator[AudioChunk], times: SpeakingTimes) -> Iterator[AudioChunk]:
    """Count the time the engine takes, not the time its taker takes."""
    while True:
        asked_at = time.perf_counter()
        try:
            chunk = next(chunks, None)
        finally:
            times.synthesis_s += time.perf_counter() - asked_at
        if chunk is None:
            return
        times.audio_s += chunk.duration_s
        yield chunk
