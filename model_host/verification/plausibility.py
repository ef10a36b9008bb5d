"""How long a text takes to say: bounds that grow narrow as a voice is heard."""

from __future__ import annotations

import math
from dataclasses import dataclass

from model_host.recent import RecentMedians
from model_host.text.pieces import SECONDS_PER_CHARACTER

_SLOWEST = 0.12
_FASTEST = 0.045
"""A running estimate outside is no voice's own: too many bad pieces passed the wide bounds."""

_PIECES_REMEMBERED = 64
_PIECES_ENOUGH = 8
_LEAST_CHARACTERS = 15
"""Shorter pieces say little of a pace: the first and the last sound of each are drawn out."""

RUN_ON_GAP_S = 0.6
"""XTTS ends a piece with 0.12-0.18 s of quiet; where it talks on past its text it first pauses for
at least this long. Pauses within a text stay below, at speed 1."""


@dataclass(frozen=True, slots=True)
class Plausible:
    """What the sound of a piece may be like, ends not counted.

    Attributes:
        expected_s: how long it should sound.
        shortest_s: below, words were swallowed.
        complete_s: below, the text is not over yet.
        longest_s: above, something was said that is not in the text.
        gap_s: quiet this long within it is a hole, or what follows is not in the text.
    """

    expected_s: float
    shortest_s: float
    complete_s: float
    longest_s: float
    gap_s: float

    def strain(self, sound_s: float) -> float:
        """How far a duration is from what is expected: the absolute natural logarithm of both."""
        if sound_s <= 0 or self.expected_s <= 0:
            return math.inf
        return abs(math.log(sound_s / self.expected_s))


ANYTHING = Plausible(
    expected_s=1.0, shortest_s=0.0, complete_s=math.inf, longest_s=math.inf, gap_s=math.inf
)
"""For a model that cannot speak."""


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Factors of what is expected, and what a short text may take beyond, in seconds."""

    shortest: float
    longest: float
    allowance_s: float


_WIDE = _Bounds(shortest=0.45, longest=2.2, allowance_s=0.6)
_NARROW = _Bounds(shortest=0.6, longest=1.5, allowance_s=0.4)

_COMPLETE = 0.75
"""Share of what is expected: a pause before is a hole. Cutting there would swallow words."""


class Paces:
    """Seconds that each voice takes for a character, from pieces that were found good."""

    def __init__(self) -> None:
        self._paces_s = RecentMedians(_PIECES_REMEMBERED)

    def plausible(self, voice: str, text: str, speed: float) -> Plausible:
        """What to expect of a piece.

        Args:
            voice: who speaks.
            text: of the piece.
            speed: relative to the voice's own.
        """
        measured_s = self._paces_s.median(voice, at_least=_PIECES_ENOUGH)
        pace_s = SECONDS_PER_CHARACTER if measured_s is None else measured_s
        bounds = _WIDE if measured_s is None else _NARROW
        expected_s = len(text) * min(max(pace_s, _FASTEST), _SLOWEST) / speed
        return Plausible(
            expected_s=expected_s,
            shortest_s=bounds.shortest * expected_s,
            complete_s=_COMPLETE * expected_s,
            longest_s=bounds.longest * expected_s + bounds.allowance_s / speed,
            # Slower speech has longer pauses; faster speech is not held to shorter ones.
            gap_s=RUN_ON_GAP_S / min(speed, 1.0),
        )

    def heard(self, voice: str, text: str, speed: float, sound_s: float) -> None:
        """Note how long a good piece sounded."""
        if len(text) >= _LEAST_CHARACTERS:
            self._paces_s.add(voice, sound_s * speed / len(text))
