"""Which limit ends growth first: what one panel takes of each, and how many panels that allows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from infra.scale import bill, demand
from infra.scale.autoscaler import Bounds
from infra.scale.demand import Load
from infra.scale.inputs import Assumptions, Limits
from infra.scale.known import Known

# `GET /v1/panels`, which every console asks for once a minute, asks for who waits and for the
# devices of one panel after the other, and for heads and voices of 50 panels together.
_CALLS_A_LISTED_PANEL: Final = 2 + 1 / 50
# AWS Lambda quotas: "requests per second" are ten times the concurrency, the account's or what is
# reserved, however short they are.
_INVOCATIONS_PER_S: Final = 10


@dataclass(frozen=True, slots=True)
class Breaking:
    """One limit.

    Attributes:
        what: what there is a most of.
        each: what one panel takes of it in the busiest hour.
        most: the limit.
        unit: of both.
        source: who sets it.
        remedy: what to do before it is reached.
        gathered: most panels that share one such limit, where not all do.
        where: what they share it by.
    """

    what: str
    each: float
    most: float
    unit: str
    source: str
    remedy: str
    gathered: float = math.inf
    where: str = ""

    @property
    def panels(self) -> float:
        """How many panels reach it."""
        return self.most / self.each

    @property
    def is_reached(self) -> bool:
        """Whether enough panels can come together at all."""
        return self.panels <= self.gathered

    def share(self, panels: int) -> float:
        """How much of the limit so many panels take; 1 is all of it."""
        return min(panels, self.gathered) / self.panels


def in_order(assumed: Assumptions, known: Known, limits: Limits, bounds: Bounds) -> list[Breaking]:
    """Every limit, the one that is reached first before all others; last, those that never are."""
    load = demand.load(demand.busiest_second(assumed), assumed, known)
    own = _set_by_the_project(load, assumed, known, bounds)
    return sorted(
        [*own, *_set_by_aws(load, assumed, limits)],
        key=lambda one: (not one.is_reached, one.panels),
    )


def _set_by_the_project(
    load: Load, assumed: Assumptions, known: Known, bounds: Bounds
) -> list[Breaking]:
    stack = known.stack
    return [
        Breaking(
            "requests to the API",
            load.api_requests,
            stack.throttle_per_s,
            "requests/s",
            "`template.yaml`: `ThrottlingRateLimit` of the stage",
            "raise it with the number of panels: it is there against runaway bills",
        ),
        Breaking(
            "clips made ahead",
            load.renders - load.missed,
            _clips_ahead_per_s(known, bounds),
            "clips/s",
            "`template.yaml`: `RenderConcurrency` of one queue, spread over the most pods",
            "eight for each pod, and more pods",
        ),
        Breaking(
            "executions of the API at once",
            load.api_s,
            stack.api_reserved,
            "at once",
            "`template.yaml`: `ReserveConcurrency` of the API",
            "raise it, with the account's quota",
        ),
        Breaking(
            "invocations of the API function",
            load.api_requests,
            _INVOCATIONS_PER_S * stack.api_reserved,
            "requests/s",
            "AWS Lambda quotas: ten a second for each execution that `ReserveConcurrency` keeps",
            "raise it with `ThrottlingRateLimit`, and with the account's quota",
        ),
        Breaking(
            "pods of the model host",
            bill.pods_filled(load, assumed, known),
            bounds.most,
            "pods",
            "`infra/k8s`: the autoscaler's `maxReplicas`",
            "raise it, and the account's quota of vCPUs",
        ),
        Breaking(
            "requests from one address",
            load.api_requests,
            stack.address_requests_per_s,
            "requests/s",
            "`infra/aws/edge.yaml`: rule `each-address`",
            "raise it where one NAT has more panels behind it; the rule for each key remains",
            gathered=assumed.clinic_day.panels_per_address,
            where="at one address",
        ),
    ]


def _clips_ahead_per_s(known: Known, bounds: Bounds) -> float:
    """Clips that the most pods make in a second, with as many at once as the functions offer."""
    host = known.host
    at_once = min(known.stack.render_concurrency, (host.rows - host.live_reserve) * bounds.most)
    pods = min(at_once, bounds.most)
    return pods * host.speech_per_s(at_once / pods) / host.audio_s


def _set_by_aws(load: Load, assumed: Assumptions, limits: Limits) -> list[Breaking]:
    fewer_polls = "fewer polls, see below; then ask for more"
    listed_s = _CALLS_A_LISTED_PANEL * assumed.functions.aws_call_s

    def quota(name: str, what: str, each: float, remedy: str) -> Breaking:
        limit = limits.limit[name]
        return Breaking(what, each, limit.most, limit.unit, limit.page, remedy)

    return [
        quota("gateway_requests", "requests to the account's APIs", load.api_requests, fewer_polls),
        quota(
            "concurrency",
            "executions of all functions at once",
            load.api_s + load.authorized * assumed.functions.aws_call_s + load.render_s,
            "ask for more",
        ),
        Breaking(
            "invocations of all functions",
            load.invocations,
            _INVOCATIONS_PER_S * limits.limit["concurrency"].most,
            "requests/s",
            "AWS Lambda quotas: ten a second for each execution at once",
            "ask for more executions at once, or fewer polls",
        ),
        quota("table_reads", "table reads", load.reads, "warm throughput, then fewer polls"),
        quota(
            "table_reads_quota",
            "table reads",
            load.reads,
            "fewer polls; then ask for more",
        ),
        quota("table_writes", "table writes", load.writes, "warm throughput"),
        quota(
            "table_writes_quota",
            "table writes",
            load.writes,
            "heartbeats every 15 s, or kept elsewhere; then ask for more",
        ),
        replace(
            quota("partition_writes", "writes of one panel", load.writes, "none needed"),
            gathered=1,
            where="in one partition",
        ),
        quota("object_writes", "clips written under one prefix", load.object_writes, "none needed"),
        quota("firewall_requests", "requests to one web ACL", load.api_requests, fewer_polls),
        quota("edge_requests", "requests to CloudFront", load.api_requests, fewer_polls),
        quota(
            "gateway_wait",
            "time to list all panels for a console",
            listed_s,
            "a page at a time, or an index of panels",
        ),
    ]
