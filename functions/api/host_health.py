"""Whether the host answers, as whoever has no key may ask as often as they like."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from speech.assembly import assembled
from speech.host import HostClient, HostUnavailableError

REMEMBERED_S: Final = 5.0
"""How long a process takes the host's last word for true, in seconds."""


class HostHealth:
    """What the host says of itself, asked once in five seconds.

    A host that swallows packets costs a question 1.5 s. If each request asked, strangers could
    hold all processes of the API just when calls must play on from the cache.
    """

    def __init__(self, host: HostClient, now: Callable[[], float] = time.monotonic) -> None:
        self._host = host
        self._now = now
        self._seen: Mapping[str, Any] | None = None
        self._seen_at_s = float("-inf")

    def seen(self) -> Mapping[str, Any] | None:
        """Its answer at GET /health, at most five seconds old; None if it gave no sound one.

        Lambda hands a process one request at a time, so no two of them ask.
        """
        if self._now() - self._seen_at_s >= REMEMBERED_S:
            try:
                self._seen = self._host.health()
            except HostUnavailableError:
                self._seen = None
            self._seen_at_s = self._now()
        return self._seen


def host_health() -> HostHealth:
    """This process's."""
    return _of(assembled().host)


@cache
def _of(host: HostClient) -> HostHealth:
    return HostHealth(host)
