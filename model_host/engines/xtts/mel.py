"""The two mel spectrograms that XTTS hears a voice through, in numpy.

Each is `torchaudio.transforms.MelSpectrogram` with the parameters that XTTS-v2 hard-codes: frames
centred with reflected edges, power 2, HTK mel scale. `MelParameters.filterbank` and `.window` hold
what torchaudio would compute; the export compares them with the checkpoint's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Spectrogram = npt.NDArray[np.float32]
"""Shape (mels, frames), float32."""

_FRAMES_AT_ONCE = 1024
"""Bounds the memory of one Fourier transform to some tens of MB, however long the audio."""


@dataclass(frozen=True, slots=True)
class MelParameters:
    """One mel spectrogram.

    Attributes:
        sample_rate_hz: rate of the audio that it takes.
        fft_samples: length of the Fourier transform.
        window_samples: length of the window, centred in the transform.
        hop_samples: from one frame to the next.
        mels: number of bands.
        top_hz: upper edge of the highest band; the lowest starts at 0.
        window: shape of the window, periodic.
        slaney_norm: scale each band to equal area.
    """

    sample_rate_hz: int
    fft_samples: int
    window_samples: int
    hop_samples: int
    mels: int
    top_hz: float
    window: Literal["hann", "hamming"]
    slaney_norm: bool


CONDITIONING_MEL = MelParameters(22_050, 2048, 1024, 256, 80, 8000.0, "hann", slaney_norm=True)
"""What the GPT's conditioning encoder hears (`wav_to_mel_cloning` in coqui-tts 0.28.0)."""

SPEAKER_MEL = MelParameters(16_000, 512, 400, 160, 64, 8000.0, "hamming", slaney_norm=False)
"""What the speaker encoder hears (`BaseEncoder.get_torch_mel_spectrogram_class`)."""

PREEMPHASIS = np.float32(0.97)
_LOG_FLOOR = np.float32(1e-5)


def conditioning_mel(audio: npt.NDArray[np.float32]) -> Spectrogram:
    """Logarithm of the mel spectrogram for the conditioning encoder, not yet normalised.

    Args:
        audio: mono, shape (n,), float32, 22 050 Hz.

    Returns:
        Shape (80, 1 + n // 256), float32, natural logarithm of power.
    """
    return np.log(np.maximum(mel_power(audio, CONDITIONING_MEL), _LOG_FLOOR))


def speaker_mel(audio: npt.NDArray[np.float32]) -> Spectrogram:
    """Mel spectrogram for the speaker encoder, pre-emphasised.

    Args:
        audio: mono, shape (n,), float32, 16 000 Hz.

    Returns:
        Shape (64, 1 + n // 160), float32, power.
    """
    before = np.concatenate((audio[1:2], audio[:-1]))  # the edge is reflected
    return mel_power(audio - PREEMPHASIS * before, SPEAKER_MEL)


def mel_power(audio: npt.NDArray[np.float32], parameters: MelParameters) -> Spectrogram:
    """Power in each mel band of each frame.

    Args:
        audio: mono, shape (n,), float32, n more than half of `fft_samples`.
        parameters: which spectrogram.

    Returns:
        Shape (mels, 1 + n // hop_samples), float32.
    """
    size = parameters.fft_samples
    padded = np.pad(audio, size // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: parameters.hop_samples]
    shape, bank = window(parameters), filterbank(parameters)
    bands = [
        np.abs(np.fft.rfft(frames[start : start + _FRAMES_AT_ONCE] * shape)) ** 2 @ bank
        for start in range(0, len(frames), _FRAMES_AT_ONCE)
    ]
    return np.concatenate(bands).T.astype(np.float32)


@cache
def window(parameters: MelParameters) -> npt.NDArray[np.float64]:
    """The window within its transform; shape (fft_samples,), float64, zero at both ends."""
    samples = parameters.window_samples
    base = 0.5 if parameters.window == "hann" else 0.54
    phase = 2 * np.pi * np.arange(samples) / samples
    before = (parameters.fft_samples - samples) // 2
    after = parameters.fft_samples - samples - before
    return np.pad(base - (1 - base) * np.cos(phase), (before, after))


@cache
def filterbank(parameters: MelParameters) -> npt.NDArray[np.float64]:
    """Triangular bands; shape (fft_samples // 2 + 1, mels), float64."""
    bins_hz = np.linspace(0, parameters.sample_rate_hz // 2, parameters.fft_samples // 2 + 1)
    edges_mel = np.linspace(0, 2595 * np.log10(1 + parameters.top_hz / 700), parameters.mels + 2)
    edges_hz = 700 * (10 ** (edges_mel / 2595) - 1)
    widths_hz = np.diff(edges_hz)
    distance_hz = edges_hz - bins_hz[:, np.newaxis]
    rising = -distance_hz[:, :-2] / widths_hz[:-1]
    falling = distance_hz[:, 2:] / widths_hz[1:]
    bank: npt.NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling))
    return bank * 2 / (edges_hz[2:] - edges_hz[:-2]) if parameters.slaney_norm else bank
