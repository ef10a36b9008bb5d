"""From latents to the vocoder's frames, any range of them at a time.

XTTS-v2 stretches its latents with three linear interpolations, one on top of the other: by 1/speed,
by 4 (a latent lasts 1024 samples, a frame 256) and by 24 000/22 050 (the latents' rate to the
audio's). None of them aligns with the latents, so a stream that interpolated chunk by chunk would
drift and click at every seam. Here every frame is computed from its index in the whole utterance:
in whatever ranges it is asked for, the frames are the same to the bit.

Coordinates and weights are those of `torch.nn.functional.interpolate(x, scale_factor=[s],
mode="linear")` (ATen's UpSampleKernel.cpp): float32, computed as one fused multiply-add. In float64
they would be truer, and 2e-4 away from what the model does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

SLOWEST = 0.05
"""Speeds below are taken as this one, as `Xtts.inference` does."""

_COPIED_AT_MOST = 12
"""See `_Stretch.copies`."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One linear interpolation along time; `scale` is rows made for each row given."""

    scale: float

    def rows_total(self, rows: int) -> int:
        """Rows that it makes of all the rows there are."""
        return math.floor(rows * self.scale)

    def copies(self, rows: int) -> bool:
        """Whether so few rows are copied as they are.

        PyTorch does so whenever the number of rows stays the same. That depends on how much is
        still to come, so it is honoured only for scales at which it ends within a dozen rows:
        `rows_known` waits for those. At 0.923 < speed < 1, PyTorch does not slow short utterances
        down at all; here they are spoken as slowly as was asked.
        """
        return self.rows_total(rows) == rows and rows * (self.scale - 1) < 1 and self._honoured

    def rows_known(self, rows: int) -> int:
        """Rows that no later row can change, given the first `rows` of more to come."""
        if rows <= 1 or self.copies(rows):
            return 0
        left, _ = self.sources(0, self.rows_total(rows))
        # The last row's right neighbour is still to come.
        return int(np.searchsorted(left, rows - 1))

    def sources(self, start: int, stop: int) -> tuple[Indices, Float32]:
        """Where the rows made from `start` to `stop` come from, if nothing ends.

        Returns:
            Index of the row left of each, int64 [n]; how far right of it, float32 [n] in [0, 1).
        """
        centres = np.arange(start, stop, dtype=np.float64) + 0.5
        # A product of two float32 is exact in float64: rounding once at the end is what a fused
        # multiply-add does.
        positions = (centres * np.float64(np.float32(1 / self.scale)) - 0.5).astype(np.float32)
        positions = np.maximum(positions, np.float32(0))
        left = positions.astype(np.int64)
        return left, positions - left.astype(np.float32)

    @property
    def _honoured(self) -> bool:
        return (self.scale - 1) * _COPIED_AT_MOST >= 1


class FrameTimeline:
    """The frames of an utterance that is spoken at one speed."""

    def __init__(
        self,
        speed: float = 1.0,
        *,
        frames_per_latent: float = 4.0,
        rate_ratio: float = 24_000 / 22_050,
    ) -> None:
        """Set the stretches up.

        Args:
            speed: rate of speech relative to the voice's own.
            frames_per_latent: `ar_mel_length_compression / output_hop_length` of the checkpoint.
            rate_ratio: `output_sample_rate / input_sample_rate` of the checkpoint.
        """
        stretches = [_Stretch(frames_per_latent)]
        # As the model does: a factor of one is left out.
        length_scale = 1 / max(speed, SLOWEST)
        if length_scale != 1:
            stretches.insert(0, _Stretch(length_scale))
        if rate_ratio != 1:
            stretches.append(_Stretch(rate_ratio))
        self._stretches = tuple(stretches)

    def frames_total(self, latents: int) -> int:
        """Frames of an utterance of so many latents."""
        for stretch in self._stretches:
            latents = stretch.rows_total(latents)
        return latents

    def frames_known(self, latents: int) -> int:
        """Frames that no later latent can change, when so many latents are known."""
        for stretch in self._stretches:
            latents = stretch.rows_known(latents)
        return latents

    def frames(self, latents: Float32, start: int, stop: int) -> Float32:
        """Compute a range of frames.

        Args:
            latents: float32 [n, width], from the utterance's first on.
            start: index of the first frame, 0 at the utterance's start.
            stop: index after the last; at most `frames_total(n)` when these are all the latents,
                else at most `frames_known(n)`.

        Returns:
            float32 [width, stop - start], contiguous.

        Raises:
            ValueError: the range is not within the utterance.
        """
        if not 0 <= start <= stop <= self.frames_total(len(latents)):
            raise ValueError(f"no frames {start} to {stop} in {len(latents)} latents")
        rows = self._rows(len(self._stretches), latents, start, stop)
        return np.ascontiguousarray(rows.T, np.float32)

    def _rows(self, depth: int, latents: Float32, start: int, stop: int) -> Float32:
        """Rows `start` to `stop` after the first `depth` stretches."""
        if depth == 0 or start == stop:
            return latents[start:stop]
        below = len(latents)
        for stretch in self._stretches[: depth - 1]:
            below = stretch.rows_total(below)
        stretch = self._stretches[depth - 1]
        if stretch.copies(below):
            return self._rows(depth - 1, latents, start, stop)
        left, weight = stretch.sources(start, stop)
        # At the utterance's end the last row is its own right neighbour.
        left = np.minimum(left, below - 1)
        right = np.minimum(left + 1, below - 1)
        first = int(left[0])
        rows = self._rows(depth - 1, latents, first, int(right[-1]) + 1)
        mixed: Float32 = (
            rows[left - first] * (1 - weight)[:, None] + rows[right - first] * weight[:, None]
        )
        return mixed
