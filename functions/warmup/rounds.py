"""One round: is the host there, has it changed, is every pinned phrase rendered?"""

from __future__ import annotations

from dataclasses import dataclass

from speech import observability
from speech.assembly import Assembly
from speech.host import HostUnavailableError
from speech.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Round:
    """What a round found and did; `fingerprint` is None while no host was ever seen."""

    host_up: bool
    fingerprint: str | None
    pinned: int
    missing: int
    queued: int


def make_round(parts: Assembly, correlation_id: str) -> Round:
    """Publish the manifest if the host changed, and queue the pinned phrases that are missing.

    Phrases are queued with the host down as well: their keys need only the manifest, and the
    queue keeps them until it is back.
    """
    host_up, manifest = _manifest(parts)
    observability.count(observability.HOST_UP, 1 if host_up else 0)
    if manifest is None:
        return Round(host_up, None, 0, 0, 0)
    pinned = parts.pinned.current()
    prefix = parts.settings.s3_cache_prefix
    voices = {key.voice for key in pinned}
    live = {object_key for voice in voices for object_key in parts.store.live_keys("phrase", voice)}
    missing = [phrase for key, phrase in pinned.items() if key.object_key(prefix) not in live]
    queued = parts.pinned.queue(missing, correlation_id)
    return Round(host_up, manifest.fingerprint, len(pinned), len(missing), queued)


def _manifest(parts: Assembly) -> tuple[bool, Manifest | None]:
    try:
        return True, parts.manifests.refresh()
    except HostUnavailableError:
        try:
            return False, parts.manifests.current()
        except HostUnavailableError:
            return False, None
