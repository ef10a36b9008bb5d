"""Which frames the vocoder is run on: windows of few lengths, at places that are always the same.

OpenVINO compiles kernels for each length it meets (0.2 s and more), so there are four. The first
windows are short, for the first audio to be early; then they grow, since 26 frames of each are only
context.
"""

from __future__ import annotations

from dataclasses import dataclass

CONTEXT_FRAMES = 13
"""Frames beside a window's own that its audio depends on: 12.68, rounded up."""

_RAMP = (32, 32, 40, 40, *[52] * 4)
"""The first needs 8 latents, 19 of its frames are its own. While a latent takes 29 ms to decode
(it lasts 46 ms), each next window is there before the player has used up those before it."""

_LONGEST = 72
"""46 of its frames are its own. Longer ones would save a hundredth of the work, but a stream on a
machine that is hardly faster than it is heard would have to wait for them at its start."""

WINDOW_LENGTHS = tuple(sorted({*_RAMP, _LONGEST}))
"""Frames of all windows, but of those that hold a whole shorter utterance."""


@dataclass(frozen=True, slots=True)
class Window:
    """Frames to run the vocoder on.

    Attributes:
        start: index of the first frame.
        stop: index after the last.
        payload_stop: index after the last frame whose audio is exact.
    """

    start: int
    stop: int
    payload_stop: int


def next_window(index: int, rendered: int, known: int, *, final: bool) -> Window | None:
    """The next window of an utterance.

    It depends on `known` only in whether it is there yet and, when `final`, where the end is. An
    utterance's end is never known before its last frames are: a window that would have been whole
    without the end is the same with it.

    Args:
        index: windows before this one.
        rendered: frames whose audio they made.
        known: frames that can be computed.
        final: whether these are all.

    Returns:
        None when there is nothing to do, or not yet.
    """
    length = _RAMP[index] if index < len(_RAMP) else _LONGEST
    start = max(0, rendered - CONTEXT_FRAMES)
    stop = start + length
    if stop < known or (stop == known and not final):
        return Window(start, stop, stop - CONTEXT_FRAMES)
    if not final or rendered == known:
        return None
    # The end is near: a window that stops there. It may begin further left than it need.
    needed = known - start
    fitting = [length for length in WINDOW_LENGTHS if needed <= length <= known]
    if fitting:
        return Window(known - fitting[0], known, known)
    # One window of few lengths does not reach the end: one more before it.
    before = [length for length in WINDOW_LENGTHS if length <= needed]
    if not before:
        return Window(0, known, known)
    stop = start + before[-1]
    return Window(start, stop, stop - CONTEXT_FRAMES)
