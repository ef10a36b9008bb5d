"""`make bench-engine`: the packed engine against `TTS`, into benchmarks/results/engine.json.

Each side runs in a process of its own and they are asked in turn, so that a machine whose speed
drifts disturbs both alike; medians are compared and every single figure is kept. To be run in the
environment that has torch and TTS; our own side runs in the one that has not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.engine import readme_table
from benchmarks.engine.comparison import QUICK, Repeats, Sides, compare
from benchmarks.engine.plot import draw_concurrency, draw_stages
from benchmarks.engine.standin import prepare
from benchmarks.engine.summary import summarise
from benchmarks.engine.workers import ROOT

RESULTS = ROOT / "benchmarks" / "results"


def main() -> None:
    """Measure, then write the result, the plots and the README's table."""
    options = _options()
    begun = time.monotonic()

    def say(what: str) -> None:
        print(f"{time.monotonic() - begun:6.0f} s  {what}", flush=True)

    say("stand-in checkpoint and packs")
    sides = Sides(options.serving_python, Path(sys.executable), prepare(options.standin))
    raw = compare(sides, QUICK if options.quick else Repeats(), say)
    result = {
        "command": "make bench-engine" + (" (quick)" if options.quick else ""),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "took_s": round(time.monotonic() - begun),
        "machine": raw["machine"],
        "versions": {name: raw[name]["versions"] for name in ("ours", "opt_in", "reference")},
        **summarise(raw),
        "raw": {name: value for name, value in raw.items() if name != "machine"},
    }
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "engine.json"
    path.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    draw_concurrency(result, options.out / "engine-concurrency.png")
    draw_stages(result, options.out / "engine-stages.png")
    if options.out == RESULTS and not options.quick:
        readme_table.write(result, ROOT / "README.md")
    print(readme_table.table(result))
    say(f"written to {path}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats, for a trial")
    parser.add_argument(
        "--standin", type=Path, default=ROOT / ".run" / "standin", help="checkpoint and packs"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="default: %(default)s")
    parser.add_argument(
        "--serving-python",
        type=Path,
        default=ROOT / ".venv" / "bin" / "python",
        help="has the host's packages and no torch (default: %(default)s)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
