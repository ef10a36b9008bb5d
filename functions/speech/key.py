"""The cache key: what an utterance is called, without saying what it says.

HMAC rather than a plain hash: a patient's name is short and guessable, so an unsalted digest of
it could be found by trying names. The public id is the object key in another order, so no table
is needed to get from one to the other.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Final

from speech.request import Utterance

CONTENT_TYPES: Final = {
    "wav": "audio/wav",
    "pcm": "audio/pcm;rate=24000",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
}
_PARTS = (
    r"(?P<retention>phrase|personal){sep}(?P<voice>[a-z0-9][a-z0-9-]{{0,39}}){sep}"
    r"(?P<digest>[0-9a-f]{{64}})\.(?P<format>wav|pcm|flac|mp3|opus|aac)"
)
_ID = re.compile(_PARTS.format(sep=r"\."))
_OBJECT_KEY = re.compile(_PARTS.format(sep="/"))


class InvalidSpeechIdError(Exception):
    """Not an id that this API gives out."""


@dataclass(frozen=True, slots=True)
class SpeechKey:
    """The name of one utterance spoken by one fingerprint of the host."""

    retention: str
    voice: str
    digest: str
    format: str

    @property
    def id(self) -> str:
        """The public id, `{retention}.{voice}.{hex}.{ext}`."""
        return f"{self.retention}.{self.voice}.{self.digest}.{self.format}"

    @property
    def content_type(self) -> str:
        """The media type of the audio."""
        return CONTENT_TYPES[self.format]

    def object_key(self, prefix: str) -> str:
        """The S3 key, `{prefix}/{retention}/{voice}/{hex}.{ext}`."""
        return f"{prefix}/{self.retention}/{self.voice}/{self.digest}.{self.format}"


def parse_id(speech_id: str) -> SpeechKey:
    """Read a public id back.

    Raises:
        InvalidSpeechIdError: it is not one.
    """
    match = _ID.fullmatch(speech_id)
    if match is None:
        raise InvalidSpeechIdError
    return SpeechKey(**match.groupdict())


def parse_object_key(object_key: str, prefix: str) -> SpeechKey | None:
    """Read an S3 key back; None if it is not the key of a speech under `prefix`."""
    if not object_key.startswith(f"{prefix}/"):
        return None
    match = _OBJECT_KEY.fullmatch(object_key.removeprefix(f"{prefix}/"))
    return SpeechKey(**match.groupdict()) if match else None


def make_key(
    secret: bytes, utterance: Utterance, fingerprint: str, lexicon_digest: str = ""
) -> SpeechKey:
    """Name an utterance as spoken by the host that has this fingerprint.

    Args:
        secret: keys the HMAC.
        utterance: what is said and how.
        fingerprint: of the host that speaks.
        lexicon_digest: of the lexicon's entries that touch what is said; empty for none, which
            leaves the key as it is without a lexicon.
    """
    said = utterance.model_dump(include={"text", "call"}, exclude_none=True)
    lexicon = {"lexicon": lexicon_digest} if lexicon_digest else {}
    canonical = json.dumps(
        {
            "fingerprint": fingerprint,
            "format": utterance.format,
            "language": utterance.language,
            "speed": float(utterance.speed),
            "voice": utterance.voice,
            **said,
            **lexicon,
        },
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    digest = keyed_digest(secret, canonical.encode())
    return SpeechKey(utterance.retention, utterance.voice, digest, utterance.format)


def keyed_digest(secret: bytes, content: bytes) -> str:
    """HMAC-SHA256 (RFC 2104) of what may hold a patient's name, in hex.

    Args:
        secret: keys the HMAC; without it nobody finds the content by trying names.
        content: of any length.
    """
    return hmac.new(secret, content, hashlib.sha256).hexdigest()
