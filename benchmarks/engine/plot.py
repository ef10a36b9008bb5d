"""The pictures of an engine benchmark's result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

_OURS, _REFERENCE = "#1b6ca8", "#b5482a"
_STAGES = ("prompt", "decode", "vocode", "other")


def draw_concurrency(result: Mapping[str, Any], path: Path) -> None:
    """Write a PNG: throughput and latency by callers at once, the reference as a line."""
    by_callers = {int(callers): one for callers, one in result["concurrency"].items()}
    callers = sorted(by_callers)
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(callers, [by_callers[n]["throughput"] for n in callers], "o-", color=_OURS)
    single = 1 / result["single"]["reference_rtf"]
    left.axhline(single, color=_REFERENCE, linestyle="--")
    left.annotate("reference, one caller", (callers[-1], single), ha="right", va="bottom")
    left.set_ylabel("seconds of audio a second")
    for field, style in (("median_s", "o-"), ("p95_s", "o:")):
        label = "median" if field == "median_s" else "95th percentile"
        times = [by_callers[n][field] for n in callers]
        right.plot(callers, times, style, color=_OURS, label=label)
    wall_s = result["single"]["reference_rtf"] * result["single"]["audio_s"]
    right.axhline(wall_s, color=_REFERENCE, linestyle="--", label="reference, one caller")
    right.set_ylabel(f"seconds for a call of {result['single']['audio_s']:.1f} s")
    right.legend()
    for axes in (left, right):
        axes.set_xscale("log", base=2)
        axes.set_xticks(callers, [str(n) for n in callers])
        axes.set_xlabel("callers at once")
        axes.set_ylim(bottom=0)
        axes.grid(visible=True, alpha=0.3)
    figure.suptitle(_title(result))
    _save(figure, path)


def draw_stages(result: Mapping[str, Any], path: Path) -> None:
    """Write a PNG: where the time of one call goes."""
    stages = result["stages"]
    figure, axes = plt.subplots(figsize=(10, 2.2), layout="constrained")
    begun = 0.0
    for shade, name in zip((1.0, 0.75, 0.5, 0.25), _STAGES, strict=True):
        took_s = max(stages[f"{name}_s"], 0.0)
        label = f"{name} {took_s * 1e3:.0f} ms"
        axes.barh([0], [took_s], left=begun, color=_OURS, alpha=shade, label=label)
        begun += took_s
    axes.set_yticks([])
    audio_s = result["single"]["audio_s"]
    axes.set_xlabel(f"seconds for one call of {audio_s:.1f} s")
    axes.set_xlim(0, begun * 1.02)
    axes.legend(ncols=len(_STAGES), loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
    figure.suptitle(_title(result))
    _save(figure, path)


def _title(result: Mapping[str, Any]) -> str:
    machine = result["machine"]
    return f"{machine['cpu']}, {machine['cores']} cores, {result['date']}"


def _save(figure: Any, path: Path) -> None:  # noqa: ANN401 - matplotlib's Figure, untyped here
    figure.savefig(path, dpi=110)
    plt.close(figure)
