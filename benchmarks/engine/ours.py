"""Worker: the packed engine. Arguments: the pack, the WAV, the vocoder's precision, the tokens.

Tokens is how many audio tokens every piece gets, or 0 for as many as the model decides.
"""

from __future__ import annotations

import random
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from benchmarks.engine.texts import SENTENCE, STREAMED
from benchmarks.engine.workers import serve
from model_host.engines.base import Utterance
from model_host.engines.xtts.engine import XttsEngine, XttsOptions
from model_host.engines.xtts.measuring import (
    Spoken,
    bulk_load,
    peak_rss_mb,
    rss_mb,
    speak,
    speak_together,
)
from model_host.engines.xtts.vocoder import VocoderPrecision
from model_host.text.pieces import piece_texts


class Ours:
    """One loaded engine and what can be asked of it."""

    def __init__(self, engine: XttsEngine, load_s: float) -> None:
        self._engine = engine
        self._load_s = load_s
        self._voice = engine.voices[0].id

    def describe(self) -> dict[str, Any]:
        """What speaks."""
        statistics = self._engine.statistics()
        versions = dict(self._engine.describe().versions)
        return {"versions": versions, "facts": dict(statistics.facts), "load_s": self._load_s}

    def single(self, tokens: int) -> dict[str, Any]:
        """One call, not streamed, and where its time went.

        Raises:
            RuntimeError: it has not the length that the comparison is about.
        """
        before = self._engine.statistics().counters
        spoken = speak(self._engine, self._whole(SENTENCE))
        after = self._engine.statistics().counters
        used = {name: after[name] - before[name] for name in after}
        if used["tokens"] != tokens:
            raise RuntimeError(f"{used['tokens']} tokens instead of {tokens}")
        return {
            **_seen(spoken),
            "rtf": spoken.rtf,
            "decode_s": used["decode_seconds"],
            "vocode_s": used["vocode_seconds"],
        }

    def first_audio(self) -> dict[str, Any]:
        """One stream, to its end."""
        return _seen(speak(self._engine, self._stream(SENTENCE)))

    def streams(self) -> list[dict[str, Any]]:
        """Streams of several lengths, one after the other."""
        return [_seen(speak(self._engine, self._stream(text))) for text in STREAMED]

    def together(self, callers: int, *, streaming: bool = False) -> dict[str, Any]:
        """Several callers at once."""
        utterance = self._stream(SENTENCE) if streaming else self._whole(SENTENCE)
        together = speak_together(self._engine, [utterance] * callers)
        return {
            "throughput": together.throughput,
            "wall_s": together.wall_s,
            "calls": [_seen(spoken) for spoken in together.spoken],
        }

    def live(self, samples: int, bulk_callers: int) -> list[dict[str, Any]]:
        """Live streams one after the other, beside so many callers of bulk."""
        chance = random.Random(5)  # noqa: S311 - when to ask, no secret
        seen = []
        with bulk_load(self._engine, self._whole(SENTENCE), bulk_callers):
            for _ in range(samples):
                time.sleep(chance.uniform(0.05, 0.3))
                seen.append(_seen(speak(self._engine, self._stream(SENTENCE))))
        return seen

    def memory(self) -> dict[str, float]:
        """Memory of this process, now and at most."""
        return {"rss_mb": rss_mb(), "peak_rss_mb": peak_rss_mb()}

    def _stream(self, text: str) -> Utterance:
        return replace(self._whole(text), streaming=True)

    def _whole(self, text: str) -> Utterance:
        return Utterance(piece_texts(text, self._engine.fits), self._voice)


def _seen(spoken: Spoken) -> dict[str, Any]:
    return {
        "wall_s": spoken.wall_s,
        "audio_s": spoken.audio_s,
        "first_audio_s": spoken.first_audio_s,
        "chunks": len(spoken.arrived_s),
        "late_chunks": spoken.late_chunks,
        "least_slack_s": min(spoken.slacks_s(), default=None),
    }


def main(pack_dir: Path, recording: Path, precision: str, tokens: int) -> None:
    """Load, then measure what is asked for."""
    options = XttsOptions(cast("VocoderPrecision", precision), exact_tokens=tokens or None)
    with TemporaryDirectory() as scratch:
        engine = XttsEngine(pack_dir, recording, Path(scratch), Path(scratch), options)
        begun = time.perf_counter()
        engine.load()
        ours = Ours(engine, time.perf_counter() - begun)
        speak(engine, Utterance((SENTENCE,), engine.voices[0].id))
        names = ("describe", "single", "first_audio", "streams", "together", "live", "memory")
        try:
            serve({name: getattr(ours, name) for name in names})
        finally:
            engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
