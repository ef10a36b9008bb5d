"""`python -m model_host.engines.xtts bench --pack DIR --reference WAV`: a pack on this machine.

Without the reference, in about a minute: how fast one call is, how soon a stream begins, how much
several callers get together. `benchmarks/engine` compares with TTS and takes longer.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model_host.engines.base import Utterance
from model_host.engines.xtts.engine import XttsEngine, XttsOptions
from model_host.engines.xtts.measuring import peak_rss_mb, speak, speak_together
from model_host.text.pieces import piece_texts

if TYPE_CHECKING:
    from argparse import _SubParsersAction

TEXT = "Senha a zero quarenta e dois, dirija-se ao consultório três."
TOKENS = 86
"""Four seconds, about what the text takes to say."""

CALLERS = (1, 2, 4, 8, 16)


def register(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser."""
    parser = subparsers.add_parser(
        "bench", help="measure a pack on this machine", description=__doc__
    )
    parser.add_argument("--pack", type=Path, required=True, metavar="DIR")
    parser.add_argument("--reference", type=Path, required=True, metavar="WAV", help="the voice")
    parser.add_argument(
        "--vocoder",
        choices=("auto", "bf16", "fp32"),
        default="auto",
        help="its precision (default: %(default)s)",
    )
    parser.add_argument("--threads", type=int, help="default: all cores")
    parser.add_argument("--tokens", type=int, default=TOKENS, help="audio length; 21.5 a second")
    parser.add_argument("--rounds", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure and print.

    Raises:
        EngineUnavailableError: the pack or the recording is of no use.
        EngineError: the model failed.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        engine = XttsEngine(
            options.pack,
            options.reference,
            Path(scratch) / "voices",
            Path(scratch),
            XttsOptions(options.vocoder, options.threads, options.tokens),
        )
        started_at = time.perf_counter()
        engine.load()
        try:
            load_s = time.perf_counter() - started_at
            result = {"load_s": load_s, **measure(engine, options.rounds)}
        finally:
            engine.close()
    write = json.dumps(result, indent=1) if options.json else _table(result)
    sys.stdout.write(f"{write}\n")
    return 0


def measure(engine: XttsEngine, rounds: int) -> dict[str, Any]:
    """Medians over `rounds` of one call, of a stream's first audio, and of callers together."""
    voice = engine.voices[0].id
    pieces = piece_texts(TEXT, engine.fits)
    whole, stream = Utterance(pieces, voice), Utterance(pieces, voice, streaming=True)
    speak(engine, whole)
    singles = [speak(engine, whole) for _ in range(rounds)]
    streams = [speak(engine, stream) for _ in range(rounds)]
    throughput = {
        callers: statistics.median(
            speak_together(engine, [whole] * callers).throughput for _ in range(rounds)
        )
        for callers in CALLERS
    }
    return {
        "engine": dict(engine.describe().versions),
        "audio_s": singles[0].audio_s,
        "rtf": statistics.median(one.rtf for one in singles),
        "first_audio_s": statistics.median(one.first_audio_s for one in streams),
        "late_chunks": sum(one.late_chunks for one in streams),
        "throughput": throughput,
        "peak_rss_mb": peak_rss_mb(),
    }


def _table(result: dict[str, Any]) -> str:
    versions = result["engine"]
    rows = [
        ("decoder, vocoder", f"{versions['decoder_precision']}, {versions['vocoder_precision']}"),
        ("loaded in", f"{result['load_s']:.1f} s"),
        ("one call", f"real-time factor {result['rtf']:.2f} ({result['audio_s']:.1f} s of audio)"),
        ("first audio of a stream", f"{result['first_audio_s']:.2f} s"),
        ("chunks that came late", f"{result['late_chunks']}"),
        *(
            (f"{callers} at once", f"{throughput:.2f} s of audio a second")
            for callers, throughput in result["throughput"].items()
        ),
        ("peak memory", f"{result['peak_rss_mb']:.0f} MB"),
    ]
    return "\n".join(f"{name:<24} {value}" for name, value in rows)
