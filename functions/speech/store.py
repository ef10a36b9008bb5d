"""Rendered speech in S3: an object that exists and has not expired is ready to play."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from speech.host import SpokenAudio
from speech.key import SpeechKey

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

_PUBLISH_ATTEMPTS = 5
_CONFLICT_PAUSE_S = 0.05
# A patient who is called twice hears the same; whoever is called later gets a better attempt.
_DOUBTFUL_TTL_S = 3600


class PublishError(Exception):
    """S3 would neither take the object nor show the one that stands in its way."""


@dataclass(frozen=True, slots=True)
class StoredSpeech:
    """What S3 knows of an object.

    Attributes:
        expires_at: epoch seconds.
        doubtful: whether the host was in doubt that it was said well.
    """

    size_bytes: int
    duration_s: float
    expires_at: float
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Head:
    speech: StoredSpeech
    etag: str


def life_s(audio: SpokenAudio, ttl_s: int) -> int:
    """How long audio may be played, in seconds; an hour if the host is in doubt of it."""
    return min(ttl_s, _DOUBTFUL_TTL_S) if audio.doubtful else ttl_s


class SpeechStore:
    """Objects under one prefix of one bucket.

    Lifecycle deletes about once a day, so each object also carries its own `expires-at`, and a
    reader that finds it passed finds nothing.
    """

    def __init__(
        self,
        s3: S3Client,
        bucket: str,
        prefix: str,
        ttl_s: Callable[[str], int],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix
        self._ttl_s = ttl_s
        self._now = now

    def find(self, key: SpeechKey) -> StoredSpeech | None:
        """The object of this key, unless it is missing or expired."""
        head = self._head(key)
        return head.speech if head and self._is_live(head) else None

    def publish(self, key: SpeechKey, audio: SpokenAudio) -> StoredSpeech:
        """Put audio where nothing is, or over what may be replaced; never over what is live.

        What has expired may be replaced, and what is doubtful by what is not.

        Conditional writes (`If-None-Match: *`, `If-Match`) let exactly one of several racing
        writers win: 412 means that someone else did, 409 that S3 could not decide yet.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html

        Raises:
            PublishError: S3 stayed undecided.
        """
        ttl_s = life_s(audio, self._ttl_s(key.retention))
        expires_at = int(self._now()) + ttl_s
        stored = StoredSpeech(len(audio.body), audio.duration_s, expires_at, audio.doubtful)
        request: PutObjectRequestTypeDef = {
            "Bucket": self._bucket,
            "Key": key.object_key(self._prefix),
            "IfNoneMatch": "*",
            "Body": audio.body,
            "ContentType": key.content_type,
            "CacheControl": f"private, max-age={ttl_s}",
            "Metadata": {
                "duration-s": f"{audio.duration_s:.3f}",
                "fingerprint": audio.fingerprint,
                "expires-at": str(expires_at),
                **({"quality": "doubtful"} if audio.doubtful else {}),
            },
        }
        for _ in range(_PUBLISH_ATTEMPTS):
            try:
                self._s3.put_object(**request)
            except ClientError as error:
                if _status(error) not in {404, 409, 412}:
                    raise
                if _status(error) == 409:  # noqa: PLR2004
                    time.sleep(_CONFLICT_PAUSE_S)
            else:
                return stored
            head = self._head(key)
            if head and self._is_live(head) and (audio.doubtful or not head.speech.doubtful):
                return head.speech
            request.pop("IfNoneMatch", None)
            request.pop("IfMatch", None)
            if head:
                request["IfMatch"] = head.etag
            else:
                request["IfNoneMatch"] = "*"
        raise PublishError

    def presign(self, key: SpeechKey, ttl_s: int) -> str:
        """A URL that plays the object for `ttl_s` seconds.

        It never outlives the signer's own credentials: a Lambda role's session may end earlier.
        """
        return self._s3.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": key.object_key(self._prefix)},
            ExpiresIn=ttl_s,
        )

    def live_keys(self, retention: str, voice: str) -> frozenset[str]:
        """The object keys of one voice that have not expired, told by their age alone."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=f"{self._prefix}/{retention}/{voice}/"
        )
        oldest = self._now() - self._ttl_s(retention)
        return frozenset(
            item["Key"]
            for page in pages
            for item in page.get("Contents", [])
            if item["LastModified"].timestamp() > oldest
        )

    def _head(self, key: SpeechKey) -> _Head | None:
        try:
            head = self._s3.head_object(Bucket=self._bucket, Key=key.object_key(self._prefix))
        except ClientError as error:
            if _status(error) == 404:  # noqa: PLR2004
                return None
            raise
        metadata = head["Metadata"]
        speech = StoredSpeech(
            size_bytes=head["ContentLength"],
            duration_s=float(metadata.get("duration-s", "0")),
            expires_at=float(metadata.get("expires-at", "0")),
            doubtful=metadata.get("quality") == "doubtful",
        )
        return _Head(speech, head["ETag"])

    def _is_live(self, head: _Head) -> bool:
        return head.speech.expires_at > self._now()


def _status(error: ClientError) -> int:
    return error.response["ResponseMetadata"]["HTTPStatusCode"]
