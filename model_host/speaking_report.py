"""What speaking one request took, and what was found on the way."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from model_host.engines.base import AudioChunk
from model_host.verification.findings import Finding, Quality

SOUND = "sound"
"""Where findings are counted: pieces without any."""


@dataclass(slots=True)
class SpeakingReport:
    """Filled while a request is spoken.

    Attributes:
        synthesis_s: seconds the engine worked, without waiting for a slow client.
        check_s: seconds that checks and levelling took.
        audio_s: seconds of audio the engine made, attempts that were thrown away included.
        sent_s: seconds of audio in the answer.
        quality: how far the answer was checked; known before its first byte.
        pieces: how many pieces were checked, by what was found in them.
        retries: pieces that were spoken once more.
        run_ons: pieces that were cut where the engine talked on past the text.
        word_error_rates: of the pieces that a recogniser wrote down.
    """

    synthesis_s: float = 0.0
    check_s: float = 0.0
    audio_s: float = 0.0
    sent_s: float = 0.0
    quality: Quality | None = None
    pieces: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    run_ons: int = 0
    word_error_rates: list[float] = field(default_factory=list)

    @property
    def rtf(self) -> float | None:
        """Real-time factor: seconds of work for a second of audio."""
        return self.synthesis_s / self.audio_s if self.audio_s else None

    def note(self, findings: Collection[Finding], *, ran_on: bool) -> None:
        """Count a piece that was checked."""
        self.pieces.update([finding.value for finding in findings] or [SOUND])
        self.run_ons += ran_on

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Count the time that the block takes as the checks'."""
        began_at = time.perf_counter()
        try:
            yield
        finally:
            self.check_s += time.perf_counter() - began_at

    def timed(self, chunks: Iterator[AudioChunk]) -> Iterator[AudioChunk]:
        """Count the time the engine takes for its chunks, not the time their taker takes."""
        while True:
            asked_at = time.perf_counter()
            try:
                chunk = next(chunks, None)
            finally:
                self.synthesis_s += time.perf_counter() - asked_at
            if chunk is None:
                return
            self.audio_s += chunk.duration_s
            yield chunk
