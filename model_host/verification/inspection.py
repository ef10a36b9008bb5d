"""Looks at one piece of speech: cuts off what was said past the text, and tells what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from model_host.audio.envelope import (
    FRAME_S,
    FRAME_SAMPLES,
    Levels,
    Run,
    frame_levels,
    sounding_runs,
    speech_level,
)
from model_host.audio.pauses import cut_to
from model_host.engines.base import Samples
from model_host.verification.findings import Finding, Take
from model_host.verification.plausibility import Plausible

_FULL_SCALE = 0.999
_CLIPPED_RUN = 4
"""Samples at full scale in a row: a wave that only touches it leaves after one or two."""

_CLIPPED_SHARE_MAX = 0.001
"""Of all samples; beyond, the distortion is heard as such."""

_FAINT_BELOW = 0.01
"""Speech below this level (-40 dBFS) would be raised together with its noise."""

_OFFSET_MAX = 0.03
"""A mean beyond this share of full scale thumps at both ends."""

_NOTHING = np.zeros(0, np.float32)


def inspect(samples: Samples, plausible: Plausible) -> Take:
    """Check a piece for everything that can be seen without understanding it.

    Babble is noticed by a pause before it or by its length alone: where it takes the place of
    words that were left out, only a recogniser would tell.

    Args:
        samples: shape (n,), float32, at the host's rate, as the engine made it.
        plausible: what to expect.
    """
    take = find_sound(samples)
    if take.unfit:
        return take
    levels = frame_levels(samples)
    runs = sounding_runs(levels)
    end = run_on_after(runs, plausible)
    kept = runs if end is None else runs[:end]
    sound = Run(kept[0].start, kept[-1].stop)
    return Take(
        samples=cut_to(samples, sound),
        sound_s=sound.duration_s,
        findings=frozenset(_wrong(samples, levels, kept, plausible)),
        strain=plausible.strain(sound.duration_s),
        ran_on=end is not None,
    )


def find_sound(samples: Samples) -> Take:
    """Check only that a piece is finite and can be heard."""
    if not np.isfinite(samples).all():
        return _unfit(Finding.NON_FINITE)
    runs = sounding_runs(frame_levels(samples))
    if not runs:
        return _unfit(Finding.SILENT)
    sound = Run(runs[0].start, runs[-1].stop)
    return Take(cut_to(samples, sound), sound.duration_s, frozenset(), strain=0.0)


def run_on_after(runs: Sequence[Run], plausible: Plausible) -> int | None:
    """After how many runs of sound the text is over, if more is said after a long pause.

    Args:
        runs: of the whole piece, in order.
        plausible: a pause before its `complete_s` is no end, nor one after which just as much is
            said as the text still lacked.
    """
    for index, (before, after) in enumerate(pairwise(runs), start=1):
        gap_s = _gap_s(before, after)
        said_s = (before.stop - runs[0].start) * FRAME_S
        with_rest_s = (runs[-1].stop - runs[0].start) * FRAME_S - gap_s
        if (
            gap_s >= plausible.gap_s
            and said_s >= plausible.complete_s
            and plausible.strain(said_s) < plausible.strain(with_rest_s)
        ):
            return index
    return None


def _unfit(finding: Finding) -> Take:
    return Take(_NOTHING, 0.0, frozenset({finding}), strain=float("inf"))


def _wrong(
    samples: Samples, levels: Levels, runs: Sequence[Run], plausible: Plausible
) -> Iterator[Finding]:
    sound = Run(runs[0].start, runs[-1].stop)
    heard = samples[sound.start * FRAME_SAMPLES : sound.stop * FRAME_SAMPLES]
    if _clipped_share(heard) > _CLIPPED_SHARE_MAX:
        yield Finding.CLIPPED
    if speech_level(levels[sound.start : sound.stop]) < _FAINT_BELOW:
        yield Finding.FAINT
    if abs(float(np.mean(heard))) > _OFFSET_MAX:
        yield Finding.OFFSET
    if any(_gap_s(before, after) >= plausible.gap_s for before, after in pairwise(runs)):
        yield Finding.HOLE
    if sound.duration_s < plausible.shortest_s:
        yield Finding.TOO_SHORT
    if sound.duration_s > plausible.longest_s:
        yield Finding.TOO_LONG


def _gap_s(before: Run, after: Run) -> float:
    return (after.start - before.stop) * FRAME_S


def _clipped_share(samples: Samples) -> float:
    """Share of samples that stand in runs at full scale."""
    full = np.concatenate([[False], np.abs(samples) >= _FULL_SCALE, [False]])
    edges = np.flatnonzero(full[1:] != full[:-1])
    lengths = edges[1::2] - edges[::2]
    return float(lengths[lengths >= _CLIPPED_RUN].sum()) / max(len(samples), 1)
