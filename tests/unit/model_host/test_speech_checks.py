"""What is noticed in a piece of speech, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from model_host.engines.base import Samples
from model_host.verification.checks import BasicChecks, FullChecks, Line
from model_host.verification.findings import Finding
from tests.unit.model_host import signals
from tests.unit.model_host.signals import CALL, RATE_HZ, speech

LINE = Line("default", CALL)


@pytest.mark.parametrize("voice", ["default", "female"])
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("text", [CALL, "sim.", "senha dez.", "oi", "um, dois, três, quatro."])
def test_given_speech_when_examined_then_nothing_is_found(
    text: str, speed: float, voice: str
) -> None:
    take = FullChecks(1).examine(Line(voice, text, speed), speech(text, speed, voice))

    assert take.findings == frozenset()
    assert not take.ran_on


@pytest.mark.parametrize(
    ("made", "finding"),
    [
        (signals.not_finite, Finding.NON_FINITE),
        (lambda: signals.quiet(3.0), Finding.SILENT),
        (lambda: np.zeros(0, np.float32), Finding.SILENT),
        (signals.clipped, Finding.CLIPPED),
        (signals.faint, Finding.FAINT),
        (signals.offset, Finding.OFFSET),
        (signals.holed, Finding.HOLE),
        (lambda: signals.holed(at_s=2.0), Finding.HOLE),
        (lambda: signals.holed(at_s=3.5), Finding.HOLE),
        (signals.swallowed, Finding.TOO_SHORT),
        (signals.babble, Finding.TOO_LONG),
    ],
)
def test_given_a_fault_when_examined_then_it_is_found_and_nothing_else(
    made: Callable[[], Samples], finding: Finding
) -> None:
    assert FullChecks(1).examine(LINE, made()).findings == {finding}


@pytest.mark.parametrize("gap_s", [0.62, 1.0, 3.0])
def test_given_a_run_on_when_examined_then_only_the_text_is_left_and_it_fades(
    gap_s: float,
) -> None:
    # Given the same call without and with words after it
    clean = FullChecks(1).examine(LINE, speech())

    # When
    take = FullChecks(1).examine(LINE, signals.run_on(gap_s))

    # Then
    assert take.ran_on
    assert take.findings == frozenset()
    assert len(take.samples) == pytest.approx(len(clean.samples), abs=0.03 * RATE_HZ)
    ends = np.abs(take.samples[-24:])
    assert ends[-1] == pytest.approx(0, abs=1e-6)


def test_given_a_gap_too_early_before_babble_when_examined_then_no_words_are_cut_off() -> None:
    broken = signals.joined(signals.holed(at_s=2.0), speech(signals.BABBLE), speech())

    take = FullChecks(1).examine(LINE, broken)

    assert not take.ran_on
    assert take.findings == {Finding.HOLE, Finding.TOO_LONG}


def test_given_a_pause_that_texts_have_when_examined_then_what_follows_is_kept() -> None:
    paused = signals.joined(speech(), signals.quiet(0.5), speech("sala dois."))

    take = FullChecks(1).examine(Line("default", f"{CALL} sala dois."), paused)

    assert not take.ran_on
    assert take.sound_s == pytest.approx(len(paused) / RATE_HZ, abs=0.1)


def test_given_quiet_at_the_ends_when_examined_then_it_is_neither_counted_nor_kept() -> None:
    padded = signals.joined(signals.quiet(2.0), speech(), signals.quiet(4.0))

    take = FullChecks(1).examine(LINE, padded)

    assert take.findings == frozenset()
    assert len(take.samples) / RATE_HZ == pytest.approx(take.sound_s + 0.06, abs=0.011)
    assert take.samples[0] == pytest.approx(0, abs=1e-6)


def test_given_a_voice_that_was_heard_when_a_piece_is_too_long_for_it_then_it_is_found() -> None:
    # Given babble that a slow voice's text could be as long as
    checks = FullChecks(1)
    twice = signals.joined(speech(), speech(signals.BABBLE))
    assert checks.examine(LINE, twice).findings == frozenset()

    # When the voice has said enough
    for _ in range(12):
        checks.examine(LINE, speech())

    # Then the same is too long, for this voice only, and at its speed only
    assert checks.examine(LINE, twice).findings == {Finding.TOO_LONG}
    assert checks.examine(Line("other", CALL), twice).findings == frozenset()
    assert checks.examine(Line("default", CALL, 0.5), twice).findings == frozenset()


def test_given_bad_pieces_when_examined_again_and_again_then_the_voice_is_not_taken_for_slow() -> (
    None
):
    checks = FullChecks(1)

    for _ in range(50):
        checks.examine(LINE, signals.babble())

    assert checks.examine(LINE, signals.babble()).findings == {Finding.TOO_LONG}


@pytest.mark.parametrize("made", [signals.babble, signals.clipped, signals.holed])
def test_given_basic_checks_when_something_is_heard_then_it_will_do(
    made: Callable[[], Samples],
) -> None:
    assert BasicChecks().examine(LINE, made()).findings == frozenset()


@pytest.mark.parametrize(
    ("made", "finding"),
    [(signals.not_finite, Finding.NON_FINITE), (lambda: signals.quiet(1.0), Finding.SILENT)],
)
def test_given_basic_checks_when_nothing_can_be_heard_then_it_is_found(
    made: Callable[[], Samples], finding: Finding
) -> None:
    assert BasicChecks().examine(LINE, made()).findings == {finding}
