"""What is known of the host without asking it: the manifest kept beside the cache.

Every key contains the host's fingerprint, so without it nothing could be found. Kept in S3, it
lets hits go on working while the host is down.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from speech import observability
from speech.host import HostClient, HostUnavailableError
from speech.lexicon import KnownEntry, KnownLexicon, known_entry
from speech.request import Utterance

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MANIFEST_KEY = "c-tv/manifest.json"
_TRUSTED_S = 60.0


class Voice(BaseModel):
    """A voice that can be asked for by `id`; `language` is a BCP 47 tag."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    language: str


class Limits(BaseModel):
    """What the host accepts."""

    model_config = ConfigDict(frozen=True)

    text_chars_max: int
    speed_min: float
    speed_max: float


class HostInfo(BaseModel):
    """The host's GET /info; the first five members are those of the system it replaces."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    device: str
    model: str
    model_loaded: bool
    reference_audio: str | None
    temp_dir: str
    engine: str
    fingerprint: str = Field(pattern=r"^[0-9a-f]{16}$")
    lexicon: str = Field("", description="ETag of the pronunciation lexicon; none if it has none.")
    sample_rate_hz: int
    languages: tuple[str, ...]
    voices: tuple[Voice, ...] = Field(min_length=1)
    default_voice: str
    formats: tuple[str, ...]
    version: str
    limits: Limits
    versions: dict[str, str]

    @property
    def voice_ids(self) -> tuple[str, ...]:
        """The ids that a request may name."""
        return tuple(voice.id for voice in self.voices)


class Manifest(HostInfo):
    """The host's description as last published.

    Attributes:
        published_at: epoch seconds.
        lexicon_entries: what keys must know of the lexicon that `lexicon` names.
    """

    published_at: int
    lexicon_entries: tuple[KnownEntry, ...] = ()

    def lexicon_digest(self, utterance: Utterance) -> str:
        """What the host will say in `CTV-Lexicon` when it speaks this; "" for nothing."""
        return self._known_lexicon.digest(utterance.written)

    @cached_property
    def _known_lexicon(self) -> KnownLexicon:
        return KnownLexicon(self.lexicon_entries)


@dataclass(slots=True)
class _Remembered:
    manifest: Manifest
    at_s: float


class ManifestStore:
    """The manifest, looked for in memory, then S3, then at the host itself.

    Without a bucket (one-process development) the host is asked directly.
    """

    def __init__(
        self,
        host: HostClient,
        s3: S3Client | None,
        bucket: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._s3 = s3
        self._bucket = bucket
        self._now = now
        self._remembered: _Remembered | None = None

    def current(self) -> Manifest:
        """The manifest, at most a minute old.

        Raises:
            HostUnavailableError: none was ever published and the host does not answer.
        """
        if self._remembered and self._now() - self._remembered.at_s < _TRUSTED_S:
            return self._remembered.manifest
        manifest = self._published()
        return self._remember(manifest) if manifest else self.refresh()

    def refresh(self) -> Manifest:
        """Ask the host who it is and publish that if it changed.

        Raises:
            HostUnavailableError: it does not answer, or not as agreed.
        """
        try:
            info = HostInfo.model_validate(self._host.info())
        except ValidationError as error:
            fields = ", ".join(str(e["loc"][0]) for e in error.errors())
            raise HostUnavailableError(f"/info is not as agreed: {fields}") from None
        published = self._published()
        if published and info == _info_in(published):
            return self._remember(published)
        manifest = self._described(info, published)
        if self._s3:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=MANIFEST_KEY,
                Body=manifest.model_dump_json(indent=2).encode(),
                ContentType="application/json",
            )
        if published:
            _tell_changes(published, manifest)
        return self._remember(manifest)

    def _described(self, info: HostInfo, published: Manifest | None) -> Manifest:
        """Complete what the host says of itself with its lexicon, read anew only if it changed.

        The lexicon's own entity tag counts: it may have changed again since the host said which.
        """
        etag, entries = info.lexicon, published.lexicon_entries if published else ()
        if etag and (published is None or etag != published.lexicon):
            lexicon = self._host.lexicon()
            etag = lexicon.etag
            try:
                entries = tuple(map(known_entry, lexicon.entries))
            except (KeyError, TypeError):
                raise HostUnavailableError("/v1/lexicon is not as agreed: entries") from None
        return Manifest(
            **info.model_dump(exclude={"lexicon"}),
            lexicon=etag,
            lexicon_entries=entries if etag else (),
            published_at=int(self._now()),
        )

    def _published(self) -> Manifest | None:
        if self._s3 is None:
            return self._remembered.manifest if self._remembered else None
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=MANIFEST_KEY)
        except self._s3.exceptions.NoSuchKey:
            return None
        content: Any = found["Body"].read()
        try:
            return Manifest.model_validate_json(content)
        except ValidationError:
            return None  # an older release's; the host is asked again

    def _remember(self, manifest: Manifest) -> Manifest:
        self._remembered = _Remembered(manifest, self._now())
        return manifest


def _info_in(manifest: Manifest) -> HostInfo:
    return HostInfo.model_validate(manifest.model_dump(include=set(HostInfo.model_fields)))


def _tell_changes(before: Manifest, after: Manifest) -> None:
    if before.fingerprint != after.fingerprint:
        observability.count(observability.FINGERPRINT_CHANGED)
        observability.logger.info(
            "the host's fingerprint changed",
            extra={"before": before.fingerprint, "after": after.fingerprint},
        )
    if before.lexicon != after.lexicon:
        observability.logger.info(
            "the host's lexicon changed", extra={"before": before.lexicon, "after": after.lexicon}
        )
