"""Worker: a pack's decoder and vocoder against what the reference decoded greedily.

Arguments: the pack, and the file that the reference's worker wrote.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.engine.workers import serve
from model_host.engines.xtts.decoder import Decoder
from model_host.engines.xtts.pack_format import Pack
from model_host.engines.xtts.teacher_forcing import ForcedSpeech, force, snr_db
from model_host.engines.xtts.vocoder import Rendering, Vocoder

Float32 = npt.NDArray[np.float32]

FED = (11, 8, 8, 12, 16)
"""Latents in each feed of a stream; the last is repeated."""

PROFILED_STEPS = 9


def main(pack_dir: Path, greedy: Path) -> None:
    """Compare what is asked for."""
    pack = Pack.open(pack_dir)
    with np.load(greedy) as loaded:
        arrays = dict(loaded)

    speech = ForcedSpeech(
        text_tokens=arrays["text_tokens"].tolist(),
        voice=arrays["voice"],
        tokens=arrays["tokens"].tolist(),
        latents=arrays["latents"],
        repetition_penalty=float(arrays["repetition_penalty"]),
    )

    def decoder() -> dict[str, Any]:
        forced = Decoder(pack.decoder, pack.manifest.dims, max_sequences=1, max_voices=1)
        forced.warm_up()
        force(forced, speech)
        agreement = force(forced, speech)
        return {
            "tokens": f"{agreement.agreed}/{agreement.tokens}",
            "latents_db": agreement.latents_db,
            "prompt_s": agreement.prompt_s,
            "steps_s": agreement.steps_s,
        }

    def profile() -> list[dict[str, float]]:
        """Seconds of a step by operation: of the last one, some times."""
        profiled = Decoder(
            pack.decoder, pack.manifest.dims, max_sequences=1, max_voices=1, profiled=True
        )
        profiled.warm_up()
        rounds = []
        for _ in range(PROFILED_STEPS):
            force(profiled, speech)
            rounds.append(profiled.seconds_by_operation())
        return rounds

    def vocoder() -> dict[str, Any]:
        """In fp32: the reference's latents voiced in windows, against its own audio."""
        windowed = Vocoder(pack.directory, "fp32")
        latents: Float32 = arrays["latents"]
        at_once = windowed.open(arrays["speaker"], 1.0)
        at_once.feed(latents, final=True)
        whole = _rendered(at_once)
        streamed = _streamed(windowed.open(arrays["speaker"], 1.0), latents)
        return {
            "windowed_db": snr_db(arrays["samples"], whole),
            "streamed_db": snr_db(whole, streamed),
            "streamed_equal": bool(np.array_equal(whole, streamed)),
        }

    serve({"decoder": decoder, "profile": profile, "vocoder": vocoder})


def _rendered(rendering: Rendering) -> Float32:
    parts = []
    while rendering.frames_ready:
        parts.append(rendering.render())
    return np.concatenate([np.zeros(0, np.float32), *parts])


def _streamed(rendering: Rendering, latents: Float32) -> Float32:
    """The same latents, fed a few at a time."""
    parts, fed, chunk = [], 0, 0
    while fed < len(latents):
        upto = min(fed + FED[min(chunk, len(FED) - 1)], len(latents))
        rendering.feed(latents[fed:upto], final=upto == len(latents))
        parts.append(_rendered(rendering))
        fed, chunk = upto, chunk + 1
    return np.concatenate(parts)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
