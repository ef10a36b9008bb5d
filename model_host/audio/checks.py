"""Checks that what an engine made is speech at all, before anyone hears or caches it."""

from __future__ import annotations

import numpy as np

from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.engines.base import AudioChunk, EngineError

AUDIBLE_PEAK = 0.003
"""Below this peak (-50 dBFS) nobody in a waiting room hears anything."""


def check_chunk(chunk: AudioChunk) -> None:
    """Refuse a chunk that is not finite mono audio at the host's rate.

    Raises:
        EngineError: the engine delivered something else.
    """
    if chunk.sample_rate_hz != SAMPLE_RATE_HZ or chunk.samples.ndim != 1:
        raise EngineError("the engine delivered audio of another rate or shape")
    if not np.isfinite(chunk.samples).all():
        raise EngineError("the engine delivered samples that are not finite")


def is_audible(chunk: AudioChunk) -> bool:
    """Whether anything in the chunk can be heard."""
    return len(chunk.samples) > 0 and float(np.abs(chunk.samples).max()) >= AUDIBLE_PEAK
