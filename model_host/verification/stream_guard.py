"""The checks that a stream can have: what was sent stays sent, but the rest can be cut off."""

from __future__ import annotations

import numpy as np

from model_host.audio.envelope import (
    FRAME_S,
    FRAME_SAMPLES,
    Levels,
    frame_levels,
    quiet_below,
)
from model_host.audio.pauses import MARGIN_FRAMES, faded_in, faded_out
from model_host.engines.base import Samples
from model_host.verification.findings import Finding, UnsoundSpeechError
from model_host.verification.plausibility import Plausible

_NOTHING = np.zeros(0, np.float32)


class StreamGuard:
    """Passes on one piece of a stream as it is made, up to where it can no longer be the text.

    Quiet before its first sound is dropped, but for a margin. Quiet within it passes at once for
    half the length of a run-on's gap, as long as the pauses that any text has; beyond, it waits for
    what follows: a sound within the gap's length brings it out, none ends the piece. The last 10 ms
    are always held, so that every end is faded.
    """

    def __init__(self, plausible: Plausible, *, lead_frames: int = MARGIN_FRAMES) -> None:
        """Expect a piece; of `ANYTHING`, only silence and samples that are not finite are noticed.

        Args:
            plausible: when it may end, must end, and what gap ends it.
            lead_frames: how much quiet before its first sound is passed on at most.
        """
        self._lead_frames = lead_frames
        self._plausible = plausible
        self._levels: Levels = np.zeros(0, np.float32)
        self._rest: Samples = _NOTHING
        self._lead: list[Samples] = []
        self._held: list[Samples] = []
        self._last: Samples = _NOTHING
        self._frames_since_start = 0
        self._quiet_frames = 0
        self._started = False
        self._closed = False
        self._too_long = False
        self.ran_on = False
        """Whether a gap within the piece has ended it."""

    @property
    def closed(self) -> bool:
        """Whether whatever is still pushed is dropped."""
        return self._closed

    @property
    def findings(self) -> frozenset[Finding]:
        """What is wrong with what was passed on; complete after `finish`."""
        too_short = self.sound_s < self._plausible.shortest_s
        found = {Finding.TOO_LONG: self._too_long, Finding.TOO_SHORT: too_short}
        return frozenset(finding for finding, is_so in found.items() if is_so)

    @property
    def sound_s(self) -> float:
        """Seconds from the first sound to the last that was passed on."""
        return (self._frames_since_start - self._quiet_frames) * FRAME_S

    @property
    def trailing_quiet_s(self) -> float:
        """Quiet that was passed on after the last sound, in seconds."""
        return min(self._quiet_frames * FRAME_S, self._plausible.gap_s / 2)

    def push(self, samples: Samples) -> Samples:
        """Take in what was made, shape (n,), float32; return what may be heard of it now.

        Raises:
            UnsoundSpeechError: samples are not finite.
        """
        if not np.isfinite(samples).all():
            raise UnsoundSpeechError("a stream's samples are not finite")
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
        self._rest = samples[whole:]
        levels = frame_levels(samples[:whole])
        self._levels = np.concatenate([self._levels, levels])
        sounding = levels >= quiet_below(self._levels)
        passed: list[Samples] = []
        for frame, sounds in zip(samples[:whole].reshape(-1, FRAME_SAMPLES), sounding, strict=True):
            passed += self._pass(frame, sounds=bool(sounds))
        return np.concatenate([_NOTHING, *passed])

    def finish(self) -> Samples:
        """The piece has ended: return its faded last.

        Raises:
            UnsoundSpeechError: nothing in it could be heard.
        """
        if not self._started:
            raise UnsoundSpeechError("a stream's piece is silent")
        if self._closed:
            return _NOTHING
        self._closed = True
        rest = _NOTHING if self._held else self._rest
        return faded_out(np.concatenate([self._last, rest]))

    def _pass(self, frame: Samples, *, sounds: bool) -> list[Samples]:
        if self._closed:
            return []
        if not self._started:
            return self._before_sound(frame, sounds=sounds)
        self._frames_since_start += 1
        if sounds:
            return self._sound(frame)
        return self._quiet(frame)

    def _before_sound(self, frame: Samples, *, sounds: bool) -> list[Samples]:
        if not sounds:
            self._lead = [*self._lead, frame][-self._lead_frames :]
            return []
        self._started = True
        self._frames_since_start = 1
        self._last = frame if self._lead else faded_in(frame)
        return [faded_in(np.concatenate(self._lead))] if self._lead else []

    def _sound(self, frame: Samples) -> list[Samples]:
        passed = [self._last, *self._held]
        self._last, self._held, self._quiet_frames = frame, [], 0
        if self.sound_s > self._plausible.longest_s:
            self._too_long = True
            passed.append(self._close())
        return passed

    def _quiet(self, frame: Samples) -> list[Samples]:
        self._quiet_frames += 1
        quiet_s = self._quiet_frames * FRAME_S
        if quiet_s >= self._plausible.gap_s and self.sound_s >= self._plausible.complete_s:
            self.ran_on = True
            return [self._close()]
        if quiet_s > self._plausible.gap_s / 2:
            self._held.append(frame)
            return []
        passed, self._last = self._last, frame
        return [passed]

    def _close(self) -> Samples:
        self._closed = True
        return faded_out(self._last)
