"""A bounded pipe of bytes from a worker thread to the event loop.

Bounded in bytes, so that a slow client costs a known amount of memory: the worker waits, the loop
never does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from threading import Condition


class Channel:
    """Written by one worker thread, read by one task on `loop`.

    Whoever ends it first wins: `finish` lets the reader take what is buffered, `fail` discards it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, capacity_bytes: int) -> None:
        self._loop = loop
        self._capacity_bytes = capacity_bytes
        self._changed = Condition()
        self._buffered: deque[bytes] = deque()
        self._buffered_bytes = 0
        self._ended = False
        self._error: Exception | None = None
        self._readable = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Whether nothing more will be written."""
        return self._ended

    def put(self, data: bytes) -> bool:
        """Write from the worker; waits for room. False when the channel has ended."""
        with self._changed:
            # An empty channel takes a piece of any size, or a large one would never pass.
            self._changed.wait_for(
                lambda: (
                    self._ended
                    or not self._buffered
                    or self._buffered_bytes + len(data) <= self._capacity_bytes
                )
            )
            if self._ended:
                return False
            self._buffered.append(data)
            self._buffered_bytes += len(data)
        self._wake_reader()
        return True

    def finish(self) -> None:
        """End after what is buffered."""
        self._end(None)

    def fail(self, error: Exception) -> None:
        """End now; the reader gets `error`."""
        self._end(error)

    async def get(self) -> bytes | None:
        """Read the next piece; None at the end.

        Raises:
            Exception: whatever `fail` was given.
        """
        while True:
            with self._changed:
                if self._error is not None:
                    raise self._error
                if self._buffered:
                    data = self._buffered.popleft()
                    self._buffered_bytes -= len(data)
                    self._changed.notify_all()
                    return data
                if self._ended:
                    return None
                self._readable.clear()
            await self._readable.wait()

    def _end(self, error: Exception | None) -> None:
        with self._changed:
            if self._ended:
                return
            self._ended = True
            self._error = error
            if error is not None:
                self._buffered.clear()
                self._buffered_bytes = 0
            self._changed.notify_all()
        self._wake_reader()

    def _wake_reader(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._readable.set)
