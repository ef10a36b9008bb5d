"""Worker: the reference. Arguments: the checkpoint, the pack whose voice it speaks with, the WAV.

Needs torch and TTS.
"""

from __future__ import annotations

import importlib.metadata
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.engine.texts import SENTENCE
from benchmarks.engine.workers import serve
from model_host.engines.xtts.measuring import peak_rss_mb, rss_mb
from model_host.engines.xtts.pack_format import Pack
from model_host.engines.xtts.reference_model import ReferenceModel
from model_host.engines.xtts.voices import VoiceStore


def main(checkpoint: Path, pack_dir: Path, recording: Path) -> None:
    """Load, then measure what is asked for."""
    with TemporaryDirectory() as scratch:
        voice = VoiceStore(Pack.open(pack_dir), Path(scratch)).latents(recording)
    begun = time.perf_counter()
    model = ReferenceModel(checkpoint, voice)
    load_s = time.perf_counter() - begun

    def describe() -> dict[str, Any]:
        packages = ("coqui-tts", "torch", "transformers")
        versions = {name: importlib.metadata.version(name) for name in packages}
        return {"versions": versions, "load_s": load_s}

    def single(tokens: int) -> dict[str, float]:
        begun = time.perf_counter()
        samples = model.speak(SENTENCE, tokens=tokens)
        wall_s = time.perf_counter() - begun
        audio_s = len(samples) / model.sample_rate_hz
        return {"wall_s": wall_s, "audio_s": audio_s, "rtf": wall_s / audio_s}

    def first_audio(tokens: int, *, whole: bool) -> dict[str, float]:
        """Time a stream's first chunk; `whole` listens to the end and counts late chunks."""
        begun, arrived, lengths = time.perf_counter(), [], []
        for chunk in model.stream(SENTENCE, tokens=tokens):
            arrived.append(time.perf_counter() - begun)
            lengths.append(len(chunk) / model.sample_rate_hz)
            if not whole:
                break
        late, dry_at = 0, arrived[0]
        for number, at in enumerate(arrived[1:]):
            dry_at += lengths[number]
            late += at > dry_at
            dry_at = max(dry_at, at)
        return {"first_audio_s": arrived[0], "chunks": len(arrived), "late_chunks": late}

    def greedy(tokens: int, out: str) -> dict[str, Any]:
        """Decode without chance, for parity; arrays go to a file."""
        speech = model.greedy(SENTENCE, tokens=tokens, tokens_max=tokens)
        forced = speech.forced
        np.savez(
            out,
            text_tokens=forced.text_tokens,
            voice=forced.voice,
            tokens=forced.tokens,
            latents=forced.latents,
            repetition_penalty=forced.repetition_penalty,
            speaker=voice.speaker_embedding,
            samples=speech.samples,
        )
        return {"tokens": len(forced.tokens)}

    serve(
        {
            "describe": describe,
            "single": single,
            "first_audio": first_audio,
            "greedy": greedy,
            "memory": lambda: {"rss_mb": rss_mb(), "peak_rss_mb": peak_rss_mb()},
        }
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
