"""The cache of rendered speech: memory in front of S3."""

from __future__ import annotations

import base64
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from speech.host import SpokenAudio
from speech.key import SpeechKey
from speech.store import SpeechStore, StoredSpeech, life_s

Tier = Literal["memory", "s3"]

# What an entry takes besides its URL: the object, its other strings, its place in the dict.
_ENTRY_BYTES = 1024


@dataclass(frozen=True, slots=True)
class CachedSpeech:
    """Speech that is ready to play.

    Attributes:
        expires_at: when the audio ends to exist, epoch seconds.
        url: where it plays from: a presigned URL, or a `data:` URL where there is no bucket.
        url_expires_at: when `url` ends to work, epoch seconds.
        doubtful: whether the host was in doubt that it was said well.
    """

    id: str
    key: SpeechKey
    content_type: str
    size_bytes: int
    duration_s: float
    expires_at: float
    url: str
    url_expires_at: float
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """Speech found, and where."""

    speech: CachedSpeech
    tier: Tier


class Cache(Protocol):
    """Where rendered speech is found and put."""

    def find(self, *keys: SpeechKey) -> Hit | None:
        """The speech of the first of these keys that is there and has not expired."""
        ...

    def verify(self, key: SpeechKey) -> Hit | None:
        """The speech of this key, after asking whoever knows for sure whether it is there."""
        ...

    def publish(self, key: SpeechKey, audio: SpokenAudio) -> CachedSpeech:
        """Put audio under this key; if another process was first, theirs is returned."""
        ...


class MemoryTier:
    """Least recently used entries within a bound of bytes, each trusted for a while."""

    def __init__(self, max_bytes: int, ttl_s: float, now: Callable[[], float] = time.time) -> None:
        self._max_bytes = max_bytes
        self._ttl_s = ttl_s
        self._now = now
        self._entries: OrderedDict[SpeechKey, tuple[CachedSpeech, float]] = OrderedDict()
        self._bytes = 0

    @property
    def size_bytes(self) -> int:
        """Bytes held now, approximately."""
        return self._bytes

    def get(self, key: SpeechKey) -> CachedSpeech | None:
        """The entry, unless it is older than the TTL or its audio has expired."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        speech, until = entry
        if self._now() >= min(until, speech.expires_at):
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return speech

    def put(self, speech: CachedSpeech) -> None:
        """Keep an entry, dropping the least recently used ones that no longer fit."""
        self.forget(speech.key)
        if _footprint_bytes(speech) > self._max_bytes:
            return
        self._entries[speech.key] = (speech, self._now() + self._ttl_s)
        self._bytes += _footprint_bytes(speech)
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def replace(self, speech: CachedSpeech) -> None:
        """Exchange an entry for one with a fresh URL, without prolonging its trust."""
        entry = self._entries.get(speech.key)
        if entry:
            self._bytes += _footprint_bytes(speech) - _footprint_bytes(entry[0])
            self._entries[speech.key] = (speech, entry[1])

    def forget(self, key: SpeechKey) -> None:
        """Drop an entry if it is there."""
        if key in self._entries:
            self._drop(key)

    def _drop(self, key: SpeechKey) -> None:
        speech, _ = self._entries.pop(key)
        self._bytes -= _footprint_bytes(speech)


def _footprint_bytes(speech: CachedSpeech) -> int:
    return _ENTRY_BYTES + len(speech.url)


class TieredCache:
    """S3 as the truth, with an optional memory tier that also keeps presigned URLs."""

    def __init__(
        self,
        store: SpeechStore,
        memory: MemoryTier | None,
        url_ttl_s: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._memory = memory
        self._url_ttl_s = url_ttl_s
        self._now = now

    def find(self, *keys: SpeechKey) -> Hit | None:
        """Look for all of them in memory, then for all of them in S3."""
        for key in keys:
            remembered = self._memory.get(key) if self._memory else None
            if remembered:
                return Hit(self._with_lasting_url(remembered), "memory")
        for key in keys:
            if stored := self._store.find(key):
                return Hit(self._deliverable(key, stored), "s3")
        return None

    def verify(self, key: SpeechKey) -> Hit | None:
        """Look in S3 only; memory forgets what was deleted there before its time."""
        if stored := self._store.find(key):
            return Hit(self._deliverable(key, stored), "s3")
        if self._memory:
            self._memory.forget(key)
        return None

    def publish(self, key: SpeechKey, audio: SpokenAudio) -> CachedSpeech:
        """Publish to S3; the winner of a race is what everybody gets."""
        return self._deliverable(key, self._store.publish(key, audio))

    def _deliverable(self, key: SpeechKey, stored: StoredSpeech) -> CachedSpeech:
        speech = CachedSpeech(
            id=key.id,
            key=key,
            content_type=key.content_type,
            size_bytes=stored.size_bytes,
            duration_s=stored.duration_s,
            expires_at=stored.expires_at,
            url=self._store.presign(key, self._url_ttl_s),
            url_expires_at=self._now() + self._url_ttl_s,
            doubtful=stored.doubtful,
        )
        if self._memory:
            self._memory.put(speech)
        return speech

    def _with_lasting_url(self, speech: CachedSpeech) -> CachedSpeech:
        """Give a URL again while at least half its life is left, else a fresh one."""
        if speech.url_expires_at - self._now() >= self._url_ttl_s / 2:
            return speech
        fresh = replace(
            speech,
            url=self._store.presign(speech.key, self._url_ttl_s),
            url_expires_at=self._now() + self._url_ttl_s,
        )
        if self._memory:
            self._memory.replace(fresh)
        return fresh


class InProcessCache:
    """The memory tier alone: the audio itself travels in a `data:` URL (RFC 2397)."""

    def __init__(
        self,
        memory: MemoryTier,
        ttl_s: Callable[[str], int],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._memory = memory
        self._ttl_s = ttl_s
        self._now = now

    def find(self, *keys: SpeechKey) -> Hit | None:
        """Look in memory."""
        found = (self._memory.get(key) for key in keys)
        return next((Hit(speech, "memory") for speech in found if speech), None)

    def verify(self, key: SpeechKey) -> Hit | None:
        """Memory is all there is."""
        return self.find(key)

    def publish(self, key: SpeechKey, audio: SpokenAudio) -> CachedSpeech:
        """Keep it in memory."""
        expires_at = self._now() + life_s(audio, self._ttl_s(key.retention))
        encoded = base64.b64encode(audio.body).decode()
        speech = CachedSpeech(
            id=key.id,
            key=key,
            content_type=key.content_type,
            size_bytes=len(audio.body),
            duration_s=audio.duration_s,
            expires_at=expires_at,
            url=f"data:{key.content_type};base64,{encoded}",
            url_expires_at=expires_at,
            doubtful=audio.doubtful,
        )
        self._memory.put(speech)
        return speech
