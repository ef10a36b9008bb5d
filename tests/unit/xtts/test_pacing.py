"""A stream begins as soon as its player will not run dry, and not sooner."""

from __future__ import annotations

import pytest

from model_host.engines.xtts.pacing import ALLOWANCE, Pace, WindowAhead, lead_needed_s

FRAME_S = 256 / 24_000
WINDOWS = [
    WindowAhead(latents=10, frames=32, own_frames=6),
    WindowAhead(latents=13, frames=40, own_frames=14),
    WindowAhead(latents=22, frames=52, own_frames=26),
    WindowAhead(latents=38, frames=96, own_frames=70),
    WindowAhead(latents=40, frames=96, own_frames=9),
]


def gap_s(lead_s: float, pace: Pace, latents: int) -> float:
    """Play: for how long at most nothing is there to be heard."""
    longest_s, ends_at = 0.0, lead_s
    decoded, now = latents, 0.0
    for window in WINDOWS:
        while decoded < window.latents:
            decoded, now = decoded + 1, now + pace.latent_s
        now += window.frames * pace.frame_s
        longest_s = max(longest_s, now - ends_at)
        ends_at += window.own_frames * FRAME_S
    return longest_s


@pytest.mark.parametrize("latent_s", [0.01, 0.025, 0.04, 0.08, 0.3])
@pytest.mark.parametrize("frame_s", [0.0002, 0.0006, 0.003])
def test_with_the_lead_nothing_is_missing_and_with_less_something_is(
    latent_s: float, frame_s: float
) -> None:
    # Given a machine of some speed
    pace = Pace(latent_s, frame_s)

    # When a player starts with the lead that is said to be needed
    lead_s = lead_needed_s(WINDOWS, latents=8, pace=pace, seconds_per_frame=FRAME_S)

    # Then it never waits; with a little less it does
    assert gap_s(lead_s, pace, 8) == pytest.approx(0)
    assert gap_s(lead_s - 0.01, pace, 8) == pytest.approx(0.01)


def test_of_a_whole_utterance_only_the_next_window_is_waited_for() -> None:
    # Given all latents, when a player would start, then it needs what one window takes
    lead_s = lead_needed_s(WINDOWS, latents=40, pace=Pace(0.5, 0.0001), seconds_per_frame=FRAME_S)

    assert lead_s == pytest.approx(32 * 0.0001)


def test_a_stream_that_allowed_for_the_worst_bears_a_machine_that_gets_slower() -> None:
    # Given a lead for the worst to come of a machine that decodes slower than it plays
    pace = Pace(0.08, 0.0006)
    lead_s = lead_needed_s(WINDOWS, latents=8, pace=pace.at_worst(), seconds_per_frame=FRAME_S)

    # When it gets slower after the player began, then the player waits only beyond the allowance
    assert ALLOWANCE > 1
    slower, too_slow = (Pace(by * 0.08, by * 0.0006) for by in (ALLOWANCE, ALLOWANCE + 0.02))
    assert gap_s(lead_s, slower, 8) == pytest.approx(0)
    assert gap_s(lead_s, too_slow, 8) > 0.01
