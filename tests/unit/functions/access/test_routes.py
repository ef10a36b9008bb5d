"""Who may do what: each route, and each scope."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest

from access.scopes import OPERATOR, PREWARM, SPEECH, panel_scope
from infra.access.keys import create_key
from tests.unit.functions.conftest import Stage, aws_event, handler_of
from tests.unit.functions.gateway_stand_in import open_routes, resources
from tests.unit.functions.panels.desk import OTHER_PANEL, PANEL, Desk, open_desk, whole_table

ROOM = f"/v1/panels/{PANEL}"
FOR_SPEECH = {
    ("POST", "/v1/speech"),
    ("GET", "/v1/speech/{id}"),
    ("POST", "/v1/audio/speech"),
    ("GET", "/v1/voices"),
}
FOR_PREWARM = {("POST", "/v1/prewarm")}
FOR_SCREENS = {
    ("GET", "/v1/panels/{panel}"),
    ("GET", "/v1/panels/{panel}/calls"),
    ("GET", "/v1/panels/{panel}/calls/{id}/speech"),
}
FOR_TVS = {("POST", "/v1/panels/{panel}/heartbeat")}


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return open_desk(stage)


def protected_routes(stage: Stage) -> set[tuple[str, str]]:
    """Every route that the API's own description says wants a key."""
    described = stage.api("GET", "/openapi.json").json["paths"]
    return {
        (method.upper(), path)
        for path, operations in described.items()
        for method, operation in operations.items()
        if operation.get("security")
    }


def ask(stage: Stage, method: str, path: str, authorization: str) -> Any:
    body: Any = {} if method in {"POST", "PUT"} else None
    filled = path.replace("{panel}", PANEL).replace("{id}", "0" * 32)
    return stage.api(method, filled, body, {"Authorization": authorization})


def test_given_any_route_but_the_open_ones_without_a_key_then_401(stage: Stage) -> None:
    protected = protected_routes(stage)
    events = resources()["ApiFunction"]["Properties"]["Events"].values()
    routes = [event["Properties"] for event in events]

    assert len(open_routes()) == 7
    assert protected == {
        (route["Method"], route["Path"])
        for route in routes
        if "Authorizer" not in route.get("Auth", {})
    }
    for method, path in protected:
        answer = ask(stage, method, path, "")
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer"), path
        assert answer.json["type"] == "urn:c-tv:problem:unauthorized"
        assert answer.json["request_id"]


def test_given_a_gateway_that_asks_no_authorizer_then_the_api_lets_nobody_in(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    for method, path in protected_routes(desk.stage):
        event = aws_event("api_gateway_rest_proxy")
        filled = path.replace("{panel}", PANEL).replace("{id}", "x")
        event |= {"httpMethod": method, "path": filled, "resource": path}
        # Given a good key that nobody looked at
        event["headers"]["Authorization"] = f"Bearer {desk.token}"
        event["multiValueHeaders"]["Authorization"] = [f"Bearer {desk.token}"]
        answer = handler_of("api")(event, desk.stage.context)
        assert answer["statusCode"] == 401, path
        assert json.loads(answer["body"])["request_id"]
    assert '"reason":"missing"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (SPEECH, FOR_SPEECH),
        (PREWARM, FOR_PREWARM),
        (panel_scope(PANEL), FOR_SCREENS),
        (panel_scope(OTHER_PANEL), set()),
        ("speec", set()),
        ("*", set()),
    ],
)
def test_given_a_key_then_it_does_what_its_scope_says_and_nothing_else(
    desk: Desk, log: io.StringIO, scope: str, allowed: set[tuple[str, str]]
) -> None:
    key = f"Bearer {create_key(desk.stage.dynamodb, 'state', 'Prova', scope)}"

    for method, path in protected_routes(desk.stage):
        answer = ask(desk.stage, method, path, key)
        if (method, path) in allowed:
            assert answer.status not in {401, 403}, (method, path, answer.body)
        else:
            assert answer.status == 403, (method, path)
            assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope"'
    told = [json.loads(line) for line in log.getvalue().splitlines()]
    refusals = [line for line in told if line.get("reason") == "scope"]
    assert refusals
    assert all(line["token_id"] and line["correlation_id"] for line in refusals)


def test_given_an_operator_then_all_but_heartbeats_and_prewarm_is_theirs(desk: Desk) -> None:
    key = f"Bearer {desk.token}"
    refused = {
        (method, path)
        for method, path in protected_routes(desk.stage)
        if ask(desk.stage, method, path, key).status in {401, 403}
    }

    assert refused == FOR_TVS | FOR_PREWARM


def test_given_a_key_with_several_scopes_then_it_does_what_each_says(stage: Stage) -> None:
    key = create_key(stage.dynamodb, "state", "Agenda", SPEECH, PREWARM, OPERATOR)

    assert ask(stage, "GET", "/v1/voices", f"Bearer {key}").status == 200
    assert ask(stage, "POST", "/v1/prewarm", f"bearer  {key}").status == 422
    assert ask(stage, "GET", "/v1/panels", f"Bearer {key}").status == 200


def test_given_a_screens_key_then_it_sees_what_the_panel_shows_and_no_more(desk: Desk) -> None:
    key = f"Bearer {create_key(desk.stage.dynamodb, 'state', 'Tela', panel_scope(PANEL))}"
    hidden = {"title": "Recepção", "show": "ticket", "say": "ticket"}
    etag = desk.ask("GET", ROOM).headers["etag"]
    assert desk.ask("PUT", ROOM, hidden, If_Match=etag).status == 200
    desk.ask("POST", f"{ROOM}/calls", {"ticket": "A1", "name": "Maria da Silva"})

    assert "Maria" in desk.ask("GET", f"{ROOM}/calls").body
    assert "Maria" not in ask(desk.stage, "GET", "/v1/panels/{panel}/calls", key).body


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("Bearer " + "A" * 43, "unknown"),
        ("Bearer ", "malformed"),
        ("Bearer short", "malformed"),
        ("Bearer sênha", "malformed"),
        ("Bearer e30.e30.e30", "malformed"),
        ("Basic b3BlcmF0b3I6eA==", "malformed"),
    ],
)
def test_given_credentials_that_are_none_then_401_says_why_and_quotes_nothing(
    desk: Desk,
    authorization: str,
    reason: str,
    capsys: pytest.CaptureFixture[str],
    log: io.StringIO,
) -> None:
    answer = desk.stage.api("GET", ROOM, None, {"Authorization": authorization})

    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    credentials = authorization.partition(" ")[2]
    told = log.getvalue() + capsys.readouterr().out
    assert not credentials or credentials not in answer.body + told
    assert f'"reason":"{reason}"' in told
    assert '"AccessDenied"' in told


def test_given_one_process_without_aws_then_it_says_that_it_has_no_panels(desk: Desk) -> None:
    desk.stage.restart(CACHE_BACKEND="memory")

    for answer in (
        desk.ask("GET", "/v1/panels"),
        desk.stage.api("POST", "/v1/device/authorize"),
    ):
        assert (answer.status, answer.json["title"]) == (503, "Not ready")


def test_given_a_tv_then_it_reads_its_own_panel_and_nothing_else(desk: Desk) -> None:
    tv = desk.tv()
    other = desk.tv(OTHER_PANEL)

    assert tv.ask("GET", "").status == 200
    assert tv.ask("GET", "/calls").status == 200
    assert tv.beat().status == 200
    other.panel = PANEL
    for refused in (other.ask("GET", ""), other.ask("GET", "/calls"), other.beat()):
        assert refused.status == 403
        assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope"'


def test_given_a_token_then_only_its_hash_is_kept_and_neither_is_logged(
    desk: Desk, log: io.StringIO
) -> None:
    tv = desk.tv()
    desk.stage.monkeypatch.setattr(
        "panels.devices.DeviceStore.beat", lambda *_: (_ for _ in ()).throw(RuntimeError(tv.token))
    )

    assert tv.beat().status == 500

    kept = whole_table(desk.stage)
    for token in (tv.token, desk.token):
        hashed = hashlib.sha256(token.encode()).hexdigest()
        assert token not in kept
        assert hashed in kept
        assert token not in log.getvalue()
        assert hashed not in log.getvalue()
