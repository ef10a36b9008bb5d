"""Every format is decoded again by someone else's decoder."""

from __future__ import annotations

import io
import struct

import av
import numpy as np
import pytest
import soundfile

from model_host.audio.codecs import open_encoder
from model_host.audio.formats import AudioFormat
from model_host.engines.base import Samples
from tests.unit.model_host.fake_engine import RATE_HZ, tone

PIECE = 2400
COMPRESSED = [AudioFormat.FLAC, AudioFormat.MP3, AudioFormat.OPUS, AudioFormat.AAC]
# The encoders' priming and padding: AAC 1024-sample frames, MP3 1105 + 576.
TOLERANCE_S = {AudioFormat.AAC: 0.09, AudioFormat.MP3: 0.12, AudioFormat.OPUS: 0.03}


def encode(audio_format: AudioFormat, samples: Samples, *, whole: bool) -> list[bytes]:
    total = len(samples) if whole else None
    with open_encoder(audio_format, samples_total=total) as encoder:
        pieces = [encoder.encode(samples[i : i + PIECE]) for i in range(0, len(samples), PIECE)]
        return [*pieces, encoder.finish()]


def decode(data: bytes) -> tuple[Samples, int]:
    with av.open(io.BytesIO(data), mode="r") as container:
        rate_hz = container.streams.audio[0].rate
        resampler = av.AudioResampler(format="flt", layout="mono", rate=rate_hz)
        frames = [
            part
            for frame in [*container.decode(audio=0), None]
            for part in resampler.resample(frame)
        ]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]), rate_hz


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "stream"])
@pytest.mark.parametrize("audio_format", [AudioFormat.WAV, *COMPRESSED])
def test_given_a_tone_when_encoded_then_another_decoder_hears_it_at_its_length_and_level(
    audio_format: AudioFormat, whole: bool
) -> None:
    data = b"".join(encode(audio_format, tone(2.0), whole=whole))

    heard, rate_hz = decode(data)

    assert rate_hz == (48_000 if audio_format is AudioFormat.OPUS else RATE_HZ)
    assert len(heard) / rate_hz == pytest.approx(2.0, abs=TOLERANCE_S.get(audio_format, 0.0001))
    middle = heard[len(heard) // 4 : -len(heard) // 4]
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * rate_hz / len(middle) == pytest.approx(220, abs=2)


@pytest.mark.parametrize("audio_format", COMPRESSED)
def test_given_a_stream_when_encoded_then_bytes_come_out_as_they_are_made(
    audio_format: AudioFormat,
) -> None:
    pieces = encode(audio_format, tone(4.0), whole=False)

    first_half = sum(len(piece) for piece in pieces[: len(pieces) // 2])
    assert first_half / sum(map(len, pieces)) == pytest.approx(0.5, abs=0.15)
    assert sum(1 for piece in pieces if piece) > len(pieces) * 0.6


def test_given_pcm_when_encoded_then_it_is_bare_16_bit_little_endian() -> None:
    samples = np.array([0.0, 1.0, -1.0, 2.0, 0.5], dtype=np.float32)

    data = b"".join(encode(AudioFormat.PCM, samples, whole=False))

    assert data == struct.pack("<5h", 0, 32767, -32767, 32767, 16384)


def test_given_a_whole_wav_when_encoded_then_its_header_is_exact() -> None:
    data = b"".join(encode(AudioFormat.WAV, tone(1.0), whole=True))

    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    assert struct.unpack_from("<I", data, 40)[0] == len(data) - 44
    info = soundfile.info(io.BytesIO(data))
    assert (info.samplerate, info.channels, info.frames) == (RATE_HZ, 1, RATE_HZ)


def test_given_a_streamed_wav_when_encoded_then_its_sizes_are_unknown() -> None:
    data = b"".join(encode(AudioFormat.WAV, tone(1.0), whole=False))

    assert data[4:8] == data[40:44] == b"\xff" * 4


@pytest.mark.parametrize("audio_format", [AudioFormat.FLAC, AudioFormat.MP3])
def test_given_a_whole_recording_when_encoded_then_its_header_states_the_length(
    audio_format: AudioFormat,
) -> None:
    data = b"".join(encode(audio_format, tone(2.0), whole=True))

    assert soundfile.info(io.BytesIO(data)).duration == pytest.approx(2.0, abs=0.06)


@pytest.mark.parametrize("audio_format", list(AudioFormat))
def test_given_an_encoder_left_in_the_middle_when_another_is_opened_then_it_is_not_disturbed(
    audio_format: AudioFormat,
) -> None:
    expected = encode(audio_format, tone(0.5), whole=False)

    with open_encoder(audio_format) as abandoned:
        abandoned.encode(tone(0.3, amplitude=0.9))

    # Ogg's serial number is random by design; everything else repeats to the byte.
    again = encode(audio_format, tone(0.5), whole=False)
    assert list(map(len, again)) == list(map(len, expected))
