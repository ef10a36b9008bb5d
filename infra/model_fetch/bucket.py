"""The little of S3 that fetching a model needs: small objects, whole files, first come."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
)

from infra.model_fetch.errors import DamagedError, UnreachableError, WrongSourceError
from model_host.engines.xtts.pack_format import PackedFile, file_sha256

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BLOCK_BYTES = 1 << 20
_ABSENT = frozenset({"NoSuchKey", "404"})


class Bucket:
    """One bucket; every error of S3 comes out as a `FetchError`."""

    def __init__(self, s3: S3Client, name: str) -> None:
        self._s3 = s3
        self._name = name

    def read(self, key: str) -> bytes | None:
        """A small object whole; None if there is none."""
        with self._explained(key):
            try:
                return self._s3.get_object(Bucket=self._name, Key=key)["Body"].read()
            except ClientError as error:
                if _code(error) in _ABSENT:
                    return None
                raise

    def download(self, key: str, path: Path, sha256: str) -> None:
        """Have an object as a file, going on with what an earlier run left of it.

        Args:
            key: of the object.
            path: of the file; its bytes are on the disk when this returns.
            sha256: of its contents, 64 hex digits.

        Raises:
            DamagedError: the object's contents are others; the file is gone.
        """
        with self._explained(key):
            size_bytes = self._s3.head_object(Bucket=self._name, Key=key)["ContentLength"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            have_bytes = path.stat().st_size
            if have_bytes < size_bytes:
                self._append(key, path, have_bytes)
        if file_sha256(path) != sha256:
            path.unlink()
            raise DamagedError(
                f"s3://{self._name}/{key} is not what its SHA-256 says; upload it again"
            )

    def offer(self, key: str, path: Path, packed: PackedFile) -> None:
        """Upload a file unless its key is taken; S3 checks its SHA-256 as it arrives."""
        checksum = base64.b64encode(bytes.fromhex(packed.sha256)).decode()
        with self._explained(key), path.open("rb") as stream:
            try:
                self._s3.put_object(
                    Bucket=self._name,
                    Key=key,
                    Body=stream,
                    ContentLength=packed.bytes,
                    ChecksumSHA256=checksum,
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if not _is_taken(error):
                    raise

    def claim(self, key: str, content: bytes) -> bytes:
        """Write a small object unless another was first.

        Returns:
            What stands there: `content`, or what the first one wrote.

        Raises:
            UnreachableError: another writes at this moment (409); ask again.
        """
        with self._explained(key):
            try:
                self._s3.put_object(Bucket=self._name, Key=key, Body=content, IfNoneMatch="*")
            except ClientError as error:
                if not _is_taken(error):
                    raise
        return self.read(key) or content

    def _append(self, key: str, path: Path, from_byte: int) -> None:
        rest = f"bytes={from_byte}-"
        body = self._s3.get_object(Bucket=self._name, Key=key, Range=rest)["Body"]
        with path.open("ab") as stream:
            for block in body.iter_chunks(_BLOCK_BYTES):
                stream.write(block)

    @contextmanager
    def _explained(self, key: str) -> Iterator[None]:
        place = f"s3://{self._name}/{key}"
        try:
            yield
        except ClientError as error:
            code = _code(error)
            if _status(error) == HTTPStatus.FORBIDDEN:
                message = f"{place} may not be used ({code}): look at the pod's role"
                raise WrongSourceError(message) from error
            if _status(error) == HTTPStatus.NOT_FOUND:
                raise WrongSourceError(f"{place} is not there ({code})") from error
            raise UnreachableError(f"{place}: S3 answered {code}; to be tried again") from error
        except (NoCredentialsError, CredentialRetrievalError, NoRegionError) as error:
            message = f"the pod has no AWS credentials or no region ({type(error).__name__})"
            raise WrongSourceError(message) from error
        except BotoCoreError as error:
            message = f"{place} cannot be reached ({type(error).__name__}); to be tried again"
            raise UnreachableError(message) from error


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def _is_taken(error: ClientError) -> bool:
    return _status(error) == HTTPStatus.PRECONDITION_FAILED
