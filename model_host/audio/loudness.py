"""How loud a recording is (ITU-R BS.1770-4, EBU R 128), and keeping its peaks below a limit.

Both are FFmpeg's `ebur128` and `alimiter`, through PyAV, which encodes anyway. For 13 s of speech
`ebur128` takes 7 ms and agrees with libebur128 to 0.01 LU; pyloudnorm takes as long, is 0.1 LU off
at 24 kHz, and brings SciPy: 140 MB. pyebur128 is the quickest (2 ms, 5 MB) but cannot limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import av
import numpy as np

from model_host.audio.filtering import FilterChain, samples_of
from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.engines.base import Samples

TRUE_PEAK_MAX_DBTP = -1.0
"""EBU R 128: the codecs behind it may overshoot by as much."""

_LIMIT_DBTP = -1.7
"""What the limiter aims at: on the way back from four times the rate some is put on top again, of
noise at full scale, the worst, 0.5 dB."""

_PEAK_MAX = 10 ** (TRUE_PEAK_MAX_DBTP / 20)

_ROUNDING = 0.9999
"""So that what was scaled to the limit is not above it by float32's last digit."""

_OVERSAMPLED_HZ = 4 * SAMPLE_RATE_HZ
"""BS.1770-4, annex 2: peaks between the samples show at four times the rate."""

_ALL_GATED_LUFS = -70.0
"""What the meter shows while nothing has passed the absolute gate."""

_SHORTEST_SAMPLES = SAMPLE_RATE_HZ
"""Gating blocks last 0.4 s: a shorter clip is measured as if it were said again and again."""


class LoudnessMeter:
    """Integrated loudness of what was pushed so far."""

    def __init__(self) -> None:
        self._chain = FilterChain(("ebur128", "metadata=1:framelog=quiet"))
        self._lufs = _ALL_GATED_LUFS

    def push(self, samples: Samples) -> None:
        """Take in a piece, shape (n,), float32 at `SAMPLE_RATE_HZ`."""
        self._read(self._chain.push(samples))

    def measure(self, samples: Samples) -> None:
        """Take in a whole recording, shape (n,); nothing can be pushed after it."""
        self._read(self._chain.run(samples))

    @property
    def lufs(self) -> float | None:
        """Integrated loudness in LUFS; None while there is too little, or nothing loud enough."""
        return self._lufs if self._lufs > _ALL_GATED_LUFS else None

    def _read(self, frames: Iterable[av.AudioFrame]) -> None:
        for frame in frames:
            # The last frame, less than a block, brings no new figure.
            self._lufs = float(frame.metadata.get("lavfi.r128.I", self._lufs))


def integrated_lufs(samples: Samples) -> float | None:
    """Measure a recording of any length, shape (n,); None if it is too quiet to be measured."""
    if not len(samples):
        return None
    meter = LoudnessMeter()
    meter.measure(np.tile(samples, math.ceil(_SHORTEST_SAMPLES / len(samples))))
    return meter.lufs


def true_peak(samples: Samples) -> float:
    """The greatest amplitude, at four times the rate: full scale is 1.0; shape (n,)."""
    chain = FilterChain(("aresample", f"{_OVERSAMPLED_HZ}"), ("aformat", "sample_fmts=flt"))
    peaks = (float(np.abs(frame.to_ndarray()).max(initial=0.0)) for frame in chain.run(samples))
    return max(peaks, default=0.0)


def limiter() -> FilterChain:
    """A limiter of true peaks for samples as they come; puts out as many as went in."""
    limit = 10 ** (_LIMIT_DBTP / 20)
    return FilterChain(
        ("aresample", f"{_OVERSAMPLED_HZ}"),
        ("alimiter", f"limit={limit:.4f}:attack=5:release=50:level=false:latency=true"),
        ("aresample", f"{SAMPLE_RATE_HZ}"),
        ("aformat", "sample_fmts=flt"),
    )


def limited(samples: Samples) -> Samples:
    """Keep a recording's true peaks below `TRUE_PEAK_MAX_DBTP`; shape (n,), as long as before."""
    if true_peak(samples) <= _PEAK_MAX:
        return samples
    kept = samples_of(list(limiter().run(samples)))[: len(samples)]
    kept = np.pad(kept, (0, len(samples) - len(kept)))
    peak = true_peak(kept)
    # A click far beyond the limit gets through to some part: rather all of it less loud.
    return kept if peak <= _PEAK_MAX else kept * np.float32(_ROUNDING * _PEAK_MAX / peak)
