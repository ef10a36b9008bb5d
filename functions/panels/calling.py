"""Calls are made, and settled: each action is one transaction.

The transaction moves the head's `seq` on by one, so of several actions at the same moment one is
written and the others look again. Who reads the head and then the events up to its `seq` therefore
sees every event, in order and without a gap.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal
from uuid import uuid4

from panels.audit import Audit, Author
from panels.calls import Action, PanelCall, Patient, Status, Wanted
from panels.contention import attempts
from panels.errors import PanelContendedError, UnknownCallError
from panels.feed import Event, Feeds, event_sk
from panels.moments import timestamp
from panels.table import HEAD, Head, PanelTable
from panels.waiting import WaitingEntry, WaitingList

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

CALL_ID: Final = r"^[0-9a-f]{32}$"

Settlement = Literal["cancel", "attended", "no_show"]


class _NobodyWaitsError(Exception):
    """There is nobody whom a plan could call."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an action writes beside the head, the event and the audit.

    Attributes:
        call: as it stands afterwards.
        was: its status before; None if the action makes it.
        audited: the action's name in the audit.
        writes: what else changes.
    """

    call: PanelCall
    was: Status | None
    audited: str
    writes: tuple[TransactWriteItemTypeDef, ...] = ()


class Calling:
    """The calls of each panel."""

    def __init__(
        self,
        table: PanelTable,
        waiting: WaitingList,
        audit: Audit,
        life_s: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._table = table
        self._waiting = waiting
        self._feeds = Feeds(table)
        self._audit = audit
        self._life_s = life_s
        self._now = now

    def find(self, panel: str, call_id: str) -> PanelCall:
        """A call as it stands.

        Raises:
            UnknownCallError: the panel has no such call, or no longer.
        """
        item = self._table.item(panel, _call_sk(call_id))
        if item is None:
            raise UnknownCallError
        return PanelCall.model_validate_json(str(item["call"]))

    def announce(self, panel: str, wanted: Wanted, by: Author) -> PanelCall:
        """Call a patient or somebody of the waiting list, or announce free words.

        Raises:
            UnknownPanelError: no such panel.
            UnknownEntryError: nobody waits under this id: another desk may have been first.
            KeyReusedError: the idempotency key came with another request.
            PanelContendedError: too many others act at this moment.
        """

        def plan(head: Head) -> _Plan:
            if wanted.waiting is not None:
                entry = self._waiting.find(panel, wanted.waiting)
                return self._taken(head, entry, wanted.place, "called")
            return _Plan(self._new(head, wanted, text=wanted.text), None, "called")

        return self._act(panel, by, plan)

    def next(self, panel: str, place: str | None, by: Author) -> PanelCall | None:
        """Call who waits longest for this place or for any; without a place, who waits longest.

        Several desks may ask at once: each gets another patient.

        Returns:
            The call; None if nobody waits.

        Raises:
            UnknownPanelError: no such panel.
            KeyReusedError: the idempotency key came with another request.
            PanelContendedError: too many others act at this moment.
        """

        def plan(head: Head) -> _Plan:
            entry = _longest_for(place, self._waiting.all(panel))
            if entry is None:
                raise _NobodyWaitsError
            return self._taken(head, entry, place, "called_next")

        try:
            return self._act(panel, by, plan)
        except _NobodyWaitsError:
            return None

    def recall(self, panel: str, call_id: str, by: Author) -> PanelCall:
        """Call somebody once more: a new call, the old one stays as it is.

        Raises:
            UnknownPanelError: no such panel.
            UnknownCallError: no such call.
            NotPossibleError: the call's status does not allow it.
            KeyReusedError: the idempotency key came with another request.
            PanelContendedError: too many others act at this moment.
        """

        def plan(head: Head) -> _Plan:
            old = self.find(panel, call_id)
            old.after("recall", self._now())
            return _Plan(self._new(head, old, text=old.text, recall_of=old.id), None, "recalled")

        return self._act(panel, by, plan)

    def settle(self, panel: str, call_id: str, action: Settlement, by: Author) -> PanelCall:
        """Say what became of a call.

        Raises:
            UnknownPanelError: no such panel.
            UnknownCallError: no such call.
            NotPossibleError: the call's status or age does not allow it.
            KeyReusedError: the idempotency key came with another request.
            PanelContendedError: too many others act at this moment.
        """
        return self._act(panel, by, lambda _: self._settled(panel, call_id, action))

    def transfer(
        self, panel: str, call_id: str, to_panel: str, place: str | None, by: Author
    ) -> PanelCall:
        """Have a patient who was called wait again, in a panel and for a place.

        Raises:
            UnknownPanelError: no such panel, here or there.
            UnknownCallError: no such call.
            NotPossibleError: the call's status does not allow it.
            KeyReusedError: the idempotency key came with another request.
            PanelContendedError: too many others act at this moment.
        """
        self._table.head(to_panel)

        def plan(_: Head) -> _Plan:
            settled = self._settled(panel, call_id, "transfer")
            patient = settled.call.model_copy(update={"place": place})
            joined = self._waiting.joined(to_panel, self._waiting.entry(patient))
            return replace(settled, writes=(joined,))

        return self._act(panel, by, plan)

    def _taken(self, head: Head, entry: WaitingEntry, place: str | None, audited: str) -> _Plan:
        patient = entry.model_copy(update={"place": place or entry.place})
        left = self._waiting.left(head.panel, entry.id)
        return _Plan(self._new(head, patient), None, audited, (left,))

    def _settled(self, panel: str, call_id: str, action: Action) -> _Plan:
        call = self.find(panel, call_id)
        after = call.after(action, self._now())
        return _Plan(after, call.status, after.status)

    def _new(
        self,
        head: Head,
        patient: Patient,
        *,
        text: str | None = None,
        recall_of: str | None = None,
    ) -> PanelCall:
        return PanelCall(
            id=uuid4().hex,
            seq=head.seq + 1,
            status="calling",
            called_at=timestamp(self._now()),
            ticket=patient.ticket,
            name=patient.name,
            place=patient.place,
            text=text,
            recall_of=recall_of,
        )

    def _act(self, panel: str, by: Author, plan: Callable[[Head], _Plan]) -> PanelCall:
        """Plan on what is true now and write it, until no other action came between."""
        for _ in attempts():
            if by.once and (answered := by.once.answer(self._table, panel)):
                return self._first_answer(panel, int(answered))
            head = self._table.head(panel)
            planned = plan(head)
            if self._table.commit(self._writes(head, planned, by)):
                return planned.call
        raise PanelContendedError

    def _first_answer(self, panel: str, seq: int) -> PanelCall:
        event = self._feeds.event(panel, seq)
        if event is None:
            raise UnknownCallError
        return event.call

    def _writes(self, head: Head, plan: _Plan, by: Author) -> list[TransactWriteItemTypeDef]:
        seq = head.seq + 1
        call = plan.call
        event = Event(
            seq=seq,
            type="call" if plan.was is None else call.status,
            at=timestamp(self._now()),
            call=call,
        )
        writes = [
            self._table.changed(head.panel, HEAD, {"seq": seq}, {"seq": head.seq}),
            self._table.new(
                head.panel, event_sk(seq), {"event": event.model_dump_json()}, life_s=self._life_s
            ),
            self._kept(head.panel, call, plan.was),
            self._audit.entry(head.panel, by, plan.audited, call=call.id, ticket=call.ticket),
            *plan.writes,
        ]
        if by.once:
            writes.append(by.once.answered(self._table, head.panel, str(seq)))
        return writes

    def _kept(self, panel: str, call: PanelCall, was: Status | None) -> TransactWriteItemTypeDef:
        kept = {"status": call.status, "call": call.model_dump_json()}
        if was is None:
            return self._table.new(panel, _call_sk(call.id), kept, life_s=self._life_s)
        return self._table.changed(panel, _call_sk(call.id), kept, {"status": was})


def _longest_for(place: str | None, waiting: Iterable[WaitingEntry]) -> WaitingEntry | None:
    if place is None:
        return next(iter(waiting), None)
    wanted = {None, place.casefold()}
    return next((one for one in waiting if (one.place and one.place.casefold()) in wanted), None)


def _call_sk(call_id: str) -> str:
    return f"call#{call_id}"
