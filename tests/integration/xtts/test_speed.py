"""Speed stretches latents: what is said takes longer or shorter, and sounds the same otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from model_host.engines.base import Samples, Utterance
from model_host.engines.xtts.engine import XttsEngine, XttsOptions
from model_host.engines.xtts.pack_format import Pack

pytestmark = pytest.mark.slow

RATE_HZ = 24_000
TOKENS = 60
"""More than the tiny model can make: it stops at about 20."""

_FFT = 4096
_STEPS_PER_OCTAVE = 48
_FURTHEST_STEPS = 36
"""Three quarters of an octave; at a whole one, harmonics would lie on others."""


@pytest.fixture(scope="module")
def engine(
    pack: Pack, recording: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[XttsEngine]:
    scratch = tmp_path_factory.mktemp("speed")
    made = XttsEngine(
        pack.directory, recording, scratch, scratch, XttsOptions("fp32", exact_tokens=TOKENS)
    )
    made.load()
    yield made
    made.close()


def spoken(engine: XttsEngine, speed: float) -> Samples:
    utterance = Utterance(("senha quarenta e dois.",), "reference", speed=speed, seed=3)
    return np.concatenate([chunk.samples for chunk in engine.synthesize(utterance, Event())])


def log_spectrum_db(samples: Samples) -> np.ndarray:
    """The long-term mean spectrum from 150 Hz to 9.6 kHz, on a logarithmic frequency axis."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FFT)[:: _FFT // 4]
    power = np.mean(np.abs(np.fft.rfft(frames * np.hanning(_FFT))) ** 2, axis=0)
    hz = 150 * 2 ** (np.arange(6 * _STEPS_PER_OCTAVE) / _STEPS_PER_OCTAVE)
    return 10 * np.log10(np.interp(hz, np.fft.rfftfreq(_FFT, 1 / RATE_HZ), power))


def shift_octaves(first: Samples, second: Samples) -> float:
    """How far up the second's spectrum must be moved to lie best on the first's."""
    one, other = log_spectrum_db(first), log_spectrum_db(second)
    most = _FURTHEST_STEPS

    def likeness(shift: int) -> float:
        moved = other[max(0, -shift) : len(other) - max(0, shift)]
        still = one[max(0, shift) : len(one) - max(0, -shift)]
        return float(np.corrcoef(still, moved)[0, 1])

    return max(range(-most, most + 1), key=likeness) / _STEPS_PER_OCTAVE


@pytest.mark.parametrize("speed", [0.5, 0.75, 1.5, 2.0])
def test_given_a_speed_when_spoken_then_the_length_follows_and_the_spectrum_does_not_shift(
    engine: XttsEngine, speed: float
) -> None:
    usual, changed = spoken(engine, 1.0), spoken(engine, speed)

    # Half of an odd number of latents is one too few.
    assert len(changed) / len(usual) == pytest.approx(1 / speed, rel=0.06)
    assert abs(shift_octaves(usual, changed)) <= 0.06


@pytest.mark.parametrize("speed", [0.75, 1.4])
def test_given_a_recording_played_faster_when_compared_then_its_spectrum_is_seen_to_shift(
    engine: XttsEngine, speed: float
) -> None:
    # What the test above would see, were speed a matter of the sample rate
    usual = spoken(engine, 1.0)
    places = np.arange(0, len(usual) - 1, speed)
    faster = np.interp(places, np.arange(len(usual)), usual).astype(np.float32)

    assert shift_octaves(usual, faster) == pytest.approx(-np.log2(speed), abs=0.05)
