"""A list uploaded for a panel: its rows wait to be called, and are said as the panel says them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from panels.announcing import manner, said_ahead
from panels.audit import Author
from panels.calls import Patient
from panels.idempotency import Once
from panels.panel_settings import PanelSettings
from panels.waiting import WaitingList
from speech.phrases import BadRow, Row
from speech.request import Call, Manner, Said

_BY: Final = "upload"


class PanelList:
    """Reads a list's rows for one panel. Read again after a crash, it has nobody wait twice.

    The file does not change, so its rows are the same request to the waiting list each time; who
    was called meanwhile does not come back.
    """

    def __init__(
        self, panel: str, settings: PanelSettings, waiting: WaitingList, upload: str
    ) -> None:
        self._panel = panel
        self._settings = settings
        self._waiting = waiting
        self._once = Once.of(_BY, upload)
        self._patients: list[Patient] = []

    @property
    def manner(self) -> Manner:
        """How everything in the list is said; the panel's settings decide, not the row."""
        return manner(self._settings)

    def take(self, row: Row) -> Sequence[Said] | BadRow:
        """Note the row's patient, who is to wait.

        A row with a text is an announcement: it is rendered ahead, and nobody waits.

        Returns:
            What is to be rendered ahead.
        """
        called = row.request.said
        if not isinstance(called, Call):
            return (called,)
        if called.ticket is None and called.name is None:
            return BadRow(row.line, "row", "nobody can be called: it needs a ticket or a name")
        patient = Patient(ticket=called.ticket, name=called.name, place=called.place)
        self._patients.append(patient)
        return said_ahead(patient, self._settings)

    def join(self) -> None:
        """Put all who were taken on the waiting list.

        Raises:
            PanelContendedError: it could not be written now.
        """
        self._waiting.join(self._panel, self._patients, Author(_BY, once=self._once))
