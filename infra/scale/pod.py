"""One pod of the model host: what it makes in a second is shared by all that it speaks."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from infra.scale.day import Clip
from infra.scale.known import Host

_TINY_S: Final = 1e-9


@dataclass(slots=True)
class _Class:
    """Calls of one priority. Each gets as much as any other, so one counter serves for all."""

    made_s: float = 0.0
    ends: list[tuple[float, int, Clip]] = field(default_factory=list)

    def add(self, number: int, clip: Clip) -> None:
        heapq.heappush(self.ends, (self.made_s + clip.length_s, number, clip))

    def next_left_s(self) -> float:
        return max(0.0, self.ends[0][0] - self.made_s)

    def done(self) -> Iterator[Clip]:
        while self.ends and self.ends[0][0] <= self.made_s + _TINY_S:
            yield heapq.heappop(self.ends)[2]


class Pod:
    """Speaks up to `host.rows` calls at once; work done ahead stands still while somebody waits.

    Attributes:
        born_s: since when it is paid for.
        busy_s, busy_before_s: seconds in which it spoke, now and when that was last looked at.
        version: goes on whenever what it speaks changes.
    """

    def __init__(self, host: Host, born_s: float) -> None:
        self.born_s = born_s
        self.version = 0
        self.busy_s = self.busy_before_s = 0.0
        self._host = host
        self._now_s = born_s
        self._live = _Class()
        self._bulk = _Class()

    @property
    def jobs(self) -> int:
        """Calls that it speaks."""
        return len(self._live.ends) + len(self._bulk.ends)

    def has_room(self, *, live: bool) -> bool:
        """Whether it takes another call of this priority."""
        open_to_bulk = len(self._bulk.ends) < self._host.rows - self._host.live_reserve
        return self.jobs < self._host.rows and (live or open_to_bulk)

    def take(self, now_s: float, number: int, clip: Clip, *, live: bool) -> None:
        """Begin to speak a call."""
        self.advance(now_s)
        (self._live if live else self._bulk).add(number, clip)

    def advance(self, now_s: float) -> None:
        """Speak until now."""
        served = self._served()
        if served.ends:
            at_once = len(served.ends)
            rate = self._host.speech_per_s(at_once) / at_once
            served.made_s += rate * (now_s - self._now_s)
            self.busy_s += now_s - self._now_s
        self._now_s = now_s

    def finish(self, now_s: float) -> tuple[list[Clip], list[Clip]]:
        """Take out what is done by now: live calls, and those made ahead."""
        self.advance(now_s)
        return list(self._live.done()), list(self._bulk.done())

    def next_s(self) -> float | None:
        """When the next call is done, if nothing comes between; None for an idle pod."""
        served = self._served()
        if not served.ends:
            return None
        at_once = len(served.ends)
        return self._now_s + served.next_left_s() * at_once / self._host.speech_per_s(at_once)

    def _served(self) -> _Class:
        return self._live if self._live.ends else self._bulk
