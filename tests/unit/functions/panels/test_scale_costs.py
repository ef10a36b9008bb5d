"""What the scale model says that a request takes of the table is what the real handler takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from infra.scale.demand import REQUESTS
from tests.unit.functions.conftest import Stage
from tests.unit.functions.panels.desk import PANEL, TV, Desk, open_desk

ROOM = f"/v1/panels/{PANEL}"
WRITES = {"PutItem", "UpdateItem", "DeleteItem"}
READS = {"GetItem", "Query"}


@dataclass
class Taken:
    """Units, were every item as small as a unit is large."""

    reads: int = 0
    writes: int = 0

    def note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name == "TransactWriteItems":
            self.writes += 2 * len(params["TransactItems"])
        elif model.name in WRITES:
            self.writes += 1
        elif model.name in READS:
            self.reads += 1
        else:
            pytest.fail(f"the model knows nothing of {model.name}")


@contextmanager
def taken(dynamodb: Any) -> Iterator[Taken]:
    """Add up what is asked of the table meanwhile."""
    units = Taken()
    dynamodb.meta.events.register("provide-client-params.dynamodb", units.note)
    yield units
    dynamodb.meta.events.unregister("provide-client-params.dynamodb", units.note)


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return open_desk(stage)


def polled(desk: Desk, tv: TV) -> Callable[[], object]:
    seen = tv.ask("GET", "/calls?after=0")
    headers = {"Authorization": f"Bearer {tv.token}", "If-None-Match": seen.headers["etag"]}
    return lambda: desk.stage.api("GET", f"{ROOM}/calls?after=0", None, headers)


def polled_with_news(desk: Desk, tv: TV) -> Callable[[], object]:
    desk.ask("POST", f"{ROOM}/calls", {"ticket": "A042"})
    return lambda: tv.ask("GET", "/calls?after=0")


def beaten(desk: Desk, tv: TV) -> Callable[[], object]:
    tv.beat()  # the first one of a day does more
    return tv.beat


def settled(desk: Desk, tv: TV) -> Callable[[], object]:
    call = desk.ask("POST", f"{ROOM}/calls", {"ticket": "A042"}).json["id"]
    return lambda: desk.ask("POST", f"{ROOM}/calls/{call}/attended", Idempotency_Key="once")


@pytest.mark.parametrize(
    ("name", "prepare"),
    [
        ("feed", polled),
        ("feed_changed", polled_with_news),
        ("heartbeat", beaten),
        ("settle", settled),
    ],
)
def test_given_a_request_then_it_takes_of_the_table_what_the_model_says(
    desk: Desk, name: str, prepare: Callable[[Desk, TV], Callable[[], object]]
) -> None:
    tv = desk.tv()
    tv.beat()
    ask = prepare(desk, tv)

    with taken(desk.stage.dynamodb) as units:
        ask()

    assert (units.reads, units.writes) == (REQUESTS[name].reads, REQUESTS[name].writes)
