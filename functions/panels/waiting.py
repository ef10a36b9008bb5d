"""Who has checked in and is not called yet, in order of arrival."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from panels.audit import Audit, Author
from panels.calls import Patient
from panels.contention import attempts
from panels.errors import PanelContendedError, UnknownEntryError
from panels.idempotency import Once
from panels.moments import timestamp
from panels.table import WRITES_MAX, PanelTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

# One transaction's worth: beside its entries it holds its own record and the audit's.
_TOGETHER: Final = WRITES_MAX - 2

_PREFIX: Final = "waiting#"


class WaitingEntry(Patient):
    """A patient who waits; `since` is RFC 3339, UTC."""

    id: str
    since: str


class WaitingList:
    """The waiting list of each panel."""

    def __init__(
        self,
        table: PanelTable,
        audit: Audit,
        life_s: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._table = table
        self._audit = audit
        self._life_s = life_s
        self._now = now

    def all(self, panel: str) -> Iterator[WaitingEntry]:
        """Everybody who waits, the longest first."""
        for item in self._table.items(panel, _PREFIX, f"{_PREFIX}~"):
            yield WaitingEntry.model_validate_json(str(item["entry"]))

    def count(self, panel: str) -> int:
        """How many wait."""
        return self._table.count(panel, _PREFIX)

    def find(self, panel: str, entry_id: str) -> WaitingEntry:
        """Somebody who waits.

        Raises:
            UnknownEntryError: nobody waits under this id.
        """
        item = self._table.item(panel, f"{_PREFIX}{entry_id}")
        if item is None:
            raise UnknownEntryError
        return WaitingEntry.model_validate_json(str(item["entry"]))

    def join(self, panel: str, patients: Sequence[Patient], by: Author) -> tuple[str, ...]:
        """Have patients wait, in this order; the same request again adds nobody.

        Returns:
            The entries' ids.

        Raises:
            UnknownPanelError: no such panel.
            KeyReusedError: the idempotency key came with another request.
            PanelContendedError: could not be written now.
        """
        self._table.head(panel)
        once = by.once or Once(secrets.token_hex(32), "")
        ids: list[str] = []
        for number, start in enumerate(range(0, len(patients), _TOGETHER)):
            entries = [
                self.entry(patient, start + at)
                for at, patient in enumerate(patients[start : start + _TOGETHER])
            ]
            ids += self._join_together(panel, entries, by, once.part(number))
        return tuple(ids)

    def remove(self, panel: str, entry_id: str, by: Author) -> None:
        """Take somebody off the list who is not to be called.

        Raises:
            UnknownEntryError: nobody waits under this id.
            PanelContendedError: could not be written now.
        """
        for _ in attempts():
            self.find(panel, entry_id)
            removed = self._audit.entry(panel, by, "removed")
            if self._table.commit([self.left(panel, entry_id), removed]):
                return
        raise PanelContendedError

    def entry(self, patient: Patient, position: int = 0) -> WaitingEntry:
        """An entry that begins to wait now, `position` among those that begin with it."""
        since_ms = int(self._now() * 1000)
        return WaitingEntry(
            ticket=patient.ticket,
            name=patient.name,
            place=patient.place,
            id=f"{since_ms:013d}-{position:06d}-{secrets.token_hex(4)}",
            since=timestamp(since_ms / 1000),
        )

    def joined(self, panel: str, entry: WaitingEntry) -> TransactWriteItemTypeDef:
        """Put an entry on the list, as one write of a transaction."""
        written = {"entry": entry.model_dump_json()}
        return self._table.new(panel, f"{_PREFIX}{entry.id}", written, life_s=self._life_s)

    def left(self, panel: str, entry_id: str) -> TransactWriteItemTypeDef:
        """Take an entry off that is still there, as one write of a transaction."""
        return self._table.gone(panel, f"{_PREFIX}{entry_id}")

    def _join_together(
        self, panel: str, entries: Sequence[WaitingEntry], by: Author, once: Once
    ) -> list[str]:
        ids = [entry.id for entry in entries]
        writes = [
            once.answered(self._table, panel, json.dumps(ids)),
            self._audit.entry(panel, by, "checked_in"),
            *(self.joined(panel, entry) for entry in entries),
        ]
        for _ in attempts():
            if self._table.commit(writes):
                return ids
            if first_answer := once.answer(self._table, panel):
                return list(json.loads(first_answer))
        raise PanelContendedError
