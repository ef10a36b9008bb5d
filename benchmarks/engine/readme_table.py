"""The README's table of the engine's figures, written from the benchmark's result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

BEGIN = "<!-- engine figures: written by `make bench-engine` -->"
END = "<!-- end of engine figures -->"


def table(result: Mapping[str, Any]) -> str:
    """The figures as Markdown."""
    single, stream, live = result["single"], result["stream"], result["live"]
    reference_throughput = 1 / single["reference_rtf"]
    cost = result["cost"]["usd_per_audio_hour"]
    eight = result["concurrency"]["8"]
    rows = [
        (
            "work for a second of speech, one caller",
            f"{single['ours_rtf']:.2f} s",
            f"{single['reference_rtf']:.2f} s",
            f"{single['ratio']:.1f}x",
        ),
        (
            "… with int4 weights",
            f"{single['opt_in_rtf']:.2f} s",
            f"{single['reference_rtf']:.2f} s",
            f"{single['opt_in_ratio']:.1f}x",
        ),
        (
            "first audio of a stream",
            f"{stream['ours_first_audio_s']:.2f} s",
            f"{stream['reference_first_audio_s']:.2f} s",
            f"{stream['ttfa_ratio']:.1f}x",
        ),
        (
            "first audio, p95, idle → beside 8 bulk callers",
            f"{live['idle']['p95_s']:.2f} → {live['beside_bulk']['p95_s']:.2f} s",
            "",
            "",
        ),
        *(
            (
                f"speech made in a second, {callers} at once",
                f"{one['throughput']:.2f} s",
                f"{reference_throughput:.2f} s (one)",
                f"{one['ratio']:.1f}x",
            )
            for callers, one in result["concurrency"].items()
            if callers in {"4", "8", "16"}
        ),
        (
            "memory: the host at most, `TTS` in use",
            f"{result['peak_rss_mb']:.0f} MB",
            f"{result['reference_rss_mb']:.0f} MB",
            f"{result['reference_rss_mb'] / result['peak_rss_mb']:.1f}x",
        ),
        (
            "start to ready",
            f"{result['ready_s']:.1f} s",
            f"{result['reference_load_s']:.1f} s to load",
            "",
        ),
        (
            f"an hour of speech, 8 at once, at {result['cost']['instance']}'s price",
            f"{cost['8']:.3f} USD",
            f"{cost['reference']:.3f} USD",
            f"{eight['ratio']:.1f}x",
        ),
    ]
    lines = ["| | packed XTTS | `TTS` | |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def write(result: Mapping[str, Any], readme: Path) -> None:
    """Put the table between its two marks.

    Raises:
        ValueError: the file has no such marks.
    """
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{readme} has no marks around the engine's figures")
    readme.write_text(f"{before}{BEGIN}\n{table(result)}\n{END}{after}", encoding="utf-8")
