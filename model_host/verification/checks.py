"""How thoroughly a host checks what it says: everything, or only that there is a sound at all."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.engines.base import Samples
from model_host.text.pieces import has_few_words
from model_host.verification.findings import Finding, Quality, Take
from model_host.verification.inspection import find_sound, inspect
from model_host.verification.plausibility import ANYTHING, Paces, Plausible
from model_host.verification.recognition import Recognizer, word_error_rate

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """What was to be said.

    Attributes:
        voice: who says it.
        text: of one piece, as the engine got it.
        speed: relative to the voice's own.
    """

    voice: str
    text: str
    speed: float = 1.0


class Checks(Protocol):
    """What stands between an engine and its listeners; used from any thread."""

    @property
    def attempts(self) -> int:
        """How often a piece is spoken at most until nothing is wrong with it."""
        ...

    @property
    def passed(self) -> Quality:
        """What an answer is called in which nothing was found."""
        ...

    def rambles(self, lines: Sequence[Line]) -> bool:
        """Whether pieces are so short that a sampling engine is likely to talk on."""
        ...

    def plausible(self, line: Line) -> Plausible:
        """What to expect of a piece."""
        ...

    def examine(self, line: Line, samples: Samples) -> Take:
        """Judge a piece, shape (n,), float32, at the host's rate."""
        ...

    def heard(self, line: Line, sound_s: float) -> None:
        """Learn from a piece that was found good how long the voice takes."""
        ...


class BasicChecks:
    """Finite and audible: all that can be asked of a model with random weights."""

    attempts = 1
    passed = Quality.BASIC

    def rambles(self, lines: Sequence[Line]) -> bool:  # noqa: ARG002 - the protocol's argument
        """Never: it does nothing else."""
        return False

    def plausible(self, line: Line) -> Plausible:  # noqa: ARG002 - the protocol's argument
        """Anything."""
        return ANYTHING

    def examine(self, line: Line, samples: Samples) -> Take:  # noqa: ARG002 - the protocol's
        """Judge whether anything is heard at all."""
        return find_sound(samples)

    def heard(self, line: Line, sound_s: float) -> None:
        """Nothing is learnt."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A recogniser and what it may mishear.

    Attributes:
        recognizer: writes down what was said.
        word_error_rate_max: beyond, a piece is doubted.
    """

    recognizer: Recognizer
    word_error_rate_max: float


class FullChecks:
    """Everything that can be told from the samples and, with a recogniser, from the words."""

    passed = Quality.VERIFIED

    def __init__(self, attempts: int, round_trip: RoundTrip | None = None) -> None:
        """Know no voice yet.

        Args:
            attempts: how often a piece is spoken at most.
            round_trip: asked last, of pieces with which nothing else is wrong.
        """
        self._attempts = attempts
        self._round_trip = round_trip
        self._paces = Paces()

    @property
    def attempts(self) -> int:
        """See `Checks.attempts`."""
        return self._attempts

    def rambles(self, lines: Sequence[Line]) -> bool:
        """Whether there is one piece alone, of a few words."""
        return len(lines) == 1 and has_few_words(lines[0].text)

    def plausible(self, line: Line) -> Plausible:
        """What to expect, from what the voice said before."""
        return self._paces.plausible(line.voice, line.text, line.speed)

    def examine(self, line: Line, samples: Samples) -> Take:
        """Look for every finding; a good piece makes the bounds of the next narrower."""
        take = inspect(samples, self.plausible(line))
        if take.sound and self._round_trip is not None:
            take = self._written_down(line, take, self._round_trip)
        if take.sound:
            self.heard(line, take.sound_s)
        return take

    def heard(self, line: Line, sound_s: float) -> None:
        """Learn the voice's pace."""
        self._paces.heard(line.voice, line.text, line.speed, sound_s)

    def _written_down(self, line: Line, take: Take, round_trip: RoundTrip) -> Take:
        try:
            words = round_trip.recognizer.transcribe(take.samples, SAMPLE_RATE_HZ)
        except Exception as error:  # noqa: BLE001 - a plug-in; speech must not depend on it
            # Its type only: a recogniser's message may quote what it heard.
            _log.warning("the recogniser failed", extra={"error": type(error).__name__})
            return take
        rate = word_error_rate(line.text, words)
        wrong = {Finding.MISHEARD} if rate > round_trip.word_error_rate_max else set()
        return replace(take, findings=frozenset(wrong), word_error_rate=rate)
