"""What a month costs, by what is paid for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from infra.scale import demand
from infra.scale.demand import Load
from infra.scale.inputs import Assumptions, Prices
from infra.scale.known import Known

_HOUR_S: Final = 3600.0
_GB: Final = 1e9
_DAYS_A_MONTH: Final = 30.4
# Lambda keeps five pollers at each queue, which ask every 20 s when it is empty.
_IDLE_POLLS_PER_S: Final = 5 / 20
_EVENT_QUEUES: Final = 4


@dataclass(frozen=True, slots=True)
class Fleet:
    """Pods of the model host: at the busiest, and on average of all hours of a month."""

    most: int
    mean: float


@dataclass(frozen=True, slots=True)
class Bill:
    """One month of so many panels.

    Attributes:
        load: of all panels together, over the month.
        usd: by group, all that is paid for.
    """

    panels: int
    load: Load
    calls: float
    fleet: Fleet
    usd: dict[str, float]

    @property
    def total_usd(self) -> float:
        """All groups together."""
        return sum(self.usd.values())

    @property
    def usd_per_panel(self) -> float:
        """A panel's share."""
        return self.total_usd / self.panels

    @property
    def usd_per_call(self) -> float:
        """A first call's share."""
        return self.total_usd / self.calls


def pods_filled(second: Load, assumed: Assumptions, known: Known) -> float:
    """Pods that what is asked for in a second fills to the planned part of their throughput.

    While somebody waits for a call, a pod speaks that call alone.
    """
    host, planned = known.host, assumed.fleet
    live = second.missed * host.audio_s / host.speech_per_s(planned.live_at_once)
    ahead = (second.renders - second.missed) * host.audio_s
    return (live + ahead / host.speech_per_s(planned.bulk_at_once)) / planned.planned_load


def pods_by_hour(
    panels: int, assumed: Assumptions, known: Known, least_pods: int
) -> tuple[int, ...]:
    """Pods of each hour of a clinic day, if every clip is made in the hour of its call."""

    def pods(calls_per_hour: float) -> int:
        second = demand.Activity(panels * calls_per_hour / _HOUR_S, 0, 0, 0)
        filled = pods_filled(demand.load(second, assumed, known), assumed, known)
        return max(least_pods, math.ceil(filled))

    return tuple(pods(calls) for calls in assumed.clinic_day.calls_by_hour)


def fleet(panels: int, assumed: Assumptions, known: Known, least_pods: int) -> Fleet:
    """Pods as planned hour by hour, and never fewer than the least, weekends included."""
    by_hour = pods_by_hour(panels, assumed, known, least_pods)
    open_share = assumed.clinic_day.days_per_month / _DAYS_A_MONTH
    mean_open = sum(by_hour) / len(by_hour)
    return Fleet(max(by_hour), mean_open * open_share + least_pods * (1 - open_share))


def month(panels: int, assumed: Assumptions, known: Known, prices: Prices, least_pods: int) -> Bill:
    """The bill of one month."""
    one = demand.month(assumed)
    activity = demand.Activity(
        *(panels * part for part in (one.calls, one.screen_s, one.desk_s, one.screen_days))
    )
    load = demand.load(activity, assumed, known)
    pods = fleet(panels, assumed, known, least_pods)
    usd = {
        **_requests(load, assumed, known, prices),
        **_data(load, assumed, prices),
        **_watching(load, assumed, known, prices),
        **_hosts(pods, assumed, known, prices),
    }
    return Bill(panels, load, activity.calls, pods, usd)


def _requests(load: Load, assumed: Assumptions, known: Known, prices: Prices) -> dict[str, float]:
    """What each request pays on its way to the function, and there."""
    stack = known.stack
    edge_gb = (load.answer_bytes + load.page_bytes) / _GB
    gb_s = (
        load.api_s * stack.api_gb
        + load.render_s * stack.render_gb
        + (load.authorized + load.expiry_calls * 10) * _small_s(assumed, known) * stack.small_gb
    )
    return {
        "API Gateway": prices.cost("api_request", load.api_requests),
        "CloudFront": prices.cost("edge_request", load.api_requests + load.page_requests)
        + prices.cost("edge_gb", edge_gb),
        # A request from a browser passes CloudFront's web ACL, then the API's.
        "WAF": prices.cost("firewall_request", 2 * load.api_requests + load.page_requests)
        + prices.cost("firewall_rule_month", sum(stack.firewall_rules))
        + prices.cost("firewall_month", len(stack.firewall_rules)),
        "Lambda": prices.cost("lambda_request", invocations(load, assumed, known))
        + prices.cost("lambda_gb_s", gb_s),
    }


def _data(load: Load, assumed: Assumptions, prices: Prices) -> dict[str, float]:
    """What keeps and moves."""
    month_s = assumed.fleet.hours_per_month * _HOUR_S
    idle = _IDLE_POLLS_PER_S * _EVENT_QUEUES * month_s
    return {
        "DynamoDB": prices.cost("table_read", load.reads) + prices.cost("table_write", load.writes),
        "S3": prices.cost("object_write", load.object_writes)
        + prices.cost("object_read", load.object_reads)
        + prices.cost("object_gb_month", load.stored_bytes / _GB / _DAYS_A_MONTH)
        + prices.cost("transfer_gb", load.clip_bytes / _GB),
        "SQS": prices.cost("queue_request", load.queue_requests + idle),
    }


def _watching(load: Load, assumed: Assumptions, known: Known, prices: Prices) -> dict[str, float]:
    """What tells how it is."""
    around, fixed = assumed.functions, assumed.fleet
    function_bytes = invocations(load, assumed, known) * around.platform_log_bytes
    access_bytes = load.api_requests * around.access_log_bytes
    return {
        "Logs": prices.cost("function_log_gb", function_bytes / _GB)
        + prices.cost("access_log_gb", access_bytes / _GB),
        "Traces": prices.cost("trace", load.api_requests * around.traced_share),
        "Metrics and alarms": prices.cost("metric_month", fixed.custom_metrics)
        + prices.cost("alarm_month", fixed.alarms)
        + prices.cost("dashboard_month", 1),
    }


def _hosts(pods: Fleet, assumed: Assumptions, known: Known, prices: Prices) -> dict[str, float]:
    """What runs by the hour."""
    fixed = assumed.fleet
    hours = fixed.hours_per_month
    endpoints = known.stack.interface_endpoints * fixed.availability_zones
    return {
        "Model host's nodes": prices.cost("host_node_hour", pods.mean * hours),
        "Cluster and network": prices.cost("cluster_hour", hours)
        + prices.cost("system_node_hour", fixed.system_nodes * hours)
        + prices.cost("balancer_hour", hours)
        + prices.cost("endpoint_hour", endpoints * hours)
        + prices.cost("secret_month", fixed.secrets),
    }


def invocations(load: Load, assumed: Assumptions, known: Known) -> float:
    """Of all functions, in a month."""
    warm_ups = assumed.fleet.hours_per_month * _HOUR_S / known.stack.warm_up_s
    return load.invocations + warm_ups


def _small_s(assumed: Assumptions, known: Known) -> float:
    """Seconds of a function that does one thing: the authorizer, one expiry."""
    return known.stack.handler_on_s(known.stack.small_gb) + assumed.functions.aws_call_s
