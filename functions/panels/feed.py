"""What happened on a panel, event by event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from panels.calls import PanelCall, Status
from panels.names import shown
from panels.panel_settings import PanelSettings
from panels.table import Attributes, Head, PanelTable

PAGE_EVENTS: Final = 100
RECENT_CALLS: Final = 12

_PREFIX: Final = "event#"


class Event(BaseModel):
    """One thing that happened: a call, or the new status of an earlier one."""

    model_config = ConfigDict(frozen=True)

    seq: int = Field(description="The panel's next whole number, from 1.")
    type: Literal["call"] | Status
    at: str
    call: PanelCall = Field(description="The call as it was then.")

    def seen_with(self, settings: PanelSettings) -> Event:
        """The event with what a screen may get of it."""
        ticket, name = shown(self.call.ticket, self.call.name, settings.show)
        call = self.call.model_copy(update={"ticket": ticket, "name": name})
        return self.model_copy(update={"call": call})


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of events; `seq` is what to ask for next, `more` whether to do so at once."""

    seq: int
    events: tuple[Event, ...]
    more: bool

    def seen_with(self, settings: PanelSettings) -> Feed:
        """The page with what a screen may get of it."""
        return replace(self, events=tuple(event.seen_with(settings) for event in self.events))


class Feeds:
    """The feed of each panel."""

    def __init__(self, table: PanelTable) -> None:
        self._table = table

    def event(self, panel: str, seq: int) -> Event | None:
        """One event, while it is kept."""
        item = self._table.item(panel, event_sk(seq))
        return _read(item) if item else None

    def after(self, head: Head, after: int) -> Feed:
        """At most 100 events after number `after`, up to what `head` knows of."""
        if after >= head.seq:
            return Feed(head.seq, (), more=False)
        found = self._table.items(head.panel, event_sk(after + 1), event_sk(head.seq))
        events = tuple(map(_read, islice(found, PAGE_EVENTS)))
        last = events[-1].seq if len(events) == PAGE_EVENTS else head.seq
        return Feed(last, events, more=last < head.seq)

    def recent(self, head: Head) -> Feed:
        """The last 12 calls and what became of them, oldest first."""
        if head.seq == 0:  # DynamoDB refuses a range that ends before it begins
            return Feed(0, (), more=False)
        newest_first = self._table.items(
            head.panel, event_sk(1), event_sk(head.seq), newest_first=True
        )
        events = _until_calls(RECENT_CALLS, map(_read, newest_first))
        return Feed(head.seq, tuple(reversed(events)), more=False)


def event_sk(seq: int) -> str:
    """The sort key of an event."""
    return f"{_PREFIX}{seq:012d}"


def _until_calls(wanted: int, newest_first: Iterable[Event]) -> list[Event]:
    """The events of the newest calls; fates of older calls are left out."""
    events, calls = [], set()
    for event in newest_first:
        events.append(event)
        if event.type == "call":
            calls.add(event.call.id)
            if len(calls) == wanted:
                break
    return [event for event in events if event.call.id in calls]


def _read(item: Attributes) -> Event:
    return Event.model_validate_json(str(item["event"]))
