"""The bounded queue before the engine: two priorities, worker threads, cancellation.

Live calls go strictly before bulk work, first come first served within each. A job that has
started is not pre-empted, so some workers may be kept from bulk work altogether.
"""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import closing
from enum import StrEnum
from threading import Condition, Event, Thread

from model_host.channel import Channel
from model_host.engines.base import EngineError
from model_host.errors import BusyError

_log = logging.getLogger(__name__)

Work = Callable[[Event], Generator[bytes, None, None]]
"""Given the event that cancels it, yields bytes; closed early when nobody wants the rest."""

_FIRST_GUESS_SERVICE_S = 1.0
_SERVICE_SMOOTHING = 0.2
_RETRY_AFTER_MAX_S = 60


class Priority(StrEnum):
    """Who is waiting: people in a room, or a file being rendered ahead."""

    LIVE = "live"
    BULK = "bulk"


class Job:
    """One request's work and the channel its bytes come out of.

    Attributes:
        cancelled: set when nobody wants the rest; the engine stops.
        channel: what the work yields.
        submitted_at: when it was made, in seconds of the monotonic clock.
        queue_wait_s: seconds between submission and start; None while it waits.
    """

    def __init__(self, work: Work, priority: Priority, channel: Channel) -> None:
        self.priority = priority
        self.channel = channel
        self.cancelled = Event()
        self.queue_wait_s: float | None = None
        self._work = work
        self.submitted_at = time.monotonic()

    def run(self) -> None:
        """Do the work in the calling worker thread; every outcome ends the channel."""
        self.queue_wait_s = time.monotonic() - self.submitted_at
        try:
            with closing(self._work(self.cancelled)) as pieces:
                for data in pieces:
                    if not self.channel.put(data):
                        break
            # A cancelled job's channel is ended by whoever cancelled it, with the reason.
            if not self.cancelled.is_set():
                self.channel.finish()
        except EngineError as error:
            self.channel.fail(error)
        except Exception as error:  # noqa: BLE001 - a worker thread outlives every request
            # The exception's text may quote the request: only its type and place are logged.
            _log.exception("speaking failed")
            failure = EngineError("speaking failed")
            failure.__cause__ = error
            self.channel.fail(failure)


class JobQueue:
    """Bounded, two priorities, `workers` threads."""

    def __init__(
        self, *, workers: int, size: int, bulk_share: float, live_reserve: int = 0
    ) -> None:
        """Start the workers.

        Args:
            workers: how many jobs run at once.
            size: how many jobs may wait, both priorities together.
            bulk_share: share of `size` that bulk jobs may fill; at least one place is theirs and
                at least one is not.
            live_reserve: how many workers never run a bulk job; less than `workers`.

        Raises:
            ValueError: bulk jobs would have no worker.
        """
        if not 0 <= live_reserve < workers:
            message = f"{live_reserve} of {workers} workers cannot be kept from bulk work"
            raise ValueError(message)
        self._size = size
        self._bulk_workers = workers - live_reserve
        self._bulk_size = min(max(int(size * bulk_share), 1), size - 1)
        self._changed = Condition()
        self._waiting: dict[Priority, deque[Job]] = {priority: deque() for priority in Priority}
        self._running: set[Job] = set()
        self._closed = False
        self._service_s = _FIRST_GUESS_SERVICE_S
        self._workers = [
            Thread(target=self._serve, name=f"speaker-{number}", daemon=True)
            for number in range(workers)
        ]
        for worker in self._workers:
            worker.start()

    def submit(self, job: Job) -> None:
        """Queue `job`.

        Raises:
            BusyError: there is no room for its priority.
        """
        with self._changed:
            if self._closed or not self._has_room(job.priority):
                raise BusyError("The queue is full.", self._retry_after_s(job.priority))
            self._waiting[job.priority].append(job)
            self._changed.notify()

    def cancel(self, job: Job, reason: Exception) -> None:
        """Drop `job` if it waits, stop it if it runs; its reader gets `reason`."""
        job.cancelled.set()
        with self._changed:
            if job in self._waiting[job.priority]:
                self._waiting[job.priority].remove(job)
        job.channel.fail(reason)

    def depth(self, priority: Priority) -> int:
        """How many jobs of `priority` wait."""
        return len(self._waiting[priority])

    @property
    def running(self) -> int:
        """How many jobs are being spoken."""
        return len(self._running)

    @property
    def full(self) -> bool:
        """Whether a live request would be turned away."""
        with self._changed:
            return not self._has_room(Priority.LIVE)

    @property
    def retry_after_s(self) -> int:
        """When a live call is likely to find a place, from recent service times; whole s, >= 1."""
        with self._changed:
            return self._retry_after_s(Priority.LIVE)

    def close(self, reason: Exception, timeout_s: float) -> bool:
        """Cancel what is left and stop the workers.

        Args:
            reason: what the readers of cancelled jobs get.
            timeout_s: how long to wait for the workers, all together.

        Returns:
            Whether every worker has stopped.
        """
        with self._changed:
            self._closed = True
            left = [*self._running, *(job for jobs in self._waiting.values() for job in jobs)]
            self._changed.notify_all()
        for job in left:
            self.cancel(job, reason)
        until = time.monotonic() + timeout_s
        for worker in self._workers:
            worker.join(max(0.0, until - time.monotonic()))
        return not any(worker.is_alive() for worker in self._workers)

    def _has_room(self, priority: Priority) -> bool:
        live, bulk = (len(self._waiting[each]) for each in (Priority.LIVE, Priority.BULK))
        live += priority is Priority.LIVE
        bulk += priority is Priority.BULK
        # A worker that is free but not yet awake will take one waiting job at once.
        free_workers = len(self._workers) - len(self._running)
        live_starting = min(live, free_workers)
        bulk_starting = min(bulk, free_workers - live_starting, self._bulk_workers_free())
        bulk_staying = bulk - bulk_starting
        if live - live_starting + bulk_staying > self._size:
            return False
        return priority is Priority.LIVE or bulk_staying <= self._bulk_size

    def _bulk_workers_free(self) -> int:
        running = sum(job.priority is Priority.BULK for job in self._running)
        return self._bulk_workers - running

    def _retry_after_s(self, priority: Priority) -> int:
        waiting = sum(len(jobs) for jobs in self._waiting.values())
        workers = len(self._workers) if priority is Priority.LIVE else self._bulk_workers
        one_place_s = self._service_s / workers
        # Half the queue: whoever comes back then finds room even if others come back as well.
        return min(max(math.ceil(one_place_s * waiting / 2), 1), _RETRY_AFTER_MAX_S)

    def _serve(self) -> None:
        while (job := self._take()) is not None:
            started_at = time.monotonic()
            job.run()
            service_s = time.monotonic() - started_at
            with self._changed:
                self._running.discard(job)
                self._service_s += _SERVICE_SMOOTHING * (service_s - self._service_s)

    def _take(self) -> Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next() is not None)
            priority = self._next()
            if priority is None:  # closed; whoever closes cancels the jobs that still wait
                return None
            job = self._waiting[priority].popleft()
            self._running.add(job)
            return job

    def _next(self) -> Priority | None:
        """Which priority's first job a free worker takes now."""
        if self._waiting[Priority.LIVE]:
            return Priority.LIVE
        if self._waiting[Priority.BULK] and self._bulk_workers_free() > 0:
            return Priority.BULK
        return None
