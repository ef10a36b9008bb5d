"""What is left to do once an object of the cache is gone."""

from __future__ import annotations

from speech import observability
from speech.assembly import Assembly
from speech.bucket_events import BucketEvent
from speech.key import parse_object_key

# A lifecycle rule's deletes are events of their own; ObjectRemoved does not cover them.
_GONE = ("LifecycleExpiration:", "ObjectRemoved:")


class Aftermath:
    """Forgets what expired, and has pinned phrases rendered again."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts

    def handle(self, event: BucketEvent) -> None:
        """Follow up one delete; events of anything else are ignored."""
        key = parse_object_key(event.key, self._parts.settings.s3_cache_prefix)
        if key is None or not event.name.startswith(_GONE):
            return
        self._parts.jobs.forget(key.id)
        observability.count(observability.EXPIRED, retention=key.retention)
        if key.retention == "phrase" and (phrase := self._parts.pinned.current().get(key)):
            self._parts.pinned.queue([phrase], event.sequencer or "cleanup")
