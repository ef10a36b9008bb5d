"""What can be wrong with a piece of speech, and which of it must never be heard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from model_host.engines.base import EngineError, Samples


class Finding(StrEnum):
    """One thing that is wrong; the values are labels of a metric."""

    NON_FINITE = "non_finite"
    SILENT = "silent"
    CLIPPED = "clipped"
    FAINT = "faint"
    OFFSET = "offset"
    HOLE = "hole"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    MISHEARD = "misheard"


HARD = frozenset({Finding.NON_FINITE, Finding.SILENT, Finding.CLIPPED})
"""No audio with one of these is ever answered."""


class Quality(StrEnum):
    """How far an answer was checked; the values of the header `CTV-Quality`."""

    VERIFIED = "verified"
    BASIC = "basic"
    DOUBTFUL = "doubtful"
    STREAMED = "streamed"


class UnsoundSpeechError(EngineError):
    """What the engine said must not be heard, however often it was asked: try again later."""


@dataclass(frozen=True, slots=True)
class Take:
    """One attempt at a piece, as it would be heard.

    Attributes:
        samples: cut to its sound, faded at both ends, shape (n,), float32.
        sound_s: seconds from its first sound to its last.
        findings: what is wrong; empty when nothing is.
        strain: how far its length is from what is expected; see `Plausible.strain`.
        ran_on: whether speech past the text was cut off.
        word_error_rate: share of words that a recogniser heard otherwise; None if none was asked.
    """

    samples: Samples
    sound_s: float
    findings: frozenset[Finding]
    strain: float
    ran_on: bool = False
    word_error_rate: float | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.findings

    @property
    def unfit(self) -> bool:
        """Whether nobody may hear it."""
        return bool(self.findings & HARD)

    def better_than(self, other: Take) -> bool:
        """Whether it is the one to keep: fit before unfit, then fewer findings, then the length."""
        return self._rank < other._rank

    @property
    def _rank(self) -> tuple[bool, int, float]:
        return self.unfit, len(self.findings), self.strain


def quality_of(takes: list[Take], passed: Quality) -> Quality:
    """How far a recording of these pieces can be trusted.

    Args:
        takes: the best of each piece.
        passed: what it means that nothing was found.

    Raises:
        UnsoundSpeechError: one of them must not be heard.
    """
    if any(take.unfit for take in takes):
        raise UnsoundSpeechError("a piece did not pass the checks")
    return passed if all(take.sound for take in takes) else Quality.DOUBTFUL
