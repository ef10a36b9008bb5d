"""A chain of FFmpeg's audio filters that samples are pushed through, as they come."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np
from av.filter import Graph

from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.engines.base import Samples

_BLOCK_SAMPLES = SAMPLE_RATE_HZ // 2


class FilterChain:
    """Filters one after the other, mono float32 at `SAMPLE_RATE_HZ` going in."""

    def __init__(self, *filters: tuple[str, str]) -> None:
        """Build the graph.

        Args:
            filters: name and options of each, in FFmpeg's syntax.
        """
        self._graph = Graph()
        nodes = [
            self._graph.add_abuffer(
                sample_rate=SAMPLE_RATE_HZ,
                format="flt",
                layout="mono",
                time_base=f"1/{SAMPLE_RATE_HZ}",  # type: ignore[arg-type]  # passed on as text
            ),
            *(self._graph.add(name, options) for name, options in filters),
            self._graph.add("abuffersink"),
        ]
        self._graph.link_nodes(*nodes).configure()
        self._next_sample = 0

    def push(self, samples: Samples) -> list[av.AudioFrame]:
        """Put in a piece, shape (n,); return the frames that are ready."""
        if len(samples):
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(samples)[np.newaxis, :], format="flt", layout="mono"
            )
            frame.sample_rate = SAMPLE_RATE_HZ
            frame.pts = self._next_sample
            self._next_sample += len(samples)
            self._graph.push(frame)
        return list(self._ready())

    def run(self, samples: Samples) -> Iterator[av.AudioFrame]:
        """Put in a whole recording, shape (n,), block by block, and yield every frame.

        At four times the rate and in double precision, all of half a minute at once would be tens
        of megabytes, which each thread's allocator would keep.
        """
        for start in range(0, len(samples), _BLOCK_SAMPLES):
            yield from self.push(samples[start : start + _BLOCK_SAMPLES])
        yield from self.flush()

    def flush(self) -> list[av.AudioFrame]:
        """Return the rest; nothing can be pushed after it."""
        self._graph.push(None)
        return list(self._ready())

    def _ready(self) -> Iterator[av.AudioFrame]:
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            if not isinstance(frame, av.AudioFrame):
                raise TypeError("an audio filter made no audio")
            yield frame


def samples_of(frames: list[av.AudioFrame]) -> Samples:
    """Put mono float32 frames together, shape (n,)."""
    parts = [frame.to_ndarray()[0] for frame in frames]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
