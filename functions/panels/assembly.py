"""The panels' parts, put together once per process, each made when first needed."""

from __future__ import annotations

from functools import cache, cached_property

from panels.audit import Audit
from panels.calling import Calling
from panels.devices import DeviceStore
from panels.errors import NoPanelsError
from panels.feed import Feeds
from panels.pairing import PairingStore
from panels.rooms import Rooms
from panels.table import PanelTable
from panels.uploads import PanelUploads
from panels.waiting import WaitingList
from speech.assembly import Assembly, assembled


class PanelParts:
    """Everything that a handler needs of the panels."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts

    @cached_property
    def table(self) -> PanelTable:
        """Panels in the state table."""
        return PanelTable(self._parts.clients.dynamodb, self._parts.settings.state_table)

    @cached_property
    def audit(self) -> Audit:
        """Who did what."""
        return Audit(self.table)

    @cached_property
    def rooms(self) -> Rooms:
        """Panels and their settings."""
        return Rooms(self.table, self.audit)

    @cached_property
    def feeds(self) -> Feeds:
        """What happened."""
        return Feeds(self.table)

    @cached_property
    def waiting(self) -> WaitingList:
        """Who waits."""
        return WaitingList(self.table, self.audit, self._life_s)

    @cached_property
    def calling(self) -> Calling:
        """Calls."""
        return Calling(self.table, self.waiting, self.audit, self._life_s)

    @cached_property
    def uploads(self) -> PanelUploads:
        """Uploaded lists."""
        bucket = self._parts.settings.phrases_bucket
        return PanelUploads(self._parts.clients.s3, bucket, self.table, self.audit)

    @cached_property
    def devices(self) -> DeviceStore:
        """Paired TVs."""
        return DeviceStore(self._parts.clients.dynamodb, self._parts.settings.state_table)

    @cached_property
    def pairing(self) -> PairingStore:
        """TVs that want to be paired."""
        return PairingStore(self._parts.clients.dynamodb, self._parts.settings.state_table)

    @property
    def _life_s(self) -> int:
        return self._parts.ttl_s("personal")


def panel_parts() -> PanelParts:
    """This process's parts.

    Raises:
        NoPanelsError: it is one process without AWS.
    """
    if assembled().in_process:
        raise NoPanelsError
    return _of(assembled())


@cache
def _of(parts: Assembly) -> PanelParts:
    return PanelParts(parts)
