"""Draws audio, so that one can look at what was spoken."""

from __future__ import annotations

import wave
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt


def draw(wav_path: Path, picture_path: Path, title: str) -> None:
    """Write a PNG with the waveform and the spectrogram of a 16-bit mono WAV file."""
    with wave.open(str(wav_path)) as source:
        rate_hz = source.getframerate()
        samples = np.frombuffer(source.readframes(source.getnframes()), dtype="<i2") / 32768.0
    seconds = np.arange(len(samples)) / rate_hz
    figure, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(11, 6), layout="constrained")
    top.plot(seconds, samples, linewidth=0.4)
    top.set(title=title, ylabel="full scale", ylim=(-1, 1))
    # 25 ms windows, 6 ms apart: the usual resolution for speech.
    bottom.specgram(
        samples + 1e-9,
        NFFT=int(rate_hz * 0.025),
        Fs=rate_hz,
        noverlap=int(rate_hz * 0.019),
        vmin=-140,
    )
    bottom.set(xlabel="s", ylabel="Hz")
    figure.savefig(picture_path, dpi=100)
    plt.close(figure)
