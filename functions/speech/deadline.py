"""A moment by which something must be done, carried through every layer."""

from __future__ import annotations

import time
from dataclasses import dataclass


class DeadlineExceededError(Exception):
    """Time ran out before the speech was ready; the work may be queued instead."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, which no clock correction moves."""

    at_monotonic_s: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The moment `seconds` from now."""
        return cls(time.monotonic() + seconds)

    @property
    def remaining_s(self) -> float:
        """Seconds left; negative once it has passed."""
        return self.at_monotonic_s - time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep, but never past the deadline.

        Raises:
            DeadlineExceededError: it has passed, before or during the sleep.
        """
        if self.remaining_s > 0:
            time.sleep(min(seconds, self.remaining_s))
        if self.remaining_s <= 0:
            raise DeadlineExceededError
