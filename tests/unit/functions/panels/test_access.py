"""Who may do what: tokens, their scopes and their end."""

from __future__ import annotations

import hashlib
import importlib
import io
from typing import Any

import pytest

from infra.access.__main__ import main
from panels.tokens import RememberedTokens, TokenStore
from tests.unit.functions.conftest import Stage
from tests.unit.functions.panels.desk import OTHER_PANEL, PANEL, Clock, Desk, open_desk, whole_table

DAY_S = 86_400
ROOM = f"/v1/panels/{PANEL}"


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return open_desk(stage)


class CountedReads:
    """A client that counts its GetItems."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        self.reads += name == "get_item"
        return getattr(self._client, name)


def protected_routes(stage: Stage) -> list[tuple[str, str]]:
    """Every route that the API's own description says wants a token."""
    described = stage.api("GET", "/openapi.json").json["paths"]
    return [
        (method.upper(), path)
        for path, operations in described.items()
        for method, operation in operations.items()
        if operation.get("security")
    ]


def test_given_any_route_of_the_waiting_room_without_a_token_then_401(stage: Stage) -> None:
    described = stage.api("GET", "/openapi.json").json["paths"]
    rooms = {path for path in described if path.startswith(("/v1/panels", "/v1/lexicon"))}
    protected = protected_routes(stage)

    assert {path for _, path in protected} == rooms
    assert len(rooms) > 10
    for method, path in protected:
        body: Any = {} if method in {"POST", "PUT"} else None
        answer = stage.api(method, path.replace("{panel}", PANEL).replace("{id}", "x"), body)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer"), path
        assert answer.json["type"] == "urn:c-tv:problem:unauthorized"


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        ("Bearer " + "A" * 43, 'Bearer error="invalid_token"'),
        ("Bearer ", "Bearer"),
        ("Bearer short", 'Bearer error="invalid_token"'),
        ("Bearer sênha", 'Bearer error="invalid_token"'),
        ("Basic b3BlcmF0b3I6eA==", "Bearer"),
    ],
)
def test_given_credentials_that_are_none_then_401_says_why_and_quotes_nothing(
    desk: Desk, authorization: str, challenge: str
) -> None:
    answer = desk.stage.api("GET", ROOM, None, {"Authorization": authorization})

    assert (answer.status, answer.headers["www-authenticate"]) == (401, challenge)
    credentials = authorization.partition(" ")[2]
    assert not credentials or credentials not in answer.body


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


def test_given_a_tv_then_it_may_do_nothing_that_operators_do(desk: Desk) -> None:
    tv = desk.tv()
    for_tvs = {("GET", "/v1/panels/{panel}"), ("GET", "/v1/panels/{panel}/calls"),
               ("GET", "/v1/panels/{panel}/calls/{id}/speech"),
               ("POST", "/v1/panels/{panel}/heartbeat")}  # fmt: skip
    for method, path in set(protected_routes(desk.stage)) - for_tvs:
        body: Any = {} if method in {"POST", "PUT"} else None
        filled = path.replace("{panel}", PANEL).replace("{id}", "0" * 32)
        bearer = {"Authorization": f"Bearer {tv.token}"}
        assert desk.stage.api(method, filled, body, bearer).status == 403, (method, path)


def test_given_an_operator_then_a_heartbeat_is_not_theirs_to_send(desk: Desk) -> None:
    body = {"sound": "on", "spoken": 0, "version": "1"}

    assert desk.ask("POST", f"{ROOM}/heartbeat", body).status == 403


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


def test_given_a_revoked_token_then_it_works_for_10_s_more_at_most(desk: Desk) -> None:
    clock = Clock()
    store = TokenStore(desk.stage.dynamodb, "state", clock)
    remembered = RememberedTokens(store, clock)
    token = store.create_operator("Triagem")
    found = remembered.find(token)
    assert found is not None

    assert store.revoke_operator(found.id)

    clock.pass_s(9.9)
    assert remembered.find(token) == found
    clock.pass_s(0.2)
    assert remembered.find(token) is None
    assert not store.revoke_operator(found.id)


def test_given_an_operators_token_then_it_ends_after_a_year(desk: Desk) -> None:
    clock = Clock()
    store = TokenStore(desk.stage.dynamodb, "state", clock)
    token = store.create_operator("Triagem")

    clock.pass_s(365 * DAY_S - 1)
    assert store.find(token) is not None
    clock.pass_s(1)
    assert store.find(token) is None
    assert "Triagem" not in [one.label for one in store.operators()]


def test_given_many_requests_within_10_s_then_each_token_is_read_once_wrong_ones_too(
    desk: Desk,
) -> None:
    clock = Clock()
    client = CountedReads(desk.stage.dynamodb)
    store = TokenStore(client, "state", clock)  # type: ignore[arg-type]
    remembered = RememberedTokens(store, clock)
    token = store.create_operator("Triagem")

    for _ in range(5):
        assert remembered.find(token) is not None
        assert remembered.find("A" * 43) is None
        assert remembered.find("no token's form") is None

    assert client.reads == 2


def test_given_a_flood_of_wrong_tokens_then_memory_stays_bounded(desk: Desk) -> None:
    client = CountedReads(desk.stage.dynamodb)
    remembered = RememberedTokens(TokenStore(client, "state"), Clock())  # type: ignore[arg-type]
    remembered.find("first")
    desk.stage.monkeypatch.setattr(
        "panels.tokens.TokenStore.find", lambda _self, token: found.append(token)
    )
    found: list[str] = []

    for number in range(1024):
        remembered.find(f"wrong {number}")
    remembered.find("wrong 1023")
    remembered.find("first")

    assert found[-1] == "first"
    assert len(found) == 1025


def test_given_a_token_in_use_then_its_last_day_is_told(
    desk: Desk,
) -> None:
    clock = Clock()  # 2027-01-15
    store = TokenStore(desk.stage.dynamodb, "state", clock)
    token = store.create_operator("Triagem")
    assert [one.last_used_day for one in store.operators() if one.label == "Triagem"] == [""]

    store.find(token)

    [listed] = [one for one in store.operators() if one.label == "Triagem"]
    assert listed.last_used_day == "2027-01-15"


def test_given_the_command_then_it_creates_lists_and_revokes(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    table = ["--table", "state"]

    assert main([*table, "create", "--operator", " Triagem  2 "]) == 0
    token = capsys.readouterr().out.strip()
    asked = {"Authorization": f"Bearer {token}"}
    assert desk.stage.api("GET", "/v1/panels", None, asked).status == 200

    assert main([*table, "list"]) == 0
    listed = capsys.readouterr().out
    assert "Triagem 2" in listed
    assert token not in listed
    token_id = next(row for row in listed.splitlines() if "Triagem 2" in row).split("\t")[0]

    assert main([*table, "revoke", token_id]) == 0
    assert main([*table, "revoke", token_id]) == 1
    importlib.import_module("panels.assembly")._of.cache_clear()  # ten seconds later
    assert desk.stage.api("GET", "/v1/panels", None, asked).status == 401


@pytest.mark.parametrize(
    "arguments",
    [["list"], ["--table", "state", "create", "--operator", " "], ["--table", "state"]],
)
def test_given_a_command_that_cannot_be_carried_out_then_it_says_what_to_give(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.delenv("STATE_TABLE", raising=False)

    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "python -m infra.access" in capsys.readouterr().err
