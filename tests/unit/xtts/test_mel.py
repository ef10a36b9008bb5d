"""The spectrograms and the resampler are torchaudio's, to the figure."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from model_host.engines.xtts.mel import conditioning_mel, speaker_mel
from model_host.engines.xtts.resampling import UnsupportedRateError, resample


def _glide() -> npt.NDArray[np.float32]:
    """What the expected figures below were computed on, by torchaudio 2.11 and torch 2.13."""
    n = np.arange(4000)
    return (0.5 * np.sin(0.05 * n + 2e-5 * n * n)).astype(np.float32)


def test_the_conditioning_mel_is_that_of_wav_to_mel_cloning() -> None:
    # Given a glide, and what TTS computes of it before its division by the mel statistics
    expected = {
        (0, 0): 3.6713, (5, 3): -3.1552, (10, 8): -5.5867, (40, 8): -11.5129, (79, 15): -11.5129,
    }  # fmt: skip

    # When we compute it
    found = conditioning_mel(_glide())

    # Then it has the same shape and the same figures
    assert found.shape == (80, 16)
    assert found.dtype == np.float32
    for place, value in expected.items():
        assert found[place] == pytest.approx(value, abs=2e-4), place


def test_the_speaker_mel_is_that_of_the_speaker_encoder() -> None:
    # Given a glide, and what the encoder's own `torch_spec` computes of it
    expected = {
        (0, 0): 0.41851, (5, 3): 14.458, (10, 12): 11.994, (40, 12): 0.00015464,
        (63, 25): 0.0012358,
    }  # fmt: skip

    # When we compute it
    found = speaker_mel(_glide())

    # Then it has the same shape and the same figures
    assert found.shape == (64, 26)
    for place, value in expected.items():
        assert found[place] == pytest.approx(value, rel=2e-3), place


def test_long_audio_has_the_frames_of_its_parts() -> None:
    # Given more audio than one Fourier transform takes at once
    tiled = np.tile(_glide(), 100)

    # When its spectrogram is computed
    found = conditioning_mel(tiled)

    # Then it has a frame each 256 samples, and the same sound gives the same frame: 4000 * 8
    # samples are 125 frames
    assert found.shape == (80, 1 + len(tiled) // 256)
    assert np.allclose(found[:, 10], found[:, 10 + 125 * 10], atol=1e-3)


@pytest.mark.parametrize(
    ("from_hz", "to_hz", "expected"),
    [
        (22_050, 16_000, (0.00198, 0.0341, 0.41744, -0.49886, -0.31755)),
        (16_000, 22_050, (7e-05, 0.01679, -0.27916, -0.44956, -0.17096)),
        (44_100, 22_050, (0.00418, 0.04934, -0.49064, 0.08766, -0.49935)),
    ],
)
def test_resampling_is_that_of_torchaudio(
    from_hz: int, to_hz: int, expected: tuple[float, ...]
) -> None:
    # Given a glide and figures of torchaudio.functional.resample at five places

    # When it is resampled
    found = resample(_glide(), from_hz, to_hz)

    # Then it has the same length and the same figures
    assert len(found) == math.ceil(4000 * to_hz / from_hz)
    assert found[[0, 1, 100, 1234, -1]] == pytest.approx(expected, abs=2e-5)


def test_the_same_rate_changes_nothing() -> None:
    # Given audio, When it is resampled to its own rate, Then it is the same
    assert np.array_equal(resample(_glide(), 22_050, 22_050), _glide())


def test_rates_that_share_no_divisor_are_refused() -> None:
    # Given rates for which the filter would take gigabytes, Then there is an error instead
    with pytest.raises(UnsupportedRateError):
        resample(_glide(), 44_099, 22_050)
