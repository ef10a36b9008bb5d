"""The quiet in a recording: at its ends, between its pieces, and the fades around it.

Engines end a piece with quiet of their own length (XTTS 0.12-0.18 s, eSpeak NG 0.05 s), or with a
third of a second of noise. So each piece is cut to its sound, and all quiet is put in here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model_host.audio.envelope import FRAME_SAMPLES, Run
from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.engines.base import Samples

HEAD_SILENCE_S = 0.05
"""Before the first sound: players and amplifiers that wake up swallow some milliseconds."""

TAIL_SILENCE_S = 0.15
"""After the last sound: the end of a call is heard as one, and the next is kept off it."""

SENTENCE_PAUSE_S = 0.30
CLAUSE_PAUSE_S = 0.18
"""At speed 1, from sound to sound less the margins: what XTTS leaves by itself, and a breath."""

FADE_S = 0.01
_FADE_SAMPLES = round(FADE_S * SAMPLE_RATE_HZ)

MARGIN_FRAMES = 3
"""Kept beside the outermost sound: an "s" fades out below what is measured as sound."""


def pause_s(*, ends_sentence: bool, speed: float) -> float:
    """Quiet after a piece that is not the last, in seconds."""
    return (SENTENCE_PAUSE_S if ends_sentence else CLAUSE_PAUSE_S) / speed


def silence(duration_s: float) -> Samples:
    """Make zeros, shape (n,), float32, at `SAMPLE_RATE_HZ`."""
    return np.zeros(round(duration_s * SAMPLE_RATE_HZ), np.float32)


def cut_to(samples: Samples, sound: Run) -> Samples:
    """Keep `sound` and a margin of 30 ms on each side, faded in and out: a new array."""
    start = max(0, sound.start - MARGIN_FRAMES) * FRAME_SAMPLES
    stop = (sound.stop + MARGIN_FRAMES) * FRAME_SAMPLES
    return faded_out(faded_in(samples[start:stop]))


def faded_in(samples: Samples) -> Samples:
    """Return a copy whose first 10 ms rise from nothing, linearly."""
    faded = samples.copy()
    length = min(_FADE_SAMPLES, len(faded))
    faded[:length] *= np.arange(length, dtype=np.float32) / max(length, 1)
    return faded


def faded_out(samples: Samples) -> Samples:
    """Return a copy whose last 10 ms fall to nothing, linearly."""
    return faded_in(samples[::-1])[::-1]


def assembled(pieces: Sequence[Samples], pauses_s: Sequence[float]) -> Samples:
    """Put pieces together, with silence before the first.

    Args:
        pieces: each shape (n,), float32, cut to its sound; at least one.
        pauses_s: quiet after each, in seconds.

    Returns:
        Shape (n,), float32.
    """
    parts = [silence(HEAD_SILENCE_S)]
    for piece, duration_s in zip(pieces, pauses_s, strict=True):
        parts += [piece, silence(duration_s)]
    return np.concatenate(parts)
