"""A recording of a voice: read from any file that FFmpeg reads, and checked for use as one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from model_host.engines.base import Samples
from model_host.engines.cloning_protocol import Defect, UnusableRecordingError
from model_host.engines.xtts.resampling import UnsupportedRateError, resample

VOICE_SAMPLE_RATE_HZ = 22_050
"""What XTTS resamples a recording to before it looks at it (`load_sr`)."""

DURATION_S_MIN = 3.0
"""Shorter recordings give an unstable voice; Coqui asks for more than 3 s as well."""

DURATION_S_MAX = 600.0
"""The model hears 30 s; more than this is a mistake, and would take memory to decode."""

_SILENCE_PEAK = 0.003
_FULL_SCALE = 0.999
_CLIPPED_RUN_SAMPLES = 3
"""A sine may touch full scale for a sample or two; a flat top is longer."""

_CLIPPED_SHARE_MAX = 0.001


@dataclass(frozen=True, slots=True)
class Recording:
    """A decoded recording.

    Attributes:
        samples: mono, shape (n,), float32, full scale ±1.0, at its own rate.
        sample_rate_hz: its rate.
        clipped_share: part of the samples that stand in flat tops at full scale, 0-1.
    """

    samples: Samples
    sample_rate_hz: int
    clipped_share: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate_hz


def read_recording(path: Path) -> Recording:
    """Read a recording, mixed down to mono, and refuse one that no voice can be made of.

    Args:
        path: WAV, FLAC, MP3, Ogg or whatever else FFmpeg decodes.

    Raises:
        UnusableRecordingError: missing, unreadable, shorter than 3 s, longer than 10 min, silent.
    """
    if not path.is_file():
        message = f"the recording {path} is missing; provide a WAV, mono, more than 3 s"
        raise UnusableRecordingError(Defect.MISSING, message)
    channels, sample_rate_hz = _decode(path)
    samples = channels.mean(axis=0, dtype=np.float32)
    duration_s = len(samples) / sample_rate_hz
    if not np.isfinite(samples).all():
        raise _unreadable(path, "it holds samples that are not numbers")
    if duration_s < DURATION_S_MIN:
        message = (
            f"the recording {path} lasts {duration_s:.1f} s; provide {DURATION_S_MIN:.0f} s or "
            "more of one person speaking (10-30 s serve best)"
        )
        raise UnusableRecordingError(Defect.TOO_SHORT, message)
    if np.abs(samples).max() < _SILENCE_PEAK:
        message = f"the recording {path} is silent; provide one in which somebody speaks"
        raise UnusableRecordingError(Defect.SILENT, message)
    return Recording(samples, sample_rate_hz, _clipped_share(channels))


def require_unclipped(recording: Recording) -> None:
    """Refuse a recording whose loud parts are cut off: the voice would rasp for good.

    Raises:
        UnusableRecordingError: more than a thousandth of it stands in flat tops.
    """
    if recording.clipped_share > _CLIPPED_SHARE_MAX:
        message = (
            f"{recording.clipped_share:.1%} of the recording is clipped; record it again with "
            "less gain"
        )
        raise UnusableRecordingError(Defect.CLIPPED, message)


def at_voice_rate(recording: Recording) -> Samples:
    """The recording at 22 050 Hz, clipped to ±1.0 as XTTS does; shape (n,), float32.

    Raises:
        UnusableRecordingError: its rate is too odd to convert.
    """
    try:
        samples = resample(recording.samples, recording.sample_rate_hz, VOICE_SAMPLE_RATE_HZ)
    except UnsupportedRateError as error:
        message = (
            f"the recording's rate of {recording.sample_rate_hz} Hz cannot be converted; "
            "provide 16 000, 22 050, 24 000, 44 100 or 48 000 Hz"
        )
        raise UnusableRecordingError(Defect.UNREADABLE, message) from error
    return samples.clip(-1, 1)


def _decode(path: Path) -> tuple[Samples, int]:
    """Decode the first audio stream; shape (channels, n), float32, and its rate."""
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise _unreadable(path, "it holds no audio")
            stream = container.streams.audio[0]
            sample_rate_hz = int(stream.rate or 0)
            resampler = av.AudioResampler(format="fltp")
            parts, decoded = [], 0
            for frame in container.decode(stream):
                parts += [made.to_ndarray() for made in resampler.resample(frame)]
                decoded += frame.samples
                if decoded > DURATION_S_MAX * sample_rate_hz:
                    message = f"the recording {path} is longer than {DURATION_S_MAX / 60:.0f} min"
                    raise UnusableRecordingError(Defect.TOO_LONG, message)
    except (av.error.FFmpegError, ValueError) as error:
        raise _unreadable(path, type(error).__name__) from error
    if not parts or not sample_rate_hz:
        raise _unreadable(path, "it holds no samples")
    return np.concatenate(parts, axis=1), sample_rate_hz


def _clipped_share(channels: Samples) -> float:
    """Part of the samples that stand in runs at full scale."""
    full = np.abs(channels) >= _FULL_SCALE
    if full.shape[1] < _CLIPPED_RUN_SAMPLES:
        return 0.0
    runs = np.lib.stride_tricks.sliding_window_view(full, _CLIPPED_RUN_SAMPLES, axis=1)
    return float(runs.all(axis=2).mean())


def _unreadable(path: Path, why: str) -> UnusableRecordingError:
    message = f"the recording {path} cannot be read: {why}; provide a WAV file, mono"
    return UnusableRecordingError(Defect.UNREADABLE, message)
