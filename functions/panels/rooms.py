"""The panels there are, and their settings."""

from __future__ import annotations

from collections.abc import Iterator

from panels.audit import Audit, Author
from panels.contention import attempts
from panels.errors import PanelContendedError, StaleSettingsError
from panels.panel_settings import PanelSettings
from panels.table import HEAD, Attributes, Head, PanelTable
from panels.voice import Voice


class Rooms:
    """Each waiting room's panel."""

    def __init__(self, table: PanelTable, audit: Audit) -> None:
        self._table = table
        self._audit = audit

    def find(self, panel: str) -> Head:
        """A panel with its settings.

        Raises:
            UnknownPanelError: no such panel.
        """
        return self._table.head(panel)

    def all(self) -> Iterator[tuple[Head, Voice]]:
        """All panels, by id, each with who speaks in it.

        Raises:
            PanelContendedError: DynamoDB did not give all of them now.
        """
        return self._table.heads(self._table.panels())

    def create(self, panel: str, settings: PanelSettings, by: Author) -> Head:
        """Make a panel that is not there yet.

        Raises:
            StaleSettingsError: it is there.
            PanelContendedError: could not be written now.
        """
        for _ in attempts():
            if self._table.item(panel, HEAD):
                raise StaleSettingsError
            founded = self._table.founded(panel, settings.written())
            if self._table.commit([*founded, self._audit.entry(panel, by, "panel_created")]):
                return self._table.head(panel)
        raise PanelContendedError

    def change(self, panel: str, settings: PanelSettings, version: int, by: Author) -> Head:
        """Replace the settings of this version.

        Raises:
            UnknownPanelError: no such panel.
            StaleSettingsError: they were changed meanwhile.
            PanelContendedError: could not be written now.
        """
        written: Attributes = {"settings": settings.written(), "version": version + 1}
        for _ in attempts():
            if self._table.head(panel).version != version:
                raise StaleSettingsError
            changed = self._table.changed(panel, HEAD, written, {"version": version})
            if self._table.commit([changed, self._audit.entry(panel, by, "settings_changed")]):
                return self._table.head(panel)
        raise PanelContendedError
