"""The same day under several ways to scale."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from infra.scale import bill, day, manifests
from infra.scale.inputs import HERE, Assumptions, Prices
from infra.scale.known import Known
from infra.scale.simulation import Outcome, Setup, Strategy, run
from infra.scale.strategies import AtLeastBetween, Autoscaled, Fixed, HourByHour

PANELS: Final = 1_000
RESULT: Final = HERE / "day.json"
_HOUR_S: Final = 3600.0
_FLOOR_FROM_H: Final = 6.25
_FLOOR_TO_H: Final = 11.0
_EARLY_H: Final = 5.0


@dataclass(frozen=True, slots=True)
class Way:
    """One way to scale.

    Attributes:
        render_concurrency: clips that are made ahead at once.
        list_at_h: when the lists are uploaded; None for as assumed.
    """

    name: str
    strategy: Strategy
    render_concurrency: int
    list_at_h: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a day came to.

    Attributes:
        ready_share: calls whose clip was there when they were made.
        p50_s, p95_s, p99_s: wait of the others.
        late_share: calls whose clip came after a screen's patience.
        list_done_h: hour of the day at which the morning's backlog was gone; None if it never was.
        pods_most: pods at the busiest.
        pod_hours: that were paid for.
        usd: of these.
    """

    name: str
    render_concurrency: int
    ready_share: float
    p50_s: float
    p95_s: float
    p99_s: float
    late_share: float
    list_done_h: float | None
    pods_most: int
    pod_hours: float
    usd: float


def ways(assumed: Assumptions, known: Known) -> list[Way]:
    """What is compared, with the template's concurrency and with enough for the most pods."""
    as_set = known.stack.render_concurrency
    scaling, cpu = manifests.hpa(), manifests.busy_cpu_percent()
    enough = assumed.fleet.bulk_at_once * scaling.bounds.most
    planned = bill.pods_by_hour(PANELS, assumed, known, scaling.bounds.least)
    floor = max(planned)

    def hpa() -> Strategy:
        return Autoscaled(scaling, cpu)

    def keda() -> Strategy:
        return Autoscaled(manifests.keda(), cpu)

    scheduled = f"HPA, at least {floor} from {_clock(_FLOOR_FROM_H)} to {_clock(_FLOOR_TO_H)}"
    return [
        Way("2 pods", Fixed(2), as_set),
        Way("HPA", hpa(), as_set),
        Way("HPA", hpa(), enough),
        Way("KEDA", keda(), enough),
        Way(scheduled, AtLeastBetween(hpa(), floor, _FLOOR_FROM_H, _FLOOR_TO_H), enough),
        Way("planned hour by hour", HourByHour(planned), enough),
        Way(f"HPA, lists at {_clock(_EARLY_H)}", hpa(), enough, _EARLY_H),
    ]


def draw(way: Way, assumed: Assumptions, known: Known) -> day.Day:
    """The day of one way: the same calls, whenever the lists come."""
    if way.list_at_h is not None:
        speech = assumed.speech.model_copy(update={"list_uploaded_at_h": way.list_at_h})
        assumed = assumed.model_copy(update={"speech": speech})
    return day.draw(PANELS, assumed, known.host.audio_s)


def live(way: Way, drawn: day.Day, assumed: Assumptions, known: Known) -> Outcome:
    """A day under one way to scale."""
    setup = Setup(
        known.host,
        start_s=assumed.pod.start_s(known.host.image_bytes, known.host.load_s),
        metric_age_s=assumed.pod.metric_age_s,
        render_concurrency=way.render_concurrency,
    )
    return run(drawn, setup, way.strategy)


def summarise(way: Way, outcome: Outcome, drawn: day.Day, known: Known, prices: Prices) -> Summary:
    """A day's figures, rounded as they are told."""
    waits = sorted(wait_s for _, wait_s in outcome.waits if wait_s > 0)
    calls = len(outcome.waits) + drawn.heard_before
    late = sum(wait_s > known.pages.patience_s for wait_s in waits)
    hours = outcome.pod_s / _HOUR_S
    return Summary(
        name=way.name,
        render_concurrency=way.render_concurrency,
        ready_share=round(1 - len(waits) / calls, 3),
        p50_s=round(_percentile(waits, 0.5), 1),
        p95_s=round(_percentile(waits, 0.95), 1),
        p99_s=round(_percentile(waits, 0.99), 1),
        late_share=round(late / calls, 4),
        list_done_h=_list_done_h(outcome),
        pods_most=outcome.most,
        pod_hours=round(hours, 1),
        usd=round(prices.cost("host_node_hour", hours), 2),
    )


def write(summaries: Iterable[Summary], path: Path = RESULT) -> None:
    """Keep the figures, so that the page can be checked without living the days again."""
    text = json.dumps([asdict(one) for one in summaries], indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def read(path: Path = RESULT) -> list[Summary]:
    """The figures that are kept."""
    return [Summary(**one) for one in json.loads(path.read_text(encoding="utf-8"))]


def _list_done_h(outcome: Outcome) -> float | None:
    """When fewer clips were queued than a batch or two, for the first time after the list came."""
    most = max(sample.queued for sample in outcome.samples)
    peak_s = next(sample.at_s for sample in outcome.samples if sample.queued == most)
    nearly_none = most / 100
    for sample in outcome.samples:
        if sample.at_s > peak_s and sample.queued <= nearly_none:
            return round(sample.at_s / _HOUR_S, 1)
    return None


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Nearest rank; 0 without values."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def _clock(hour: float) -> str:
    return f"{int(hour)}:{round(hour % 1 * 60):02d}"
