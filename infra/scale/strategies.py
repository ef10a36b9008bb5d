"""Ways to say how many pods there shall be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from infra.scale.autoscaler import Stabilizer, pods_for_average, pods_for_total
from infra.scale.manifests import Scaling
from infra.scale.simulation import Observed, Strategy

_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always as many."""

    first: int

    def pods(self, seen: Observed) -> int:  # noqa: ARG002 - nothing that is seen changes it
        """As many as ever."""
        return self.first


@dataclass(frozen=True, slots=True)
class HourByHour:
    """As many as planned for each hour of the day."""

    planned: tuple[int, ...]

    @property
    def first(self) -> int:
        """As planned for midnight."""
        return self.planned[0]

    def pods(self, seen: Observed) -> int:
        """As planned for this hour."""
        return self.planned[int(seen.now_s // _HOUR_S) % len(self.planned)]


class Autoscaled:
    """The HPA, or KEDA's, which is one too: of all its metrics, the one that wants most decides.

    KEDA's metrics are totals, the HPA's are of each pod; both are divided among the pods.
    """

    def __init__(self, scaling: Scaling, busy_cpu_percent: float) -> None:
        self.first = scaling.bounds.least
        self._scaling = scaling
        self._busy_cpu_percent = busy_cpu_percent
        self._stabilizer = Stabilizer(scaling.bounds)

    def pods(self, seen: Observed) -> int:
        """As many as the metric that wants most."""
        scaling = self._scaling
        if scaling.queued is None:
            wanted = [pods_for_average(seen.jobs, seen.starting, seen.wanted, scaling.jobs)]
        else:
            wanted = [
                pods_for_total(sum(seen.jobs), seen.wanted, scaling.jobs),
                pods_for_total(seen.queued, seen.wanted, scaling.queued),
            ]
        if scaling.cpu is not None:
            cpu = [share * self._busy_cpu_percent for share in seen.busy]
            wanted.append(pods_for_average(cpu, seen.starting, seen.wanted, scaling.cpu))
        return self._stabilizer.next(seen.now_s, seen.wanted, max(wanted))


@dataclass(frozen=True, slots=True)
class AtLeastBetween:
    """Another strategy, with a floor between two hours of the day: KEDA's cron trigger."""

    strategy: Strategy
    floor: int
    from_h: float
    to_h: float

    @property
    def first(self) -> int:
        """As the other strategy."""
        return self.strategy.first

    def pods(self, seen: Observed) -> int:
        """What the other one wants, or the floor."""
        wanted = self.strategy.pods(seen)
        inside = self.from_h * _HOUR_S <= seen.now_s < self.to_h * _HOUR_S
        return max(wanted, self.floor) if inside else wanted
