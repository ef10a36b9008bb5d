"""The audio formats the host answers with, and the one rate it speaks at."""

from __future__ import annotations

from enum import StrEnum

SAMPLE_RATE_HZ = 24_000
"""Rate of all audio inside the host and of every format that keeps its rate."""


class AudioFormat(StrEnum):
    """Names as OpenAI's speech API has them."""

    WAV = "wav"
    PCM = "pcm"
    FLAC = "flac"
    MP3 = "mp3"
    OPUS = "opus"
    AAC = "aac"


MEDIA_TYPES = {
    AudioFormat.WAV: "audio/wav",
    # Headerless, so its rate stands in the media type (RFC 2586 names the parameter).
    AudioFormat.PCM: f"audio/pcm;rate={SAMPLE_RATE_HZ}",
    AudioFormat.FLAC: "audio/flac",
    AudioFormat.MP3: "audio/mpeg",
    AudioFormat.OPUS: "audio/ogg",
    AudioFormat.AAC: "audio/aac",
}
