"""Who may call, on the deployed template: API Gateway, its authorizer and the routes behind it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import boto3
import httpx
import pytest

from access.scopes import OPERATOR, PREWARM, SPEECH, panel_scope
from access.tokens import Token, TokenStore, new_token, token_hash, token_item
from infra.access.__main__ import main as command
from infra.local.stack import LocalStack
from tests.e2e.conftest import eventually, function_logs

OPEN = ("/health", "/info", "/openapi.json", "/docs", "/docs/swagger-ui.css")
# Every route of the template that asks who calls, with who may call it.
FOR_SPEECH = (
    ("POST", "/v1/speech"),
    ("GET", "/v1/speech/x"),
    ("POST", "/v1/audio/speech"),
    ("GET", "/v1/voices"),
)
FOR_PREWARM = (("POST", "/v1/prewarm"),)
FOR_PANELS = (
    ("GET", "/v1/panels/sala"),
    ("GET", "/v1/panels/sala/calls"),
    ("GET", "/v1/panels/sala/calls/x/speech"),
)
FOR_DEVICES = (("POST", "/v1/panels/sala/heartbeat"),)
FOR_OPERATORS = (
    ("GET", "/v1/panels"),
    ("PUT", "/v1/panels/sala"),
    ("POST", "/v1/panels/sala/calls"),
    ("POST", "/v1/panels/sala/calls/next"),
    ("POST", "/v1/panels/sala/calls/x/recall"),
    ("POST", "/v1/panels/sala/calls/x/cancel"),
    ("POST", "/v1/panels/sala/calls/x/attended"),
    ("POST", "/v1/panels/sala/calls/x/no-show"),
    ("POST", "/v1/panels/sala/calls/x/transfer"),
    ("GET", "/v1/panels/sala/waiting"),
    ("POST", "/v1/panels/sala/waiting"),
    ("DELETE", "/v1/panels/sala/waiting/x"),
    ("POST", "/v1/panels/sala/uploads"),
    ("GET", "/v1/panels/sala/uploads/x"),
    ("GET", "/v1/panels/sala/devices"),
    ("POST", "/v1/panels/sala/devices"),
    ("DELETE", "/v1/panels/sala/devices/x"),
    ("GET", "/v1/panels/sala/audit"),
    ("GET", "/v1/lexicon"),
    ("PUT", "/v1/lexicon"),
)
ALL = FOR_SPEECH + FOR_PREWARM + FOR_PANELS + FOR_DEVICES + FOR_OPERATORS
ALLOWED = {
    SPEECH: set(FOR_SPEECH),
    PREWARM: set(FOR_PREWARM),
    OPERATOR: {*FOR_SPEECH, *FOR_PANELS, *FOR_OPERATORS},
    panel_scope("sala"): set(FOR_PANELS),
    panel_scope("outra"): set(),
}


@pytest.fixture
def tokens(stack: LocalStack) -> TokenStore:
    return TokenStore(boto3.client("dynamodb"), stack.outputs["StateTableName"])


@pytest.fixture
def anybody(api: httpx.Client) -> Iterator[httpx.Client]:
    """A client without a key."""
    key = api.headers.pop("Authorization")
    yield api
    api.headers["Authorization"] = key


def ask(client: httpx.Client, method: str, path: str, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    body: dict[str, str] | None = {} if method in {"POST", "PUT"} else None
    return client.request(method, path, json=body, headers=headers)


def expired_key(stack: LocalStack) -> str:
    """A key whose day is over, and which DynamoDB has not deleted yet."""
    key, now = new_token(), int(time.time())
    token = Token("past", frozenset({SPEECH, OPERATOR}), "Past", None, now - 60, now + 3600)
    item = token_item(token_hash(key), replace(token, expires_at=now - 1))
    boto3.client("dynamodb").put_item(TableName=stack.outputs["StateTableName"], Item=item)
    return key


def is_problem(answer: httpx.Response, status: int) -> bool:
    told = answer.json()
    return (
        answer.status_code == status == told["status"]
        and answer.headers["content-type"] == "application/problem+json"
        and bool(told["request_id"])
    )


def test_the_list_above_is_every_route_that_the_api_describes(api: httpx.Client) -> None:
    described = {
        (method.upper(), path.replace("{panel}", "sala").replace("{id}", "x"))
        for path, operations in api.get("/openapi.json").json()["paths"].items()
        for method, operation in operations.items()
        if operation.get("security")
    }
    assert described == set(ALL)


def test_nobody_passes_without_a_key_with_a_wrong_or_an_expired_one(
    stack: LocalStack, anybody: httpx.Client
) -> None:
    # Given credentials that are none
    # (the expired one first: DynamoDB may delete it at any moment, and then it is unknown)
    wrong, expired = new_token(), expired_key(stack)
    refused = (
        f"Bearer {expired}", None, "Bearer", f"Bearer {wrong}", f"Basic {wrong}",
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
    )  # fmt: skip
    for method, path in ALL:
        for authorization in refused:
            # When they come with any request
            answer = ask(anybody, method, path, authorization)
            # Then it ends at the gateway, which says how to come back
            assert is_problem(answer, 401), (method, path, authorization, answer.text)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
    # And what was sent is in no log, hashed or not
    logged = eventually(lambda: found if "access denied" in (found := function_logs()) else None)
    for key in (wrong, expired):
        assert key not in logged
        assert token_hash(key) not in logged
    assert '"reason":"expired"' in logged
    assert '"token_id":"past"' in logged


@pytest.mark.parametrize("scope", ALLOWED)
def test_a_key_does_what_its_scope_says_and_nothing_else(
    anybody: httpx.Client, tokens: TokenStore, scope: str
) -> None:
    # Given a key with one scope
    key = tokens.create_key("Prova", [scope]).value
    for method, path in ALL:
        # When it comes with any request
        answer = ask(anybody, method, path, f"Bearer {key}")
        # Then it passes, or is told that it may not
        if (method, path) in ALLOWED[scope]:
            assert answer.status_code not in {401, 403}, (method, path, answer.text)
            assert answer.status_code < 500, (method, path, answer.text)
        else:
            assert is_problem(answer, 403), (method, path, answer.text)
    assert key not in function_logs()


def test_a_key_with_several_scopes_does_what_each_says(
    anybody: httpx.Client, tokens: TokenStore
) -> None:
    key = f"Bearer {tokens.create_key('Agenda', [SPEECH, PREWARM]).value}"
    answer = anybody.post("/v1/prewarm", json={"texts": ["oi"]}, headers={"Authorization": key})
    assert answer.status_code == 202, answer.text
    assert ask(anybody, "GET", "/v1/voices", key).status_code == 200
    assert ask(anybody, "GET", "/v1/panels", key).status_code == 403


def test_a_revoked_key_is_out_within_ten_seconds(anybody: httpx.Client, tokens: TokenStore) -> None:
    # Given a key that has just been used
    issued = tokens.create_key("Fugaz", [SPEECH])
    key = f"Bearer {issued.value}"
    assert ask(anybody, "GET", "/v1/voices", key).status_code == 200
    # When it is revoked
    tokens.revoke_key(issued.token.id)
    revoked_at = time.monotonic()
    # Then it is refused ten seconds later at most
    eventually(lambda: ask(anybody, "GET", "/v1/voices", key).status_code == 401, timeout_s=15)
    assert time.monotonic() - revoked_at < 11


def test_a_rotated_key_works_beside_its_successor_until_it_ends(
    anybody: httpx.Client, tokens: TokenStore
) -> None:
    old = tokens.create_key("Turno", [SPEECH])
    new = tokens.rotate_key(old.token.id, overlap_s=2)
    for issued in (old, new):
        assert ask(anybody, "GET", "/v1/voices", f"Bearer {issued.value}").status_code == 200

    def ended() -> bool:
        return ask(anybody, "GET", "/v1/voices", f"Bearer {old.value}").status_code == 401

    assert eventually(ended, timeout_s=20)
    assert ask(anybody, "GET", "/v1/voices", f"Bearer {new.value}").status_code == 200


def test_what_needs_no_key_needs_none(anybody: httpx.Client) -> None:
    for path in OPEN:
        assert anybody.get(path).status_code == 200, path
    begun = anybody.post("/v1/device/authorize").json()
    waiting = anybody.post("/v1/device/token", json={"device_code": begun["device_code"]})
    assert waiting.json()["error"] == "authorization_pending"


def test_a_key_with_a_plan_counts_under_a_key_of_api_gateway_until_it_is_revoked(
    stack: LocalStack, anybody: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway, plan = boto3.client("apigateway"), stack.outputs["UsagePlanId"]
    table = ["--table", stack.outputs["StateTableName"]]

    def counting() -> set[str]:
        return {key["name"] for key in gateway.get_api_keys()["items"]}

    before = counting()
    # When an operator gives out a key with a plan
    made = ["create", "--label", "Agenda", "--scope", SPEECH, "--plan", "--usage-plan", plan]
    assert command([*table, *made]) == 0
    key = capsys.readouterr().out.strip()
    # Then it works, and the plan has a key of its own for it
    assert ask(anybody, "GET", "/v1/voices", f"Bearer {key}").status_code == 200
    [usage_key] = counting() - before
    in_plan = gateway.get_usage_plan_keys(usagePlanId=plan)["items"]
    assert [found["name"] for found in in_plan] == [usage_key]
    # And both go together
    assert command([*table, "list"]) == 0
    [row] = [one for one in capsys.readouterr().out.splitlines() if one.endswith("\tplan")]
    assert command([*table, "revoke", row.split("\t")[0]]) == 0
    assert counting() == before
