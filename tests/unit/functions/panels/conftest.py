"""A waiting room: the functions' stage with one panel, an operator and a device."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import Request

from tests.unit.functions.conftest import Answer, Stage, handler_of

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

    @property
    def calling(self) -> Any:
        """The calls without the API around them."""
        return importlib.import_module("panels.assembly").panel_parts().calling

    def operator(
        self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> Answer:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            headers["Idempotency-Key"] = key
        return self.stage.api(method, ROOM + path, body, {"Authorization": "operator"} | headers)

    def device(self, method: str, path: str, **headers: str) -> Answer:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.stage.api(method, ROOM + path, None, {"Authorization": "device"} | headers)

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


@pytest.fixture
def room(stage: Stage) -> Room:
    handler_of("api")
    access = importlib.import_module("api.access")
    app = importlib.import_module("api.app")._asgi.app

    async def caller(request: Request) -> Any:
        if request.headers["authorization"] == "device":
            return access.Caller("d1", "TV", "panel:recepcao", "d1")
        return access.Caller("o1", "Recepção", "operator", None)

    overrides = {access.operator: caller, access.panel_reader: caller}
    stage.monkeypatch.setattr(app, "dependency_overrides", overrides)
    room = Room(stage)
    made = room.operator("PUT", "", SETTINGS, If_None_Match="*")
    assert made.status == 201, made.body
    return room
