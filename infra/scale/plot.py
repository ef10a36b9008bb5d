"""The picture of a day under several ways to scale."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl

mpl.use("Agg")
import numpy as np
from matplotlib import pyplot as plt

from infra.scale.comparison import Way
from infra.scale.day import Day
from infra.scale.simulation import Outcome

_HOUR_S: Final = 3600.0
_FROM_H, _TO_H = 4.5, 19
_BIN_S: Final = 600.0
_COLOURS: Final = ("#7a7a7a", "#b5482a", "#1b6ca8", "#2e8b57", "#c28f0e", "#8e5aa8", "#d46fa0")


def draw(
    drawn: Day, lived: Sequence[tuple[Way, Outcome]], panels: int, patience_s: float, path: Path
) -> None:
    """Write a PNG: what is asked for, what waits, the pods, and how long callers wait."""
    figure, axes = plt.subplots(4, 1, figsize=(10, 11), sharex=True, layout="constrained")
    asked, queued, pods, waits = axes
    edges = np.arange(0, 86_401, _BIN_S)
    for label, times in (
        ("made ahead", [clip.ordered_s for clip in drawn.clips if clip.ordered_s is not None]),
        ("called", [clip.called_s for clip in drawn.clips if clip.called_s is not None]),
    ):
        counts, _ = np.histogram(times, edges)
        asked.step(edges[:-1] / _HOUR_S, counts / (_BIN_S / 60), where="post", label=label)
    asked.set_yscale("log")
    asked.set_ylabel("a minute")
    asked.legend(loc="upper right")
    for (way, outcome), colour in zip(lived, _COLOURS, strict=True):
        hours = [sample.at_s / _HOUR_S for sample in outcome.samples]
        label = f"{way.name}; {way.render_concurrency} ahead at once"
        queued.plot(hours, [sample.queued for sample in outcome.samples], color=colour)
        pods.step(
            hours,
            [sample.serving for sample in outcome.samples],
            where="post",
            color=colour,
            label=label,
        )
        waits.plot(*_p95(outcome), ".-", color=colour)
    queued.set_ylabel("clips queued to be made ahead")
    pods.set_ylabel("pods that serve")
    figure.legend(*pods.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    waits.axhline(patience_s, color="black", linestyle=":")
    waits.annotate("a screen's patience", (_TO_H, patience_s), ha="right", va="bottom")
    waits.set_yscale("log")
    waits.set_ylabel("wait of calls not ready, p95, s")
    waits.set_xlabel("hour of the day")
    waits.set_xlim(_FROM_H, _TO_H)
    for one in axes:
        one.grid(visible=True, alpha=0.3)
    figure.suptitle(f"A clinic day of {panels} panels, simulated")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _p95(outcome: Outcome) -> tuple[list[float], list[float]]:
    """Hours and seconds, of ten minutes each in which anybody waited."""
    bins: dict[int, list[float]] = {}
    for called_s, wait_s in outcome.waits:
        if wait_s > 0:
            bins.setdefault(int(called_s // _BIN_S), []).append(wait_s)
    known = sorted(bins)
    hours = [(number + 0.5) * _BIN_S / _HOUR_S for number in known]
    return hours, [float(np.percentile(bins[number], 95)) for number in known]
