"""What would lower the bill and the load, each change on top of those before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from infra.scale import bill, demand
from infra.scale.bill import Bill
from infra.scale.inputs import Assumptions, Prices
from infra.scale.known import Known

SLOWER_POLL_S: Final = 3.0
SLOWER_DESK_S: Final = 5.0
SLOWER_BEAT_S: Final = 15.0
RARER_TRACES: Final = 0.001
# A client that hears of changes still asks every so often, in case it missed one.
CHECK_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Lever:
    """One state of the system, with a change and all that came before it.

    Attributes:
        change: what is different from the state before.
        requests_per_s: to the API in the busiest hour.
        pushed_usd: a month's messages and connections, where changes are pushed.
    """

    change: str
    bill: Bill
    requests_per_s: float
    pushed_usd: float = 0.0

    @property
    def usd(self) -> float:
        """A month."""
        return self.bill.total_usd + self.pushed_usd


def pull(
    panels: int, assumed: Assumptions, known: Known, prices: Prices, least_pods: int
) -> list[Lever]:
    """The system as it is, then each change in the order in which to make it."""

    def lever(change: str, assumed: Assumptions, known: Known, pushed_usd: float = 0.0) -> Lever:
        busiest = demand.load(demand.busiest_second(assumed), assumed, known)
        month = bill.month(panels, assumed, known, prices, least_pods)
        return Lever(change, month, panels * busiest.api_requests, pushed_usd)

    functions = assumed.functions.model_copy(
        update={"platform_log_bytes": 0.0, "traced_share": RARER_TRACES}
    )
    quiet = assumed.model_copy(update={"functions": functions})
    desks = replace(known, pages=replace(known.pages, desk_poll_s=SLOWER_DESK_S))
    slower = replace(desks, pages=replace(desks.pages, poll_s=SLOWER_POLL_S))
    calmer = replace(slower, pages=replace(slower.pages, beat_s=SLOWER_BEAT_S))
    told = replace(calmer, pages=replace(calmer.pages, poll_s=CHECK_S, desk_poll_s=CHECK_S))
    return [
        lever("as it is", assumed, known),
        lever(f"log no START, END and REPORT, trace {RARER_TRACES:.1%} of requests", quiet, known),
        lever(f"desks ask every {SLOWER_DESK_S:.0f} s", quiet, desks),
        lever(f"screens ask every {SLOWER_POLL_S:.0f} s", quiet, slower),
        lever(f"heartbeats every {SLOWER_BEAT_S:.0f} s, the lease 45 s", quiet, calmer),
        lever(
            "changes are pushed (AWS IoT Core), and asked for every minute",
            quiet,
            told,
            _pushed_usd(panels, quiet, prices),
        ),
    ]


def _pushed_usd(panels: int, assumed: Assumptions, prices: Prices) -> float:
    """A message for each change, in from the API and out to each who watches; connections."""
    month, day = demand.month(assumed), assumed.clinic_day
    changes = panels * month.calls * (2 + assumed.speech.recall_share)
    watchers = day.screens_per_panel + day.desks_per_panel
    minutes = panels * (month.screen_s + month.desk_s) / 60
    return prices.cost("iot_message", changes * (1 + watchers)) + prices.cost(
        "iot_connection_minute", minutes
    )
