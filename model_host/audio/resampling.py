"""Changing the rate of a stream of samples, chunk by chunk, without clicks between chunks."""

from __future__ import annotations

import av
import numpy as np

from model_host.engines.base import AudioChunk, Samples


class StreamResampler:
    """Turns 16-bit mono of one rate into float32 mono chunks of another (libswresample)."""

    def __init__(self, from_rate_hz: int, to_rate_hz: int) -> None:
        self._from_rate_hz = from_rate_hz
        self._to_rate_hz = to_rate_hz
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=to_rate_hz)

    def push(self, pcm16: np.ndarray[tuple[int], np.dtype[np.int16]]) -> AudioChunk:
        """Resample one chunk, shape (n,); a few samples stay behind as the filter's history."""
        frame = av.AudioFrame.from_ndarray(pcm16[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate = self._from_rate_hz
        return self._chunk(self._resampler.resample(frame))

    def flush(self) -> AudioChunk:
        """Return what stayed behind; nothing can be pushed after it."""
        return self._chunk(self._resampler.resample(None))

    def _chunk(self, frames: list[av.AudioFrame]) -> AudioChunk:
        parts: list[Samples] = [frame.to_ndarray()[0].astype(np.float32) for frame in frames]
        samples = np.concatenate(parts) if parts else np.zeros(0, dtype=np.float32)
        return AudioChunk(samples=samples, sample_rate_hz=self._to_rate_hz)
