"""What every chunk must be before anything is made of it."""

from __future__ import annotations

from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.engines.base import AudioChunk, EngineError


def check_chunk(chunk: AudioChunk) -> None:
    """Refuse a chunk that is not mono audio at the host's rate.

    Raises:
        EngineError: the engine delivered something else.
    """
    if chunk.sample_rate_hz != SAMPLE_RATE_HZ or chunk.samples.ndim != 1:
        raise EngineError("the engine delivered audio of another rate or shape")
