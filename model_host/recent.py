"""What was lately seen of each voice: a robust running middle, not a mean that one fault moves."""

from __future__ import annotations

import statistics
from collections import OrderedDict, deque
from threading import Lock


class RecentMedians:
    """The median of the last values of each key; used from any thread."""

    def __init__(self, values: int, *, keys: int = 256) -> None:
        """Remember nothing yet.

        Args:
            values: how many are kept of each key.
            keys: how many are kept; the one that was not added to for longest is forgotten.
        """
        self._values = values
        self._keys = keys
        self._recent: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def add(self, key: str, value: float) -> None:
        """Note a value."""
        with self._lock:
            self._recent.setdefault(key, deque(maxlen=self._values)).append(value)
            self._recent.move_to_end(key)
            if len(self._recent) > self._keys:
                self._recent.popitem(last=False)

    def median(self, key: str, *, at_least: int = 1) -> float | None:
        """The median of what is kept of a key; None while that is fewer than `at_least`."""
        with self._lock:
            recent = self._recent.get(key, ())
            return statistics.median(recent) if len(recent) >= at_least else None
