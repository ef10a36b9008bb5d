"""Directories that are there as a whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from infra.model_fetch.bucket import Bucket
from model_host.engines.xtts.pack_format import file_sha256

_PARTIAL = ".fetching-"


def holds(directory: Path, hashes: Mapping[str, str]) -> bool:
    """Whether a directory has these files with these contents. About a second a gigabyte."""
    paths = {directory / name: sha256 for name, sha256 in hashes.items()}
    return all(path.is_file() and file_sha256(path) == sha256 for path, sha256 in paths.items())


def download_directory(
    bucket: Bucket, prefix: str, hashes: Mapping[str, str], directory: Path
) -> None:
    """Bring a directory from S3; it gets its name when every file is there and verified.

    The work grows beside it under a name made of the hashes: the next run goes on with it, and
    what belongs to other contents is removed.

    Args:
        bucket: where from.
        prefix: of its keys, without a slash at its end.
        hashes: SHA-256 of the files, by their path inside the directory.
        directory: where it shall stand; what stands there is replaced.
    """
    partial = directory.with_name(f"{directory.name}{_PARTIAL}{_digest(hashes)}")
    for stale in set(directory.parent.glob(f"{directory.name}{_PARTIAL}*")) - {partial}:
        shutil.rmtree(stale)
    partial.mkdir(parents=True, exist_ok=True)
    for name, sha256 in hashes.items():
        bucket.download(f"{prefix}/{name}", partial / name, sha256)
    for path in partial.rglob("*"):
        _sync(path)
    replace_directory(partial, directory)


def replace_directory(fresh: Path, directory: Path) -> None:
    """Give a finished directory its name; nobody reads the old one while a pod starts."""
    if directory.exists():
        shutil.rmtree(directory)
    fresh.rename(directory)
    _sync(directory.parent)


def _digest(hashes: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()[:16]


def _sync(path: Path) -> None:
    """Have a file's bytes, or a directory's names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
