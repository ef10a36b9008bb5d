"""From `s3://…` to a directory that the host serves from."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.model_fetch.bucket import Bucket
from infra.model_fetch.checksums import SUMS_NAME, parse_sums
from infra.model_fetch.downloads import download_directory, holds, replace_directory
from infra.model_fetch.errors import DamagedError, WrongSourceError
from infra.model_fetch.packing import Packer, Progress
from infra.model_fetch.shelf import PackShelf
from model_host.engines.base import EngineUnavailableError
from model_host.engines.xtts.pack_format import MANIFEST_NAME, Manifest, Pack, parse_manifest

_CHECKPOINT_NAMES = ("config.json", "model.pth", "vocab.json")


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Provides the model of one pod.

    Attributes:
        bucket: where the model is.
        directory: where the pack shall stand; checkpoint and fresh pack lie beside it for a while.
        packer: makes a pack if there is none yet of a checkpoint.
        progress: told what is being done.
    """

    bucket: Bucket
    directory: Path
    packer: Packer
    progress: Progress

    def provide(self, prefix: str) -> Pack:
        """Have the pack that a prefix names, or that of the checkpoint there, in `directory`.

        Args:
            prefix: of the model's keys, without a slash at its end.

        Raises:
            FetchError: there is none; the message says what to do.
        """
        manifest = self.bucket.read(f"{prefix}/{MANIFEST_NAME}")
        if manifest is not None:
            return self._fetch(prefix, manifest)
        sums = self.bucket.read(f"{prefix}/{SUMS_NAME}")
        if sums is None:
            raise WrongSourceError(
                f"{prefix}/ holds neither a pack ({MANIFEST_NAME}) nor a checkpoint ({SUMS_NAME})"
            )
        return self._fetch_pack_of(prefix, _checkpoint_hashes(parse_sums(sums)))

    def _fetch_pack_of(self, prefix: str, hashes: Mapping[str, str]) -> Pack:
        shelf = PackShelf(self.bucket, self.packer.key(hashes))
        chosen = shelf.chosen()
        if chosen is None:
            pack = self._pack(prefix, hashes)
            self.progress(f"uploading the pack {pack.fingerprint}")
            chosen = shelf.offer(pack)
            replace_directory(pack.directory, self.directory)  # for it may well be the chosen one
            shutil.rmtree(self._checkpoint, ignore_errors=True)
        manifest = self.bucket.read(f"{chosen}/{MANIFEST_NAME}")
        if manifest is None:
            raise DamagedError(f"{chosen}/ is gone; delete chosen.json beside it to pack again")
        return self._fetch(chosen, manifest)

    def _pack(self, prefix: str, hashes: Mapping[str, str]) -> Pack:
        fresh = self.directory.with_name("packed")
        made_before = _open(fresh)
        if made_before is not None and made_before.manifest.checkpoint == hashes:
            return made_before
        if not holds(self._checkpoint, hashes):
            self.progress(f"no pack yet: fetching the checkpoint {prefix}/")
            download_directory(self.bucket, prefix, hashes, self._checkpoint)
        return self.packer.make(self._checkpoint, fresh, self.progress)

    @property
    def _checkpoint(self) -> Path:
        return self.directory.with_name("checkpoint")

    def _fetch(self, prefix: str, text: bytes) -> Pack:
        hashes = {
            **{name: packed.sha256 for name, packed in _manifest(prefix, text).files.items()},
            MANIFEST_NAME: hashlib.sha256(text).hexdigest(),
        }
        if not holds(self.directory, hashes):
            self.progress(f"fetching the pack {prefix}/")
            download_directory(self.bucket, prefix, hashes, self.directory)
        try:
            return Pack.open(self.directory)
        except EngineUnavailableError as error:
            raise DamagedError(f"{prefix}/ is no whole pack: {error}") from error


def _checkpoint_hashes(sums: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in _CHECKPOINT_NAMES if name not in sums]
    if missing:
        raise WrongSourceError(f"{SUMS_NAME} lacks {', '.join(missing)}")
    return {name: sums[name] for name in _CHECKPOINT_NAMES}


def _manifest(prefix: str, text: bytes) -> Manifest:
    try:
        return parse_manifest(Path(prefix) / MANIFEST_NAME, text)
    except EngineUnavailableError as error:
        raise DamagedError(str(error)) from error


def _open(directory: Path) -> Pack | None:
    try:
        return Pack.open(directory)
    except EngineUnavailableError:
        return None
