"""Speech, and everything that can be wrong with it: eSpeak NG and arithmetic."""

from __future__ import annotations

from functools import cache
from threading import Event

import numpy as np

from model_host.engines.base import Samples, Utterance
from model_host.engines.espeak.engine import EspeakEngine

RATE_HZ = 24_000
CALL = "atenção, maria da silva, favor dirigir-se ao consultório três."
BABBLE = "ora bora lalá mima zuque trenó pata fofa guelra sisuda nhaca."


@cache
def speech(text: str = CALL, speed: float = 1.0, voice: str = "default") -> Samples:
    """What eSpeak NG says, shape (n,), float32; never to be written to."""
    engine = EspeakEngine()
    engine.load()
    try:
        utterance = Utterance((text,), voice, speed=speed)
        chunks = [chunk.samples for chunk in engine.synthesize(utterance, Event())]
    finally:
        engine.close()
    spoken = np.concatenate(chunks)
    spoken.setflags(write=False)
    return spoken


def quiet(duration_s: float) -> Samples:
    """The noise of a quiet room, -66 dBFS."""
    noise = np.random.default_rng(5).normal(0, 5e-4, round(duration_s * RATE_HZ))
    return noise.astype(np.float32)


def joined(*parts: Samples) -> Samples:
    return np.concatenate(parts)


def run_on(gap_s: float = 0.7) -> Samples:
    """A call, a pause, and words that nobody asked for."""
    return joined(speech(), quiet(gap_s), speech(BABBLE))


def babble() -> Samples:
    """A call that goes on for far too long without a pause."""
    return joined(speech(), speech(BABBLE), speech(BABBLE))


def swallowed() -> Samples:
    """The first word of a call, with the quiet of all others."""
    return joined(speech("atenção"), quiet(3.0))


def holed(at_s: float = 0.5, gap_s: float = 0.8) -> Samples:
    """A call with a hole near its start."""
    cut = round(at_s * RATE_HZ)
    return joined(speech()[:cut], quiet(gap_s), speech()[cut:])


def clipped() -> Samples:
    loud: Samples = np.clip(speech() * 6, -1, 1)
    return loud


def faint() -> Samples:
    return speech() * np.float32(0.03)


def offset() -> Samples:
    return speech() * np.float32(0.8) + np.float32(0.1)


def not_finite() -> Samples:
    broken = speech().copy()
    broken[len(broken) // 2] = np.nan
    return broken
