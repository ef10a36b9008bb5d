"""Where there is sound in a recording and where quiet: levels of 10 ms frames.

What counts as quiet depends on how loud the rest is, for a cloned voice brings its room's noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.engines.base import Samples

FRAME_S = 0.01
FRAME_SAMPLES = round(FRAME_S * SAMPLE_RATE_HZ)

_QUIET_BELOW_SPEECH_DB = 35.0
"""A frame this far below speech is quiet: under consonants, above the noise of a usable room."""

AUDIBLE_RMS = 0.002
"""Below this level (-54 dBFS) nobody in a waiting room hears anything."""

_SPEECH_PERCENTILE = 95
"""Of the frames' levels: loud vowels, not a single click."""

Levels = npt.NDArray[np.float32]
"""Root mean square of each frame, shape (n,), full scale 1.0."""


@dataclass(frozen=True, slots=True)
class Run:
    """Frames that follow one another, from `start` up to but without `stop`."""

    start: int
    stop: int

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return (self.stop - self.start) * FRAME_S


def frame_levels(samples: Samples) -> Levels:
    """Measure frames of 10 ms; a last one that is shorter is measured over what it has.

    Args:
        samples: shape (n,), float32, at `SAMPLE_RATE_HZ`, finite.

    Returns:
        Shape (ceil(n / 240),), float32.
    """
    whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
    frames = samples[:whole].reshape(-1, FRAME_SAMPLES)
    powers = np.einsum("ij,ij->i", frames, frames) / FRAME_SAMPLES
    if whole < len(samples):
        powers = np.append(powers, np.mean(np.square(samples[whole:])))
    levels: Levels = np.sqrt(powers).astype(np.float32)
    return levels


def is_audible(samples: Samples) -> bool:
    """Whether anything in a recording, shape (n,), can be heard."""
    return bool((frame_levels(samples) >= AUDIBLE_RMS).any())


def speech_level(levels: Levels) -> float:
    """How loud the speech is: the level that its loudest twentieth reaches; 0 of no frames."""
    return float(np.percentile(levels, _SPEECH_PERCENTILE)) if len(levels) else 0.0


def quiet_below(levels: Levels) -> float:
    """The level below which a frame is quiet among these."""
    return max(AUDIBLE_RMS, speech_level(levels) * 10 ** (-_QUIET_BELOW_SPEECH_DB / 20))


def sounding_runs(levels: Levels) -> list[Run]:
    """The runs of frames in which something sounds, in order; between them it is quiet."""
    sounding = np.concatenate([[False], levels >= quiet_below(levels), [False]])
    edges = np.flatnonzero(sounding[1:] != sounding[:-1])
    pairs = edges.reshape(-1, 2).tolist()
    return [Run(start, stop) for start, stop in pairs]
