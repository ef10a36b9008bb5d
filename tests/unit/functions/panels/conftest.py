"""A waiting room: the functions' stage with one panel, an operator and a device."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from typing import Any

import pytest

from access.scopes import OPERATOR, panel_scope
from access.tokens import Token, TokenStore, new_token, token_hash, token_item
from tests.unit.functions.conftest import Answer, Stage
from tests.unit.functions.panels.desk import furnished

ROOM = "/v1/panels/recepcao"
SETTINGS: dict[str, Any] = {
    "title": "Recepção",
    "show": "short_name",
    "say": "name",
    "places": ["Consultório 1", "Consultório 2"],
}
MARIA = {"ticket": "A042", "name": "Maria da Silva", "place": "Consultório 3"}


@dataclass
class Room:
    """One panel, as an operator and as a device see it."""

    stage: Stage
    operator_token: str
    device_token: str

    @property
    def calling(self) -> Any:
        """The calls without the API around them."""
        return importlib.import_module("panels.assembly").panel_parts().calling

    def operator(
        self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> Answer:
        keyed = {"Idempotency-Key": key} if key else {}
        return self._send(self.operator_token, method, ROOM + path, body, headers | keyed)

    def device(self, method: str, path: str, **headers: str) -> Answer:
        return self._send(self.device_token, method, ROOM + path, None, headers)

    def elsewhere(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """The operator at any path."""
        return self._send(self.operator_token, method, path, body, headers)

    def call(self, wanted: Any = MARIA, **headers: str) -> Any:
        answer = self.operator("POST", "/calls", wanted, **headers)
        assert answer.status == 201, answer.body
        return answer.json

    def check_in(self, *entries: Any) -> list[str]:
        answer = self.operator("POST", "/waiting", {"entries": entries})
        assert answer.status == 201, answer.body
        ids: list[str] = answer.json["ids"]
        return ids

    def change(self, **settings: Any) -> None:
        etag = self.operator("GET", "").headers["etag"]
        answer = self.operator("PUT", "", SETTINGS | settings, If_Match=etag)
        assert answer.status == 200, answer.body

    def events(self, after: int | None = None, *, device: bool = False) -> Any:
        query = "" if after is None else f"?after={after}"
        ask = self.device if device else self.operator
        return ask("GET", f"/calls{query}").json["events"]

    def _send(
        self, token: str, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {token}"
        return self.stage.api(method, path, body, sent)


@pytest.fixture
def room(stage: Stage) -> Room:
    return Room(stage, *furnished(stage, _one_panel))


def _one_panel(stage: Stage) -> tuple[str, str]:
    """Returns: the operator's token and the device's."""
    store = TokenStore(stage.dynamodb, "state")
    device, now = new_token(), int(time.time())
    token = Token("d1", frozenset({panel_scope("recepcao")}), "TV", "d1", now, now + 3600)
    stage.dynamodb.put_item(TableName="state", Item=token_item(token_hash(device), token))
    room = Room(stage, store.create_key("Recepção", [OPERATOR]).value, device)
    made = room.operator("PUT", "", SETTINGS, If_None_Match="*")
    assert made.status == 201, made.body
    return room.operator_token, device
