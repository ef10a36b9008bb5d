"""A recording to clone a voice from: a rising buzz with a syllable's rhythm."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

_SAMPLE_RATE_HZ = 22_050


def write_reference_audio(path: Path, *, duration_s: float = 9.0) -> Path:
    """Write a mono 16-bit 22 050 Hz WAV, atomically; return its path."""
    time_s = np.arange(int(_SAMPLE_RATE_HZ * duration_s)) / _SAMPLE_RATE_HZ
    pitch_hz = 100 * 2 ** (time_s / 6)
    buzz = np.sign(np.sin(2 * np.pi * np.cumsum(pitch_hz) / _SAMPLE_RATE_HZ))
    loudness = 0.3 * np.abs(np.sin(2 * np.pi * 2 * time_s))
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".partial")
    with wave.open(str(fresh), "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(_SAMPLE_RATE_HZ)
        recording.writeframes((buzz * loudness * 32_767).astype("<i2").tobytes())
    return fresh.replace(path)
