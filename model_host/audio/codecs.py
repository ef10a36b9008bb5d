"""Encoders: samples in, bytes of a format out, as they are made.

WAV and PCM are packed here; the compressed formats go through PyAV (FFmpeg) into a sink that only
remembers what has not been fetched yet.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream

from model_host.audio.formats import SAMPLE_RATE_HZ, AudioFormat
from model_host.engines.base import Samples

_SAMPLE_BYTES = 2
_UNKNOWN_SIZE = 0xFFFFFFFF
_RIFF_OVERHEAD_BYTES = 36


class Encoder(Protocol):
    """Encodes one recording. A context manager: leaving it frees the codec, finished or not."""

    def encode(self, samples: Samples) -> bytes:
        """Encode a piece, shape (n,), float32 at `SAMPLE_RATE_HZ`; return what is ready."""
        ...

    def finish(self) -> bytes:
        """Return the rest; nothing can be encoded after it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_encoder(audio_format: AudioFormat, *, samples_total: int | None = None) -> Encoder:
    """Open an encoder.

    Args:
        audio_format: what to encode to.
        samples_total: length of the whole recording where it is known beforehand. Headers then
            state it; else WAV says 0xFFFFFFFF, which players read as "until the end", and the
            compressed formats leave it out.
    """
    if audio_format is AudioFormat.PCM:
        return PcmEncoder(header=b"")
    if audio_format is AudioFormat.WAV:
        return PcmEncoder(header=wav_header(samples_total))
    return CompressedEncoder(_CODECS[audio_format], whole=samples_total is not None)


def to_pcm16(samples: Samples) -> npt.NDArray[np.int16]:
    """Turn full-scale ±1.0 into 16-bit samples, clipping what is beyond."""
    pcm16: npt.NDArray[np.int16] = np.rint(np.clip(samples, -1.0, 1.0) * 32767.0).astype(np.int16)
    return pcm16


def wav_header(samples_total: int | None) -> bytes:
    """Make the 44-byte header of a mono 16-bit PCM RIFF/WAVE file (Microsoft's RIFF, 1991)."""
    data_bytes = _UNKNOWN_SIZE if samples_total is None else samples_total * _SAMPLE_BYTES
    riff_bytes = _UNKNOWN_SIZE if samples_total is None else data_bytes + _RIFF_OVERHEAD_BYTES
    byte_rate = SAMPLE_RATE_HZ * _SAMPLE_BYTES
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", riff_bytes, b"WAVE", b"fmt ", 16, 1, 1, SAMPLE_RATE_HZ, byte_rate,
        _SAMPLE_BYTES, 8 * _SAMPLE_BYTES, b"data", data_bytes,
    )  # fmt: skip


class PcmEncoder:
    """Signed 16-bit little-endian mono, after an optional header."""

    def __init__(self, header: bytes) -> None:
        self._header = header

    def encode(self, samples: Samples) -> bytes:
        """Encode a piece."""
        header, self._header = self._header, b""
        return header + to_pcm16(samples).astype("<i2").tobytes()

    def finish(self) -> bytes:
        """Return the header if nothing was ever encoded, else nothing."""
        header, self._header = self._header, b""
        return header

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to free."""


@dataclass(frozen=True, slots=True)
class _Codec:
    container: str
    codec: str
    bit_rate: int | None = None
    container_options: Mapping[str, str] = field(default_factory=dict)
    stream_options: Mapping[str, str] = field(default_factory=dict)
    """Container options for a recording whose length is not known beforehand."""


_CODECS = {
    # FFmpeg pads FLAC's header with 8 KiB for tags that nobody will write.
    AudioFormat.FLAC: _Codec("flac", "flac", None, {"metadata_header_padding": "0"}),
    # The Xing header holds totals, which a stream learns too late to write.
    AudioFormat.MP3: _Codec("mp3", "libmp3lame", 64_000, {}, {"write_xing": "0"}),
    # An Ogg page holds a second of audio by default: too long to wait for the first sound.
    AudioFormat.OPUS: _Codec("ogg", "libopus", 32_000, {}, {"page_duration": "100000"}),
    AudioFormat.AAC: _Codec("adts", "aac", 64_000),
}


class _Sink:
    """What FFmpeg writes a stream to: has no `seek`, so containers know they cannot go back."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def write(self, data: bytes) -> int:
        self._pending += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._pending)
        self._pending.clear()
        return taken


class _SeekableSink(io.BytesIO):
    """What FFmpeg writes a whole recording to: totals are put into the header at the end."""

    def take(self) -> bytes:
        return self.getvalue()


class CompressedEncoder:
    """One codec in one container through PyAV."""

    def __init__(self, codec: _Codec, *, whole: bool) -> None:
        self._sink: _Sink | _SeekableSink = _SeekableSink() if whole else _Sink()
        self._whole = whole
        options = dict(codec.container_options)
        if not whole:
            options |= {"flush_packets": "1", **codec.stream_options}
        self._container = av.open(
            self._sink, mode="w", format=codec.container, container_options=options
        )
        stream = self._container.add_stream(codec.codec, rate=SAMPLE_RATE_HZ, layout="mono")
        if not isinstance(stream, AudioStream):
            raise TypeError(f"{codec.codec} is no audio codec")
        self._stream = stream
        if codec.bit_rate is not None:
            self._stream.bit_rate = codec.bit_rate
        # Speech encodes far faster than it is made; threads of its own would only add delay.
        stream.codec_context.thread_count = 1
        self._next_sample = 0

    def encode(self, samples: Samples) -> bytes:
        """Encode a piece."""
        if len(samples):
            # Every codec gets the same 16-bit samples as WAV: one loudness, one rounding.
            frame = av.AudioFrame.from_ndarray(
                to_pcm16(samples)[np.newaxis, :], format="s16", layout="mono"
            )
            frame.sample_rate = SAMPLE_RATE_HZ
            frame.pts = self._next_sample
            self._next_sample += len(samples)
            self._container.mux(self._stream.encode(frame))
        return b"" if self._whole else self._sink.take()

    def finish(self) -> bytes:
        """Flush the codec, close the container, return the rest."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return self._sink.take()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the container; harmless after `finish`."""
        self._container.close()
