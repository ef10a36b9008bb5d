"""Files of phrases in their bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from speech.phrases import SUFFIXES

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WATCHED_PREFIXES = ("phrases/", "uploads/")
OWN_SUFFIXES = (".progress.json", ".report.json")
_CHUNK_BYTES = 64 * 1024
_PINNED_PREFIX = "phrases/pinned."


def is_watched(key: str) -> bool:
    """Whether a key is a file of phrases, and not one of the reports written beside it."""
    return key.startswith(WATCHED_PREFIXES) and key.endswith(SUFFIXES)


class PhraseFiles:
    """Reads the phrases bucket."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def lines(self, key: str, bucket: str = "") -> Iterator[bytes]:
        """A file's lines with their ends, streamed.

        Raises:
            FileNotFoundError: it is no longer there.
        """
        try:
            found = self._s3.get_object(Bucket=bucket or self._bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            raise FileNotFoundError from None
        yield from found["Body"].iter_lines(chunk_size=_CHUNK_BYTES, keepends=True)

    def pinned_keys(self) -> tuple[str, ...]:
        """The keys of all `phrases/pinned.*` files."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=_PINNED_PREFIX
        )
        keys = (item["Key"] for page in pages for item in page.get("Contents", []))
        return tuple(key for key in keys if is_watched(key))
