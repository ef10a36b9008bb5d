"""The HorizontalPodAutoscaler, as Kubernetes documents it and its controller computes it.

https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ ("Algorithm details",
"Configurable scaling behavior"); what the page leaves open is as in the controller's
`replica_calculator.go` and `horizontal.go`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

SYNC_S: Final = 15.0
TOLERANCE: Final = 0.1


@dataclass(frozen=True, slots=True)
class ScalingPolicy:
    """At most so many pods, or so many percent of those there were, in a period."""

    kind: Literal["Pods", "Percent"]
    value: int
    period_s: float


@dataclass(frozen=True, slots=True)
class ScalingRules:
    """How fast one direction may go, and how long it has to be wanted."""

    stabilization_s: float
    policies: tuple[ScalingPolicy, ...]
    select: Literal["Max", "Min", "Disabled"] = "Max"

    @classmethod
    def of(cls, rules: Mapping[str, Any], default: ScalingRules) -> Self:
        """From `behavior.scaleUp` or `.scaleDown` of a manifest; what is missing is the default."""
        policies = tuple(
            ScalingPolicy(policy["type"], policy["value"], policy["periodSeconds"])
            for policy in rules.get("policies", ())
        )
        return cls(
            rules.get("stabilizationWindowSeconds", default.stabilization_s),
            policies or default.policies,
            rules.get("selectPolicy", default.select),
        )


UP_BY_DEFAULT: Final = ScalingRules(
    0, (ScalingPolicy("Percent", 100, 15), ScalingPolicy("Pods", 4, 15))
)
DOWN_BY_DEFAULT: Final = ScalingRules(300, (ScalingPolicy("Percent", 100, 15),))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many pods there may be, and how fast that may change."""

    least: int
    most: int
    up: ScalingRules = UP_BY_DEFAULT
    down: ScalingRules = DOWN_BY_DEFAULT


def pods_for_average(values: Sequence[float], unready: int, current: int, target: float) -> int:
    """Pods that a `Pods` metric wants.

    Args:
        values: the metric of each pod that has one.
        unready: pods that have none yet. They count as idle where more are wanted, which keeps one
            burst from being answered twice, and not at all where fewer are.
        current: pods in the Deployment's scale.
        target: `averageValue`.
    """
    if not values:
        return current
    ratio = sum(values) / len(values) / target
    counted = len(values)
    if ratio > 1 and unready:
        counted += unready
        ratio = sum(values) / counted / target
        if ratio < 1:
            return current
    if abs(ratio - 1) <= TOLERANCE:
        return current
    wanted = math.ceil(ratio * counted)
    turned = (ratio < 1 and wanted > current) or (ratio > 1 and wanted < current)
    return current if turned else wanted


def pods_for_total(total: float, current: int, target: float) -> int:
    """Pods that an `External` metric with an `averageValue` wants, which is what KEDA makes."""
    if current > 0 and abs(total / (target * current) - 1) <= TOLERANCE:
        return current
    return math.ceil(total / target)


class Stabilizer:
    """Keeps the number of pods from following every turn, and within its bounds."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._wanted: deque[tuple[float, int]] = deque()
        self._changes: deque[tuple[float, int]] = deque()

    def next(self, now_s: float, current: int, wanted: int) -> int:
        """The number of pods from now on; `wanted` is what the metrics say."""
        bounds = self._bounds
        self._wanted.append((now_s, wanted))
        longest_s = max(bounds.up.stabilization_s, bounds.down.stabilization_s)
        _forget(self._wanted, now_s - longest_s)
        stable = self._stable(now_s, current)
        allowed = min(max(stable, self._lowest(now_s, current)), self._highest(now_s, current))
        chosen = min(max(allowed, bounds.least), bounds.most)
        if chosen != current:
            self._changes.append((now_s, chosen - current))
        return chosen

    def _stable(self, now_s: float, current: int) -> int:
        """Up to the least that was wanted within the window, down to the most."""
        up_s, down_s = self._bounds.up.stabilization_s, self._bounds.down.stabilization_s
        up = min(wanted for at_s, wanted in self._wanted if at_s >= now_s - up_s)
        down = max(wanted for at_s, wanted in self._wanted if at_s >= now_s - down_s)
        return min(max(current, up), down)

    def _highest(self, now_s: float, current: int) -> int:
        rules = self._bounds.up

        def reach(policy: ScalingPolicy) -> int:
            begun = self._begun(now_s, policy.period_s, current)
            if policy.kind == "Pods":
                return begun + policy.value
            return math.ceil(begun * (1 + policy.value / 100))

        return max(current, _selected(rules, map(reach, rules.policies), current, max, min))

    def _lowest(self, now_s: float, current: int) -> int:
        rules = self._bounds.down

        def reach(policy: ScalingPolicy) -> int:
            begun = self._begun(now_s, policy.period_s, current)
            if policy.kind == "Pods":
                return begun - policy.value
            return math.floor(begun * (1 - policy.value / 100))

        return min(current, _selected(rules, map(reach, rules.policies), current, min, max))

    def _begun(self, now_s: float, period_s: float, current: int) -> int:
        """Pods when a period began: both directions read it so from what was added and deleted."""
        return current - sum(by for at_s, by in self._changes if at_s > now_s - period_s)


def _selected(
    rules: ScalingRules,
    reached: Iterable[int],
    current: int,
    furthest: Callable[[Iterable[int]], int],
    nearest: Callable[[Iterable[int]], int],
) -> int:
    if rules.select == "Disabled":
        return current
    return furthest(reached) if rules.select == "Max" else nearest(reached)


def _forget(past: deque[tuple[float, int]], before_s: float) -> None:
    while past and past[0][0] < before_s:
        past.popleft()
