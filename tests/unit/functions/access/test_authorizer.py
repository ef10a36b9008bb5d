"""What the authorizer answers about a key."""

from __future__ import annotations

import importlib
import io
import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from access.caller import Caller, caller_in
from access.scopes import OPERATOR, SPEECH
from access.tokens import TokenStore
from tests.unit.functions.access.conftest import Ask, effect
from tests.unit.functions.conftest import Stage, handler_of
from tests.unit.functions.gateway_stand_in import API
from tests.unit.functions.panels.desk import Clock, whole_table


def test_given_a_key_then_the_answer_holds_for_every_route_of_the_stage(
    stage: Stage, ask: Ask
) -> None:
    answer = ask(f"Bearer {stage.key}")

    [statement] = answer["policyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": f"{API}/prod/*",
    }


def test_given_a_key_then_the_api_is_told_who_it_is(stage: Stage, ask: Ask) -> None:
    issued = TokenStore(stage.dynamodb, "state").create_key("Recepção 2", [SPEECH, OPERATOR])

    answer = ask(f"Bearer {issued.value}")

    # API Gateway carries strings, numbers and booleans only
    assert all(isinstance(value, str) and value.isascii() for value in answer["context"].values())
    assert answer["principalId"] == issued.token.id
    assert issued.value not in json.dumps(answer)
    found = caller_in({"requestContext": {"authorizer": answer["context"]}})
    assert found == Caller(issued.token.id, "Recepção 2", frozenset({SPEECH, OPERATOR}), None)


@pytest.mark.parametrize("header", ["Authorization", "authorization", "AUTHORIZATION"])
def test_given_a_header_in_any_case_then_it_is_found(stage: Stage, ask: Ask, header: str) -> None:
    assert effect(ask(f"Bearer {stage.key}", header)) == "Allow"


def test_given_a_wrong_key_then_api_gateway_may_remember_the_refusal_for_every_route(
    stage: Stage, ask: Ask
) -> None:
    answer = ask("Bearer " + "A" * 43)

    [statement] = answer["policyDocument"]["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Deny", f"{API}/prod/*")
    assert answer["principalId"]


def test_given_a_key_that_has_ended_then_the_log_says_whose_it_was(
    stage: Stage, ask: Ask, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    issued = TokenStore(stage.dynamodb, "state", Clock(1_600_000_000)).create_key("A", [SPEECH])

    assert effect(ask(f"Bearer {issued.value}")) == "Deny"

    told = log.getvalue() + capsys.readouterr().out
    assert '"reason":"expired"' in told
    assert f'"token_id":"{issued.token.id}"' in told
    assert issued.value not in told


def test_given_a_table_that_fails_then_nobody_is_let_in_and_nothing_is_quoted(
    stage: Stage,
    ask: Ask,
    log: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fault = importlib.import_module("authorizer.app").AuthorizerFaultError
    key = stage.key
    monkeypatch.setattr(
        "access.tokens.TokenStore.find", lambda _, token: (_ for _ in ()).throw(OSError(token))
    )

    with pytest.raises(fault) as raised:
        ask(f"Bearer {key}")

    told = log.getvalue() + capsys.readouterr().out
    assert key not in f"{raised.value}{told}"
    assert raised.value.__cause__ is None
    assert '"ApiFault"' in told
    assert '"error_type":"OSError"' in told
    assert '"correlation_id":"77375676-' in told
    refused = stage.api("GET", "/v1/voices", None, {"Authorization": f"Bearer {key}"})
    assert (refused.status, refused.json["title"]) == (500, "Internal error")


def test_given_a_fault_then_sentry_is_told_of_it_once(
    stage: Stage, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    observability = importlib.import_module("speech.observability")
    fault = importlib.import_module("authorizer.app").AuthorizerFaultError
    settings = observability._SETTINGS.model_copy(
        update={"sentry_dsn": "http://key@127.0.0.1:9/1", "sentry_traces_sample_rate": 0}
    )
    monkeypatch.setattr(observability, "_SETTINGS", settings)
    told: list[BaseException] = []
    monkeypatch.setattr(observability, "_sentry", lambda: SimpleNamespace(report=told.append))
    key, cause = stage.key, OSError()
    monkeypatch.setattr("access.tokens.TokenStore.find", lambda *_: (_ for _ in ()).throw(cause))

    with pytest.raises(fault):
        ask(f"Bearer {key}")

    assert told == [cause]


def test_given_usage_plans_then_each_key_counts_under_its_own_or_the_one_without_limits(
    stage: Stage, ask: Ask
) -> None:
    store = TokenStore(stage.dynamodb, "state")
    planned = store.create_key("Agenda", [SPEECH], usage_key="c-tv-0123456789abcdef")
    successor = store.rotate_key(planned.token.id, overlap_s=60)
    assert "usageIdentifierKey" not in ask(f"Bearer {stage.key}")

    stage.restart(UNPLANNED_USAGE_KEY="keys-without-a-plan")

    assert ask(f"Bearer {stage.key}")["usageIdentifierKey"] == "keys-without-a-plan"
    for issued in (planned, successor):
        assert ask(f"Bearer {issued.value}")["usageIdentifierKey"] == "c-tv-0123456789abcdef"


def test_given_a_key_in_use_then_its_last_day_is_noted_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()  # 2027-01-15
    store = TokenStore(stage.dynamodb, "state", clock)
    issued = store.create_key("Triagem", [SPEECH])
    assert store.all_keys()[-1].last_used_day == ""

    store.find(issued.value)

    assert store.all_keys()[-1].last_used_day == "2027-01-15"
    monkeypatch.setattr(
        "access.tokens.TokenStore._note_use", lambda *_: pytest.fail("written twice")
    )
    store.find(issued.value)


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem"),
        ConnectTimeoutError(endpoint_url="https://dynamodb"),
    ],
)
def test_given_a_table_that_cannot_be_written_then_a_valid_key_is_let_in_all_the_same(
    stage: Stage,
    ask: Ask,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    key = stage.key
    monkeypatch.setattr(stage.dynamodb, "update_item", lambda **_: (_ for _ in ()).throw(error))

    assert effect(ask(f"Bearer {key}")) == "Allow"

    assert "a key's use could not be noted" in log.getvalue()
    assert key not in log.getvalue()


def test_given_a_key_that_is_revoked_while_it_is_used_then_nothing_of_it_comes_back(
    stage: Stage, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = TokenStore(stage.dynamodb, "state")
    issued = store.create_key("Triagem", [SPEECH])
    update = stage.dynamodb.update_item

    def revoked_before(**wanted: object) -> object:
        store.revoke_key(issued.token.id)
        return update(**wanted)

    monkeypatch.setattr(stage.dynamodb, "update_item", revoked_before)

    store.find(issued.value)

    assert whole_table(stage) == "[]"
    assert log.getvalue() == ""


def test_given_no_state_table_then_the_authorizer_does_not_start(stage: Stage) -> None:
    settings = importlib.import_module("speech.settings")
    stage.restart(STATE_TABLE="")

    with pytest.raises(settings.SettingsError, match="STATE_TABLE"):
        importlib.reload(importlib.import_module("authorizer.app"))
    stage.restart(STATE_TABLE="state")
    assert handler_of("authorizer")
