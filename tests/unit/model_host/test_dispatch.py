"""The bounded queue: order, room, cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from model_host.channel import Channel
from model_host.dispatch import Job, JobQueue, Priority
from model_host.engines.base import EngineError
from model_host.errors import BusyError, ClientGoneError, DeadlineExceededError, NotReadyError

LIVE, BULK = Priority.LIVE, Priority.BULK


class Bench:
    """A queue of one worker, and jobs that wait for `gate` and note their order."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        size: int = 4,
        share: float = 0.5,
        *,
        workers: int = 1,
        live_reserve: int = 0,
    ) -> None:
        self.loop = loop
        self.queue = JobQueue(
            workers=workers, size=size, bulk_share=share, live_reserve=live_reserve
        )
        self.gate = Event()
        self.began = Event()
        self.order: list[str] = []

    def job(self, name: str, priority: Priority = LIVE) -> Job:
        def work(cancelled: Event) -> Generator[bytes, None, None]:
            self.began.set()
            while not self.gate.wait(0.005):
                if cancelled.is_set():
                    self.order.append(f"{name} cancelled")
                    return
            self.order.append(name)
            yield name.encode()

        return Job(work, priority, Channel(self.loop, 1024))

    def submit(self, name: str, priority: Priority = LIVE) -> Job:
        job = self.job(name, priority)
        self.queue.submit(job)
        return job

    def occupy(self) -> Job:
        """Have the worker busy with a job of its own."""
        job = self.submit("first")
        assert self.began.wait(2)
        return job


@contextmanager
def bench_of(
    loop: asyncio.AbstractEventLoop, size: int = 4, share: float = 0.5, **workers: int
) -> Iterator[Bench]:
    bench = Bench(loop, size, share, **workers)
    try:
        yield bench
    finally:
        assert bench.queue.close(NotReadyError("closing", 1), 2.0)


def in_loop(scenario: Callable[[asyncio.AbstractEventLoop], object]) -> None:
    async def run() -> None:
        outcome = scenario(asyncio.get_running_loop())
        if asyncio.iscoroutine(outcome):
            await outcome

    asyncio.run(run())


async def read_all(job: Job) -> bytes:
    data = b""
    while (piece := await job.channel.get()) is not None:
        data += piece
    return data


def test_given_bulk_and_live_waiting_when_the_worker_is_free_then_live_goes_first_in_order() -> (
    None
):
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        with bench_of(loop) as bench:
            bench.occupy()
            jobs = [
                bench.submit("bulk 1", BULK),
                bench.submit("live 1"),
                bench.submit("bulk 2", BULK),
                bench.submit("live 2"),
            ]

            bench.gate.set()
            for job in jobs:
                await read_all(job)

            assert bench.order == ["first", "live 1", "live 2", "bulk 1", "bulk 2"]

    in_loop(scenario)


def test_given_a_full_queue_when_another_comes_then_it_is_busy_with_a_time_to_retry() -> None:
    def scenario(loop: asyncio.AbstractEventLoop) -> None:
        with bench_of(loop, size=2) as bench:
            bench.occupy()
            bench.submit("a")
            assert not bench.queue.full
            bench.submit("b")
            assert bench.queue.full

            with pytest.raises(BusyError) as busy:
                bench.submit("c")

            assert 1 <= busy.value.retry_after_s <= 60
            assert (bench.queue.depth(LIVE), bench.queue.running) == (2, 1)

    in_loop(scenario)


def test_given_bulk_has_filled_its_share_when_both_come_then_only_live_finds_room() -> None:
    def scenario(loop: asyncio.AbstractEventLoop) -> None:
        with bench_of(loop, size=4, share=0.5) as bench:
            bench.occupy()
            bench.submit("bulk 1", BULK)
            bench.submit("bulk 2", BULK)

            with pytest.raises(BusyError):
                bench.submit("bulk 3", BULK)
            bench.submit("live 1")
            bench.submit("live 2")

            assert (bench.queue.depth(BULK), bench.queue.depth(LIVE)) == (2, 2)

    in_loop(scenario)


def test_given_a_waiting_job_when_cancelled_then_its_place_is_free_and_it_never_runs() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        with bench_of(loop, size=2) as bench:
            first = bench.occupy()
            waiting = bench.submit("waiting")
            bench.submit("other")

            bench.queue.cancel(waiting, ClientGoneError())
            replacement = bench.submit("replacement")
            bench.gate.set()

            with pytest.raises(ClientGoneError):
                await waiting.channel.get()
            assert await read_all(first) == b"first"
            assert await read_all(replacement) == b"replacement"
            assert bench.order == ["first", "other", "replacement"]

    in_loop(scenario)


def test_given_a_running_job_when_cancelled_then_the_engine_is_told_and_the_next_runs() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        with bench_of(loop) as bench:
            running = bench.occupy()
            following = bench.submit("next")

            bench.queue.cancel(running, DeadlineExceededError())
            with pytest.raises(DeadlineExceededError):
                await running.channel.get()
            while not bench.order:
                await asyncio.sleep(0.005)
            bench.gate.set()

            assert await read_all(following) == b"next"
            assert bench.order == ["first cancelled", "next"]

    in_loop(scenario)


def test_given_work_that_fails_when_read_then_the_reader_gets_an_engine_error() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        def broken(_cancelled: Event) -> Generator[bytes, None, None]:
            yield b"some"
            raise RuntimeError("Maria da Silva")

        with bench_of(loop) as bench:
            job = Job(broken, LIVE, Channel(loop, 1024))
            bench.queue.submit(job)

            with pytest.raises(EngineError, match=r"^speaking failed$"):
                await read_all(job)

            bench.gate.set()
            assert await read_all(bench.submit("still alive")) == b"still alive"

    in_loop(scenario)


def test_given_a_reader_that_takes_nothing_when_work_goes_on_then_memory_stays_bounded() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        made: list[int] = []
        closed = Event()

        def endless(_cancelled: Event) -> Generator[bytes, None, None]:
            try:
                for number in range(10_000):
                    made.append(number)
                    yield bytes(100)
            finally:
                closed.set()

        with bench_of(loop) as bench:
            job = Job(endless, LIVE, Channel(loop, 1000))
            bench.queue.submit(job)
            await asyncio.sleep(0.1)
            assert len(made) == 11  # ten fill the channel, one waits to be put

            await job.channel.get()
            await asyncio.sleep(0.1)
            assert len(made) == 12

            bench.queue.cancel(job, ClientGoneError())
            assert await asyncio.to_thread(closed.wait, 2)

    in_loop(scenario)


def test_given_jobs_left_when_closed_then_each_reader_is_told_and_nothing_is_taken() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        bench = Bench(loop)
        jobs = [bench.occupy(), bench.submit("waiting")]

        assert bench.queue.close(NotReadyError("stopping", 5), 2.0)

        for job in jobs:
            with pytest.raises(NotReadyError):
                await job.channel.get()
        with pytest.raises(BusyError):
            bench.submit("late")

    in_loop(scenario)


def test_given_slow_jobs_before_when_full_then_the_time_to_retry_grows() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        with bench_of(loop, size=40) as bench:
            bench.occupy()
            few = bench.queue.retry_after_s
            for number in range(20):
                bench.submit(str(number))

            assert bench.queue.retry_after_s > few

    in_loop(scenario)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not condition():
            await asyncio.sleep(0.002)


def test_given_a_live_reserve_when_bulk_comes_then_it_waits_though_workers_are_free() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        with bench_of(loop, workers=3, live_reserve=1) as bench:
            # Given: as much bulk work as may run, and one more
            bulk = [bench.submit(f"bulk {number}", BULK) for number in range(3)]
            await until(lambda: bench.queue.running == 2)
            await asyncio.sleep(0.05)
            assert (bench.queue.running, bench.queue.depth(BULK)) == (2, 1)

            # When: a live call comes
            live = bench.submit("live")

            # Then: it starts at once, and the bulk job only in the place of another
            await until(lambda: bench.queue.running == 3)
            assert (bench.queue.depth(LIVE), bench.queue.depth(BULK)) == (0, 1)
            bench.queue.cancel(bulk[0], ClientGoneError())
            await until(lambda: bench.queue.depth(BULK) == 0)
            bench.gate.set()
            for job in (live, *bulk[1:]):
                await read_all(job)

    in_loop(scenario)


def test_given_a_live_reserve_when_bulk_has_filled_its_share_then_only_live_finds_room() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        with bench_of(loop, size=2, workers=3, live_reserve=1) as bench:
            # Given: two bulk jobs run and one waits, which is all the room that bulk has
            for number in range(3):
                bench.submit(f"bulk {number}", BULK)
            await until(lambda: bench.queue.running == 2)

            # When, then: a free worker is no room for bulk, but is for live
            with pytest.raises(BusyError):
                bench.submit("bulk 3", BULK)
            assert not bench.queue.full
            bench.submit("live starts")
            assert not bench.queue.full
            bench.submit("live waits")
            assert bench.queue.full
            with pytest.raises(BusyError):
                bench.submit("live is too much")

    in_loop(scenario)


def test_given_fewer_workers_for_bulk_when_full_then_bulk_is_told_to_stay_away_longer() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        with bench_of(loop, size=40, share=0.9, workers=4, live_reserve=3) as bench:
            for number in range(37):
                bench.submit(f"bulk {number}", BULK)
            await until(lambda: bench.queue.running == 1)

            with pytest.raises(BusyError) as busy:
                bench.submit("one more", BULK)

            assert busy.value.retry_after_s == 18
            assert bench.queue.retry_after_s == 5

    in_loop(scenario)


@pytest.mark.parametrize("live_reserve", [-1, 2])
def test_given_a_reserve_that_leaves_bulk_nothing_when_made_then_it_is_refused(
    live_reserve: int,
) -> None:
    with pytest.raises(ValueError, match="bulk"):
        JobQueue(workers=2, size=4, bulk_share=0.5, live_reserve=live_reserve)


def test_given_bulk_held_back_when_closed_then_its_reader_is_told() -> None:
    async def scenario(loop: asyncio.AbstractEventLoop) -> None:
        bench = Bench(loop, workers=2, live_reserve=1)
        jobs = [bench.submit("runs", BULK), bench.submit("waits", BULK)]
        await until(lambda: bench.queue.running == 1)

        assert bench.queue.close(NotReadyError("stopping", 5), 2.0)

        for job in jobs:
            with pytest.raises(NotReadyError):
                await job.channel.get()

    in_loop(scenario)
