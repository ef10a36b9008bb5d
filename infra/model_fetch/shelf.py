"""The packs on S3 that pods made of checkpoints, so that each is made once.

    packs/<key>/<fingerprint>/…   a pack, whole; may be named by MODEL_URI itself
    packs/<key>/chosen.json       which of them counts: the first that was uploaded whole

`<key>` says what the pack depends on. Two pods that pack at once may make packs that differ in a
byte, and so in their fingerprint, in which the audio cache's keys are rooted: so one of them is
chosen, by a conditional put, and the other pod takes that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from infra.model_fetch.bucket import Bucket
from infra.model_fetch.errors import DamagedError
from model_host.engines.xtts.pack_format import MANIFEST_NAME, Pack, PackedFile, file_sha256

_ROOT = "packs"


class PackShelf:
    """Where packs of one checkpoint stand."""

    def __init__(self, bucket: Bucket, depends_on: Mapping[str, str]) -> None:
        """Find the place.

        Args:
            bucket: the checkpoint's own.
            depends_on: what the packs depend on, as `pack_key` says it.
        """
        canonical = json.dumps(depends_on, sort_keys=True, separators=(",", ":"))
        self._prefix = f"{_ROOT}/{hashlib.sha256(canonical.encode()).hexdigest()[:32]}"
        self._bucket = bucket

    def chosen(self) -> str | None:
        """Prefix of the pack that counts; None if there is none yet."""
        content = self._bucket.read(self._chosen_key)
        return None if content is None else self._prefix_in(content)

    def offer(self, pack: Pack) -> str:
        """Upload a pack.

        Returns:
            Prefix of the pack that counts: this one, or that of a pod that was first.
        """
        prefix = f"{self._prefix}/{pack.fingerprint}"
        for name, packed in pack.manifest.files.items():
            self._bucket.offer(f"{prefix}/{name}", pack.directory / name, packed)
        manifest = pack.directory / MANIFEST_NAME
        described = PackedFile(bytes=manifest.stat().st_size, sha256=file_sha256(manifest))
        self._bucket.offer(f"{prefix}/{MANIFEST_NAME}", manifest, described)
        choice = json.dumps({"fingerprint": pack.fingerprint}).encode()
        return self._prefix_in(self._bucket.claim(self._chosen_key, choice))

    @property
    def _chosen_key(self) -> str:
        return f"{self._prefix}/chosen.json"

    def _prefix_in(self, content: bytes) -> str:
        try:
            return f"{self._prefix}/{json.loads(content)['fingerprint']}"
        except (ValueError, KeyError, TypeError) as error:
            message = f"{self._chosen_key} is not what a pod writes; delete it to pack again"
            raise DamagedError(message) from error
