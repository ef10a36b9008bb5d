"""Every clip at one loudness, its peaks below the limit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from model_host.audio.levelling import Leveller
from model_host.audio.loudness import TRUE_PEAK_MAX_DBTP, integrated_lufs, true_peak
from model_host.engines.base import Samples
from tests.unit.model_host.signals import CALL, RATE_HZ, joined, quiet, speech

LONG = f"{CALL} o atendimento da farmácia começa às catorze horas e termina às dezoito horas."
PEAK_MAX = 10 ** (TRUE_PEAK_MAX_DBTP / 20)
CHUNK = RATE_HZ // 10


def sine(level_dbfs: float, duration_s: float = 5.0, hz: float = 997.0) -> Samples:
    t = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return (10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def streamed(leveller: Leveller, samples: Samples, voice: str = "v") -> Samples:
    stream = leveller.stream(voice)
    chunks = [stream.push(samples[i : i + CHUNK]) for i in range(0, len(samples), CHUNK)]
    return joined(*chunks, stream.finish())


@pytest.mark.parametrize("level_dbfs", [-40.0, -23.0, -10.0])
def test_given_the_standards_own_tone_when_measured_then_it_is_as_loud_as_the_standard_says(
    level_dbfs: float,
) -> None:
    # ITU-R BS.1770-4: a 997 Hz sine at full scale in one channel is -3.01 LUFS.
    assert integrated_lufs(sine(level_dbfs)) == pytest.approx(level_dbfs - 3.01, abs=0.1)


def test_given_pauses_when_measured_then_they_do_not_count() -> None:
    paused = joined(sine(-20.0), quiet(20.0), sine(-20.0))

    assert integrated_lufs(paused) == pytest.approx(-23.0, abs=0.2)


def test_given_a_peak_between_two_samples_when_measured_then_it_is_seen() -> None:
    # A quarter of the rate, a phase of 45 degrees: every sample stands at 0.707 of the peak.
    t = np.arange(RATE_HZ)
    tone = np.sin(2 * np.pi * t / 4 + np.pi / 4) * np.hanning(RATE_HZ)

    assert np.abs(tone).max() == pytest.approx(math.sqrt(0.5), abs=1e-3)
    assert true_peak(tone.astype(np.float32)) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("target_lufs", [-23.0, -16.0])
@pytest.mark.parametrize("gain", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("text", ["oi", "senha dez.", CALL, LONG])
def test_given_any_clip_when_levelled_then_it_is_at_the_target_and_below_the_limit(
    text: str, gain: float, target_lufs: float
) -> None:
    clip = speech(text) * np.float32(gain)

    levelled = Leveller(target_lufs).whole("v", clip)

    assert len(levelled) == len(clip)
    assert integrated_lufs(levelled) == pytest.approx(target_lufs, abs=0.5)
    assert true_peak(levelled) <= PEAK_MAX


def clicks() -> Samples:
    clip = speech(LONG) * np.float32(0.05)
    clip[::RATE_HZ] = 0.9
    return clip


def noise() -> Samples:
    return np.random.default_rng(1).normal(0, 0.5, 2 * RATE_HZ).astype(np.float32)


@pytest.mark.parametrize("made", [clicks, noise, lambda: sine(0.0, hz=6000.0)])
def test_given_peaks_far_above_the_rest_when_levelled_then_they_are_limited(
    made: Callable[[], Samples],
) -> None:
    leveller = Leveller(-10.0)

    assert true_peak(leveller.whole("v", made())) <= PEAK_MAX
    assert true_peak(streamed(leveller, made())) <= PEAK_MAX


def test_given_silence_when_levelled_then_it_stays_silence() -> None:
    assert not Leveller(-23.0).whole("v", np.zeros(RATE_HZ, np.float32)).any()


@pytest.mark.parametrize("gain", [0.1, 1.0])
def test_given_a_voice_that_was_heard_when_streamed_then_its_gain_is_the_same_throughout(
    gain: float,
) -> None:
    leveller = Leveller(-23.0)
    leveller.whole("v", speech(CALL) * np.float32(gain))
    clip = speech(LONG) * np.float32(gain)

    levelled = streamed(leveller, clip)

    assert len(levelled) == len(clip)
    assert integrated_lufs(levelled) == pytest.approx(-23.0, abs=1.0)
    loud = np.abs(clip) > 0.2 * gain
    assert np.ptp(levelled[loud] / clip[loud]) < 0.02 * np.mean(levelled[loud] / clip[loud])


def test_given_a_voice_never_heard_when_streamed_then_it_is_soon_as_loud_as_it_should_be() -> None:
    clip = joined(speech(LONG), speech(LONG)) * np.float32(0.1)

    levelled = streamed(Leveller(-23.0), clip)

    assert integrated_lufs(levelled) == pytest.approx(-23.0, abs=1.5)
    assert integrated_lufs(levelled[2 * RATE_HZ :]) == pytest.approx(-23.0, abs=1.0)


def test_given_a_stream_when_it_is_over_then_the_voices_next_begins_with_its_gain() -> None:
    leveller = Leveller(-23.0)
    streamed(leveller, speech(LONG) * np.float32(0.1))

    levelled = streamed(leveller, speech(CALL) * np.float32(0.1))

    assert integrated_lufs(levelled) == pytest.approx(-23.0, abs=1.0)


def test_given_another_voice_when_streamed_then_it_does_not_get_the_first_ones_gain() -> None:
    leveller = Leveller(-23.0)
    leveller.whole("quiet one", speech(CALL) * np.float32(0.02))

    levelled = streamed(leveller, speech(LONG), voice="loud one")

    assert integrated_lufs(levelled) == pytest.approx(-23.0, abs=1.5)


def test_given_a_stream_that_grows_loud_when_levelled_then_its_peaks_stay_below_the_limit() -> None:
    leveller = Leveller(-23.0)
    leveller.whole("v", speech(CALL) * np.float32(0.02))

    levelled = streamed(leveller, speech(LONG))

    assert true_peak(levelled) <= PEAK_MAX
