"""Frames are the same whatever is known when they are computed, and in whatever ranges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from model_host.engines.xtts.frames import Float32, FrameTimeline

SPEEDS = [1.0, 0.5, 0.9, 0.97, 1.3, 2.0]
COUNTS = [1, 2, 3, 8, 11, 12, 47, 604]


def random_latents(count: int, width: int = 4) -> Float32:
    return np.random.default_rng(count).standard_normal((count, width)).astype(np.float32)


def test_an_utterance_lasts_as_long_as_its_latents() -> None:
    # Given a minute of latents
    latents = round(60 * 22_050 / 1024)
    # When their frames are counted
    frames = FrameTimeline().frames_total(latents)
    # Then they last a minute at 256 samples each
    assert frames * 256 / 24_000 == pytest.approx(60, abs=0.03)


def test_speed_divides_the_length() -> None:
    # Given as many latents at three speeds
    counts = [FrameTimeline(speed).frames_total(100) for speed in (0.5, 1.0, 2.0)]
    # When their frames are counted, then twice the speed is half the frames
    assert counts[0] == pytest.approx(2 * counts[1], abs=2)
    assert counts[2] == pytest.approx(counts[1] / 2, abs=2)


def test_a_frame_lies_between_its_neighbours() -> None:
    # Given latents that count up
    latents = np.arange(40, dtype=np.float32)[:, None]
    # When they become frames
    timeline = FrameTimeline()
    frames = timeline.frames(latents, 0, timeline.frames_total(40))[0]
    # Then the middle of frame n is as far along as the middle of its time in latents
    along = (np.arange(len(frames)) + 0.5) / (4 * 24_000 / 22_050) - 0.5
    np.testing.assert_allclose(frames, np.clip(along, 0, 39), atol=0.13)
    np.testing.assert_allclose(frames[10:-10], along[10:-10], atol=1e-4)


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("count", COUNTS)
def test_ranges_are_the_whole_to_the_bit(speed: float, count: int) -> None:
    # Given an utterance and the frames of all of it
    timeline = FrameTimeline(speed)
    latents = random_latents(count)
    whole = timeline.frames(latents, 0, timeline.frames_total(count))
    # When they are computed range by range
    edges = [*range(0, whole.shape[1], 29), whole.shape[1]]
    parts = [timeline.frames(latents, *edge) for edge in pairwise(edges)]
    # Then nothing differs
    np.testing.assert_array_equal(np.concatenate([whole[:, :0], *parts], axis=1), whole)


@pytest.mark.parametrize("speed", SPEEDS)
def test_known_frames_never_change(speed: float) -> None:
    # Given an utterance
    timeline = FrameTimeline(speed)
    latents = random_latents(150)
    whole = timeline.frames(latents, 0, timeline.frames_total(150))
    for count in range(1, 150):
        # When only its beginning is known
        known = timeline.frames_known(count)
        early = timeline.frames(latents[:count], 0, known)
        # Then what it says is known is what the whole has there
        np.testing.assert_array_equal(early, whole[:, :known])


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("count", COUNTS)
def test_the_end_is_known_only_at_the_end(speed: float, count: int) -> None:
    # Given latents of which more may come
    timeline = FrameTimeline(speed)
    # When the frames known are counted, then the last one of these is not among them
    assert timeline.frames_known(count) < max(1, timeline.frames_total(count))


def test_all_but_a_few_frames_are_known_at_once() -> None:
    # Given a first chunk of twelve latents
    timeline = FrameTimeline()
    # When its frames are counted, then the first window of 48 is there
    assert timeline.frames_known(12) >= 48
    # And later little is withheld
    assert timeline.frames_total(86) - timeline.frames_known(86) <= 4


def test_a_range_beyond_the_utterance_is_refused() -> None:
    # Given an utterance of ten latents
    timeline = FrameTimeline()
    # When a frame after its last is asked for, then that is an error
    with pytest.raises(ValueError, match="no frames 0 to 44 in 10"):
        timeline.frames(random_latents(10), 0, timeline.frames_total(10) + 1)
