"""When a stream may begin: as soon as its player will not run dry after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ALLOWANCE = 1.05
"""How much slower than so far the rest of a stream may get without its player running dry."""


@dataclass(frozen=True, slots=True)
class WindowAhead:
    """A window of the vocoder that is still to come.

    Attributes:
        latents: how many must be decoded before it.
        frames: that the vocoder is run on.
        own_frames: that it gives audio of.
    """

    latents: int
    frames: int
    own_frames: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast this machine is just now.

    Attributes:
        latent_s: seconds from one latent to the next.
        frame_s: seconds of the vocoder for a frame that it is run on.
    """

    latent_s: float
    frame_s: float

    def at_worst(self) -> Pace:
        """The pace that a stream must bear, since a machine's neighbours come and go."""
        return Pace(ALLOWANCE * self.latent_s, ALLOWANCE * self.frame_s)


def lead_needed_s(
    ahead: Iterable[WindowAhead], *, latents: int, pace: Pace, seconds_per_frame: float
) -> float:
    """Seconds of audio that must be there before a player starts, for it never to run dry.

    Args:
        ahead: the windows that are not voiced yet, to the end.
        latents: decoded so far.
        pace: that is expected to last.
        seconds_per_frame: of audio.
    """
    needed_s = voicing_s = audio_s = 0.0
    for window in ahead:
        voicing_s += window.frames * pace.frame_s
        decoding_s = max(0, window.latents - latents) * pace.latent_s
        needed_s = max(needed_s, decoding_s + voicing_s - audio_s)
        audio_s += window.own_frames * seconds_per_frame
    return needed_s
