"""`python -m model_host.engines.xtts say PACK TEXT`: one text, one WAV file."""

from __future__ import annotations

import argparse
import sys
import time
import wave
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np

from model_host.engines.base import EngineError, Utterance
from model_host.engines.xtts.engine import XttsEngine
from model_host.text.normalizer import Normalizer
from model_host.text.pieces import piece_texts

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_PCM16_MAX = 32_767


def register(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser."""
    parser = subparsers.add_parser(
        "say", help="speak a text with a pack, into a WAV file", description=__doc__
    )
    parser.add_argument("pack", type=Path)
    parser.add_argument("text", help="Portuguese, as it is written")
    parser.add_argument("--reference", type=Path, required=True, metavar="WAV", help="the voice")
    parser.add_argument("--out", type=Path, default=Path("out.wav"), help="default: %(default)s")
    parser.add_argument("--speed", type=float, default=1.0, help="0.5 to 2.0")
    parser.add_argument("--seed", type=int, help="makes the same audio again")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Speak into `options.out`, mono, 16 bits; says on standard error how long it took.

    Raises:
        EngineUnavailableError: the pack or the recording is of no use.
        EngineError: there is nothing to say, or the model failed.
    """
    cache_dir = options.out.absolute().parent / ".voices"
    engine = XttsEngine(options.pack, options.reference, cache_dir / "none", cache_dir)
    engine.load()
    try:
        started_s = time.monotonic()
        utterance = Utterance(
            piece_texts(Normalizer().normalize(options.text), engine.fits),
            engine.voices[0].id,
            speed=options.speed,
            seed=options.seed,
        )
        chunks = list(engine.synthesize(utterance, Event()))
        elapsed_s = time.monotonic() - started_s
    finally:
        engine.close()
    if not chunks:
        raise EngineError("there is nothing to say in this text")
    samples = np.concatenate([chunk.samples for chunk in chunks])
    with wave.open(str(options.out), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(chunks[0].sample_rate_hz)
        recording.writeframes((samples.clip(-1, 1) * _PCM16_MAX).astype("<i2").tobytes())
    duration_s = len(samples) / chunks[0].sample_rate_hz
    sys.stderr.write(
        f"{options.out}: {duration_s:.2f} s of audio in {elapsed_s:.2f} s "
        f"(real-time factor {elapsed_s / duration_s:.2f})\n"
    )
    return 0
