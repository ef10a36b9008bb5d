"""A clinic day of many panels: when each call is made, and when its speech was first wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from infra.scale.inputs import Assumptions

DAY_S: Final = 86_400.0
_HOUR_S: Final = 3600.0
SEED: Final = 20_261_123

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Clip:
    """Something to be spoken.

    Attributes:
        length_s: seconds of speech.
        ordered_s: when its rendering ahead was queued; None if nobody knew before the call.
        called_s: when it is called; None for one that no call turned out to need.
    """

    length_s: float
    ordered_s: float | None
    called_s: float | None


@dataclass(frozen=True, slots=True)
class Day:
    """One day's clips.

    Attributes:
        clips: of all that have to be rendered.
        heard_before: calls that need no rendering.
    """

    clips: list[Clip]
    heard_before: int


def draw(panels: int, assumed: Assumptions, length_s: float, seed: int = SEED) -> Day:
    """Draw a day of a non-homogeneous Poisson process, whose rate is constant within each hour.

    Calls are `length_s` long on average; the same seed draws the same day.
    """
    random = np.random.default_rng(seed)
    called = _called(panels, assumed, random)
    panel = random.integers(0, panels, called.size)
    uploaded = assumed.speech.list_uploaded_at_h * _HOUR_S + random.uniform(
        0, assumed.speech.list_uploads_take_s, panels
    )
    kind = random.uniform(size=called.size)
    speech = assumed.speech
    listed = kind < speech.on_list_share
    checked_in = ~listed & (kind < speech.on_list_share + speech.check_in_share)
    missed = ~listed & ~checked_in & (kind < 1 - speech.unannounced_share + speech.missed_share)
    ahead_s = speech.check_in_ahead_s * random.uniform(0.5, 1.5, called.size)
    ordered = np.where(listed, uploaded[panel], np.maximum(called - ahead_s, 0))

    def clip(order: float | None, at: float | None) -> Clip:
        return Clip(_length(length_s, speech.length_spread, random), order, at)

    clips = [clip(None, float(at)) for at in called[missed]]
    known = listed | checked_in
    for order, at in zip(ordered[known].tolist(), called[known].tolist(), strict=True):
        clips.append(clip(order, at))
        clips += [clip(order, None) for _ in range(_others(speech.renders_per_patient, random))]
    heard_before = int(called.size - np.count_nonzero(known | missed))
    return Day(clips, heard_before)


def _called(panels: int, assumed: Assumptions, random: np.random.Generator) -> Floats:
    """The times of all first calls, in order."""
    hours = [
        (hour + random.uniform(size=random.poisson(panels * rate))) * _HOUR_S
        for hour, rate in enumerate(assumed.clinic_day.calls_by_hour)
    ]
    return np.sort(np.concatenate(hours))


def _length(mean_s: float, spread: float, random: np.random.Generator) -> float:
    return float(mean_s * random.uniform(1 - spread, 1 + spread))


def _others(renders_per_patient: float, random: np.random.Generator) -> int:
    """Clips beside the one that the call will need, for the other places."""
    certain = int(renders_per_patient - 1)
    return certain + int(random.uniform() < renders_per_patient - 1 - certain)
