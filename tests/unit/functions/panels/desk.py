"""An operator with a real token, TVs that pair as TVs do, and a clock for the stores."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from access.scopes import OPERATOR
from infra.access.keys import create_key
from tests.unit.functions.conftest import Answer, Stage
from tests.unit.functions.gateway_stand_in import Gateway

PANEL = "recepcao"
OTHER_PANEL = "raio-x"
SETTINGS: dict[str, Any] = {"title": "Recepção", "show": "name", "say": "name"}


class Clock:
    """Epoch seconds that pass when a test says so."""

    def __init__(self, now_s: float = 1_800_000_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds


class OneAtATime:
    """A client whose requests do not overlap: DynamoDB's are atomic, moto's under threads not."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name == "exceptions" or not callable(member):
            return member

        def alone(*args: Any, **kwargs: Any) -> Any:
            with self._lock:
                return member(*args, **kwargs)

        return alone


def held_by_a_transaction(client: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Refuse each write of a single item once, as DynamoDB does while a transaction has it.

    Returns:
        The partition keys of what was refused, added to as it happens.
    """
    update = client.update_item
    refused: list[str] = []

    def refuse_once(**request: Any) -> Any:
        if (key := request["Key"]["pk"]["S"]) in refused:
            return update(**request)
        refused.append(key)
        raise client.exceptions.TransactionConflictException(
            {"Error": {"Code": "TransactionConflictException"}}, "UpdateItem"
        )

    monkeypatch.setattr(client, "update_item", refuse_once)
    return refused


@dataclass
class TV:
    """A paired TV."""

    stage: Stage
    panel: str
    id: str
    token: str

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        bearer = {"Authorization": f"Bearer {self.token}"}
        return self.stage.api(method, f"/v1/panels/{self.panel}{path}", body, bearer)

    def beat(self, sound: str = "on", spoken: int = 0) -> Answer:
        body = {"sound": sound, "spoken": spoken, "version": "1.0"}
        return self.ask("POST", "/heartbeat", body)


@dataclass
class Desk:
    """An operator at two panels."""

    stage: Stage
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        bearer = {"Authorization": f"Bearer {self.token}"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.stage.api(method, path, body, bearer | given)

    def pair(self, codes: dict[str, Any], panel: str = PANEL, **headers: str) -> Answer:
        body = {"user_code": codes["user_code"], "label": "TV da entrada"}
        return self.ask("POST", f"/v1/panels/{panel}/devices", body, **headers)

    def tv(self, panel: str = PANEL) -> TV:
        """Pair a new TV."""
        codes = self.stage.api("POST", "/v1/device/authorize").json
        assert self.pair(codes, panel).status == 201
        answer = self.stage.api("POST", "/v1/device/token", {"device_code": codes["device_code"]})
        assert answer.status == 200, answer.body
        return TV(self.stage, panel, answer.json["device"], answer.json["access_token"])

    def devices(self, panel: str = PANEL) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.ask("GET", f"/v1/panels/{panel}/devices").json[
            "devices"
        ]
        return listed


Made = TypeVar("Made")

_furnished: dict[Callable[[Stage], Any], tuple[Any, list[Any], Gateway]] = {}


def furnished(stage: Stage, furnish: Callable[[Stage], Made]) -> Made:
    """Furnish an empty table; after the first time by the items that were in it then.

    To ask the API for all of it takes longer than most tests.
    """
    if furnish not in _furnished:
        first = furnish(stage)
        items = stage.dynamodb.scan(TableName="state")["Items"]
        _furnished[furnish] = first, items, stage.gateway.twin()
        stage.restart()
        return first
    made: Made
    made, items, gateway = _furnished[furnish]
    stage.dynamodb.batch_write_item(
        RequestItems={"state": [{"PutRequest": {"Item": item}} for item in items]}
    )
    stage.gateway = gateway.twin()
    return made


def open_desk(stage: Stage) -> Desk:
    """Give an operator a key, as `python -m infra.access` does, and make two panels."""
    return Desk(stage, furnished(stage, _two_panels))


def _two_panels(stage: Stage) -> str:
    """Returns: the operator's key."""
    desk = Desk(stage, create_key(stage.dynamodb, "state", "Recepção", OPERATOR))
    for panel in (PANEL, OTHER_PANEL):
        made = desk.ask("PUT", f"/v1/panels/{panel}", SETTINGS, If_None_Match="*")
        assert made.status == 201, made.body
    return desk.token


def whole_table(stage: Stage) -> str:
    """Everything in the state table, as text."""
    return str(stage.dynamodb.scan(TableName="state")["Items"])


def at_once(actions: Sequence[Callable[[], object]]) -> list[object]:
    """Run all at the same moment, each in a thread.

    Returns:
        What each returned or raised, in no order.
    """
    together = threading.Barrier(len(actions))
    outcomes: list[object] = []

    def act(action: Callable[[], object]) -> None:
        together.wait()
        try:
            outcomes.append(action())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            outcomes.append(error)

    threads = [threading.Thread(target=act, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
