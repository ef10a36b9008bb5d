"""A day of the model host's pods, event by event.

A request goes to the pod that speaks least, as the load balancer has it; where none has room, it
waits. Work done ahead is offered by the render function, of which so many run at once. A call whose
clip is still in the queue is spoken at once, for whoever waits; one that is being spoken is waited
for. So does the lease in `functions/speech`.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Final, Protocol

from infra.scale.autoscaler import SYNC_S
from infra.scale.day import DAY_S, Clip, Day
from infra.scale.known import Host
from infra.scale.pod import Pod

_LOOK_S: Final = SYNC_S


@dataclass(frozen=True, slots=True)
class Observed:
    """What an autoscaler sees.

    Attributes:
        now_s: seconds since midnight.
        wanted: pods in the Deployment's scale.
        jobs: of each pod that serves, the calls that it speaks, and its part of those that wait.
        busy: of each pod that serves, the share of the last 15 s in which it spoke.
        starting: pods that `jobs` and `busy` do not have yet, whether or not they serve by now.
        queued: calls in the bulk queue, those under way included.
    """

    now_s: float
    wanted: int
    jobs: tuple[float, ...]
    busy: tuple[float, ...]
    starting: int
    queued: int


class Strategy(Protocol):
    """Says how many pods there shall be."""

    @property
    def first(self) -> int:
        """Pods at midnight, all of them serving."""
        ...

    def pods(self, seen: Observed) -> int:
        """Pods from now on; asked every 15 s."""
        ...


@dataclass(frozen=True, slots=True)
class Setup:
    """What the simulated system is.

    Attributes:
        start_s: from "a pod is wanted" to "it serves".
        metric_age_s: how old what an autoscaler sees of the pods is.
        render_concurrency: calls that are made ahead at once.
    """

    host: Host
    start_s: float
    metric_age_s: float
    render_concurrency: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at the system."""

    at_s: float
    wanted: int
    serving: int
    queued: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a day.

    Attributes:
        waits: of each call that was not heard before, when it was called and how many seconds
            later its clip was there; 0 for one that was there already.
        made: clips that were spoken.
        unmade: clips that the day's end found unspoken.
        pod_s: seconds that pods were paid for, all together.
        most: pods at the busiest, those that start or drain included.
    """

    waits: tuple[tuple[float, float], ...]
    made: int
    unmade: int
    pod_s: float
    most: int
    samples: tuple[Sample, ...]


def run(day: Day, setup: Setup, strategy: Strategy) -> Outcome:
    """Live through a day, without changing it; the same arguments give the same outcome."""
    return _Run(day, setup, strategy).outcome()


class _Run:
    def __init__(self, day: Day, setup: Setup, strategy: Strategy) -> None:
        self._setup = setup
        self._strategy = strategy
        self._day = day
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = count()
        self._serving = [Pod(setup.host, 0.0) for _ in range(strategy.first)]
        self._starting: list[Pod] = []
        self._draining: list[Pod] = []
        self._live_waiting: deque[Clip] = deque()
        self._ordered: deque[Clip] = deque()
        self._under_way = 0
        self._begun: set[int] = set()
        self._done_s: dict[int, float] = {}
        self._wanted = strategy.first
        self._seen: deque[tuple[float, tuple[float, ...], tuple[float, ...]]] = deque()
        self._samples: list[Sample] = []
        self._pod_s = 0.0
        self._most = strategy.first

    def outcome(self) -> Outcome:
        for clip in self._day.clips:
            if clip.ordered_s is not None:
                self._at(clip.ordered_s, partial(self._order, clip))
            if clip.called_s is not None:
                self._at(clip.called_s, partial(self._call, clip))
        self._at(0.0, self._look)
        while self._events and self._events[0][0] <= DAY_S:
            now_s, _, happen = heapq.heappop(self._events)
            happen(now_s)
        pods = [*self._serving, *self._starting, *self._draining]
        waits = (
            (clip.called_s, max(0.0, self._done_s.get(id(clip), DAY_S) - clip.called_s))
            for clip in self._day.clips
            if clip.called_s is not None
        )
        return Outcome(
            tuple(sorted(waits)),
            made=len(self._done_s),
            unmade=len(self._day.clips) - len(self._done_s),
            pod_s=self._pod_s + sum(DAY_S - pod.born_s for pod in pods),
            most=self._most,
            samples=tuple(self._samples),
        )

    def _at(self, when_s: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (when_s, next(self._numbers), happen))

    # Calls

    def _order(self, clip: Clip, now_s: float) -> None:
        self._ordered.append(clip)
        self._offer(now_s)

    def _call(self, clip: Clip, now_s: float) -> None:
        if id(clip) not in self._begun:
            self._begun.add(id(clip))
            self._live_waiting.append(clip)
            self._offer(now_s)

    def _offer(self, now_s: float) -> None:
        """Hand out what waits, live calls first, to pods that have room."""
        while self._live_waiting and (pod := self._next_pod(live=True)):
            self._give(pod, self._live_waiting.popleft(), now_s, live=True)
        while self._ordered and self._under_way < self._setup.render_concurrency:
            if id(self._ordered[0]) in self._begun:  # it was called meanwhile
                self._ordered.popleft()
            elif pod := self._next_pod(live=False):
                clip = self._ordered.popleft()
                self._begun.add(id(clip))
                self._under_way += 1
                self._give(pod, clip, now_s, live=False)
            else:
                return

    def _next_pod(self, *, live: bool) -> Pod | None:
        open_to_it = (pod for pod in self._serving if pod.has_room(live=live))
        return min(open_to_it, key=lambda pod: pod.jobs, default=None)

    def _give(self, pod: Pod, clip: Clip, now_s: float, *, live: bool) -> None:
        pod.take(now_s, next(self._numbers), clip, live=live)
        self._expect(pod)

    def _expect(self, pod: Pod) -> None:
        """Look at a pod again when its next call is done; earlier appointments are void."""
        pod.version += 1
        if (next_s := pod.next_s()) is not None:
            self._at(next_s, partial(self._progress, pod, pod.version))

    def _progress(self, pod: Pod, version: int, now_s: float) -> None:
        if version != pod.version:
            return
        live, bulk = pod.finish(now_s)
        self._under_way -= len(bulk)
        for clip in (*live, *bulk):
            self._done_s[id(clip)] = now_s
        self._expect(pod)
        if pod in self._draining and not pod.jobs:
            self._draining.remove(pod)
            self._pod_s += now_s - pod.born_s
        self._offer(now_s)

    # Pods

    def _look(self, now_s: float) -> None:
        waiting = len(self._live_waiting) / max(1, len(self._serving))
        jobs = tuple(pod.jobs + waiting for pod in self._serving)
        self._seen.append((now_s, jobs, tuple(self._busy(pod, now_s) for pod in self._serving)))
        while len(self._seen) > 1 and self._seen[1][0] <= now_s - self._setup.metric_age_s:
            self._seen.popleft()
        _, jobs, busy = self._seen[0]
        queued = len(self._ordered) + self._under_way
        unseen = max(0, len(self._serving) + len(self._starting) - len(jobs))
        seen = Observed(now_s, self._wanted, jobs, busy, unseen, queued)
        self._scale(self._strategy.pods(seen), now_s)
        self._samples.append(Sample(now_s, self._wanted, len(self._serving), queued))
        self._at(now_s + _LOOK_S, self._look)

    def _busy(self, pod: Pod, now_s: float) -> float:
        """Share of the time since the last look in which a pod spoke."""
        pod.advance(now_s)
        share = (pod.busy_s - pod.busy_before_s) / _LOOK_S
        pod.busy_before_s = pod.busy_s
        return share

    def _scale(self, wanted: int, now_s: float) -> None:
        self._wanted = wanted
        for _ in range(wanted - len(self._serving) - len(self._starting)):
            pod = Pod(self._setup.host, now_s)
            self._starting.append(pod)
            self._at(now_s + self._setup.start_s, partial(self._serve, pod))
        # Kubernetes takes pods that are not ready first, then the youngest.
        for _ in range(len(self._serving) + len(self._starting) - wanted):
            if self._starting:
                self._pod_s += now_s - self._starting.pop().born_s
            else:
                self._drain(self._serving.pop(), now_s)
        pods = len(self._serving) + len(self._starting) + len(self._draining)
        self._most = max(self._most, pods)

    def _serve(self, pod: Pod, now_s: float) -> None:
        if pod in self._starting:
            self._starting.remove(pod)
            self._serving.append(pod)
            self._offer(now_s)

    def _drain(self, pod: Pod, now_s: float) -> None:
        if pod.jobs:
            self._draining.append(pod)
        else:
            self._pod_s += now_s - pod.born_s
