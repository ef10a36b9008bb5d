"""The picture of a cache benchmark's result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

BARS = (
    ("memory_hit", "hit in memory"),
    ("s3_hit", "hit in S3"),
    ("plain_hit", "plain: read and return"),
    ("host_alone", "model host alone"),
    ("miss", "miss"),
    ("plain_miss", "plain: miss"),
)


def draw(result: Mapping[str, Any], path: Path) -> None:
    """Write a PNG: the spread of each kind of call, in ms on a logarithmic axis."""
    samples = result["samples_ms"]
    figure, axes = plt.subplots(figsize=(9, 4.5), layout="constrained")
    axes.boxplot(
        [samples[name] for name, _ in reversed(BARS)],
        orientation="horizontal",
        tick_labels=[label for _, label in reversed(BARS)],
        showfliers=False,
        whis=(5, 95),
    )
    axes.set_xscale("log")
    axes.grid(visible=True, axis="x", which="both", alpha=0.3)
    axes.set_xlabel(
        "ms a call in the handler (boxes: quartiles; whiskers: 5th and 95th percentile)"
    )
    axes.set_title(
        f"{result['machine']['cpu']}, {result['machine']['cores']} cores, {result['date']}"
    )
    figure.savefig(path, dpi=110)
    plt.close(figure)
