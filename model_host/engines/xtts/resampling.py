"""Resampling exactly as XTTS-v2's own pipeline does it: `torchaudio.functional.resample` in numpy.

A voice's latents depend audibly on the filter, so libswresample's, which the rest of the host uses,
would not do. Source: torchaudio 2.11 `_get_sinc_resample_kernel`: windowed sinc, Hann, width 6,
roll-off 0.99.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_LOWPASS_WIDTH = 6
_ROLLOFF = 0.99
_KERNEL_VALUES_MAX = 8_000_000
_BLOCKS_AT_ONCE = 8192


class UnsupportedRateError(Exception):
    """The two rates share no useful divisor: the filter would take gigabytes."""


def resample(audio: npt.NDArray[np.float32], from_hz: int, to_hz: int) -> npt.NDArray[np.float32]:
    """Change the rate of mono audio.

    Args:
        audio: shape (n,), float32.
        from_hz: its rate.
        to_hz: the rate wanted.

    Returns:
        Shape (ceil(n · to_hz / from_hz),), float32.

    Raises:
        UnsupportedRateError: the rates are such as 44 099 and 22 050 Hz.
    """
    if from_hz == to_hz:
        return audio
    divisor = math.gcd(from_hz, to_hz)
    taken, made = from_hz // divisor, to_hz // divisor
    kernel, width = _kernel(taken, made)
    padded = np.pad(audio, (width, width + taken))
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel))[::taken]
    blocks = [
        windows[start : start + _BLOCKS_AT_ONCE] @ kernel
        for start in range(0, len(windows), _BLOCKS_AT_ONCE)
    ]
    resampled: npt.NDArray[np.float32] = np.concatenate(blocks).reshape(-1)
    return resampled[: math.ceil(len(audio) * made / taken)]


def _kernel(taken: int, made: int) -> tuple[npt.NDArray[np.float32], int]:
    """The filter of each of `made` phases; shape (2 · width + taken, made), and the width."""
    base = min(taken, made) * _ROLLOFF
    width = math.ceil(_LOWPASS_WIDTH * taken / base)
    if made * (2 * width + taken) > _KERNEL_VALUES_MAX:
        raise UnsupportedRateError
    position = np.arange(-width, width + taken) / taken
    phase = -np.arange(made) / made
    time = (position[:, np.newaxis] + phase) * base
    time = time.clip(-_LOWPASS_WIDTH, _LOWPASS_WIDTH)
    hann = np.cos(time * math.pi / _LOWPASS_WIDTH / 2) ** 2
    kernel = np.sinc(time) * hann * (base / taken)
    return kernel.astype(np.float32), width
