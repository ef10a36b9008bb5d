"""Windows cover an utterance once, with context, at places that do not depend on the streaming."""

from __future__ import annotations

import pytest

from model_host.engines.xtts.windows import CONTEXT_FRAMES, WINDOW_LENGTHS, Window, next_window

TOTALS = [1, 30, 35, 36, 37, 49, 60, 61, 86, 87, 111, 112, 150, 374, 375, 1000, 2633]


def plan(total: int, *, step: int | None = None) -> list[Window]:
    """The windows of an utterance whose frames come `step` at a time, or all at once."""
    windows: list[Window] = []
    known, rendered = 0, 0
    while rendered < total:
        # The frames at an end are known only together with it.
        known = total if step is None else min(known + step, total)
        final = known == total
        while window := next_window(len(windows), rendered, known, final=final):
            windows.append(window)
            rendered = window.payload_stop
    return windows


@pytest.mark.parametrize("total", TOTALS)
def test_every_frame_has_its_context(total: int) -> None:
    # Given an utterance
    rendered = 0
    # When it is rendered
    for window in plan(total):
        # Then each window begins at the start or with context, and ends at the end or with context
        assert window.start == 0 or window.start <= rendered - CONTEXT_FRAMES
        assert window.stop == total or window.stop >= window.payload_stop + CONTEXT_FRAMES
        assert rendered < window.payload_stop <= window.stop <= total
        rendered = window.payload_stop
    assert rendered == total


@pytest.mark.parametrize("total", TOTALS)
def test_windows_have_few_lengths(total: int) -> None:
    # Given an utterance, when it is rendered
    lengths = {window.stop - window.start for window in plan(total)}
    # Then no kernels are needed that the warm-up has not made, unless all of it is one short window
    assert lengths <= {*WINDOW_LENGTHS} or lengths == {total}
    assert total < min(WINDOW_LENGTHS) or lengths <= {*WINDOW_LENGTHS}


@pytest.mark.parametrize("total", TOTALS)
@pytest.mark.parametrize("step", [1, 7, 48, 90])
def test_streaming_changes_no_window(total: int, step: int) -> None:
    # Given an utterance, when its frames come bit by bit, then its windows are what they were
    assert plan(total, step=step) == plan(total)


def test_nothing_is_rendered_too_early() -> None:
    # Given less than a first window, with more to come; when asked, then there is nothing to do
    assert next_window(0, 0, 31, final=False) is None


def test_nothing_is_left_after_the_end() -> None:
    # Given an utterance rendered to its end; when asked, then there is nothing to do
    assert next_window(3, 99, 99, final=True) is None


def test_an_utterance_as_long_as_a_window_is_one_window() -> None:
    # Given an utterance of 32 frames, when it is rendered, then once is enough
    assert plan(32) == [Window(0, 32, 32)]
