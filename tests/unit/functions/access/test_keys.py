"""The life of a key, and the command that gives it out."""

from __future__ import annotations

import time

import boto3
import pytest

from access.refusals import RefusedError
from access.scopes import OPERATOR, PREWARM, SPEECH
from access.tokens import RotatedKeyError, TokenStore, UnknownKeyError
from infra.access.__main__ import main
from tests.unit.functions.conftest import Stage
from tests.unit.functions.panels.desk import Clock, whole_table

DAY_S = 86_400
TABLE = ["--table", "state"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(stage: Stage, clock: Clock) -> TokenStore:
    return TokenStore(stage.dynamodb, "state", clock)


class ApiKeys:
    """API Gateway's keys; moto's need packages that nothing else here does."""

    def __init__(self) -> None:
        self.keys: dict[str, str] = {}
        self.plans: dict[str, str] = {}

    def create_api_key(self, *, name: str, value: str, enabled: bool) -> dict[str, str]:
        assert enabled
        self.keys[value] = name
        return {"id": value}

    def create_usage_plan_key(self, *, usagePlanId: str, keyId: str, keyType: str) -> None:  # noqa: N803
        assert keyType == "API_KEY"
        self.plans[keyId] = usagePlanId

    def get_api_keys(self, *, nameQuery: str) -> dict[str, list[dict[str, str]]]:  # noqa: N803
        found = [(key, name) for key, name in self.keys.items() if name.startswith(nameQuery)]
        return {"items": [{"id": key, "name": name} for key, name in found]}

    def delete_api_key(self, *, apiKey: str) -> None:  # noqa: N803
        del self.keys[apiKey]


def refusal(store: TokenStore, key: str) -> str | None:
    """Why a key is refused; None if it is good."""
    try:
        store.find(key)
    except RefusedError as refused:
        return refused.reason
    return None


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that succeeds prints on stdout."""
    capsys.readouterr()
    assert main([*TABLE, *arguments]) == 0
    return capsys.readouterr().out.strip()


def key_id(capsys: pytest.CaptureFixture[str], label: str) -> str:
    """The id of the newest key of this label."""
    rows = [row.split("\t") for row in run(capsys, "list").splitlines()]
    return [row[0] for row in rows if row[1] == label][-1]


def test_given_a_key_then_it_ends_after_its_days(store: TokenStore, clock: Clock) -> None:
    issued = store.create_key("Triagem", [SPEECH], days=30)

    clock.pass_s(30 * DAY_S - 1)
    assert refusal(store, issued.value) is None
    clock.pass_s(1)
    assert refusal(store, issued.value) == "expired"
    assert store.all_keys() == []
    with pytest.raises(UnknownKeyError):
        store.rotate_key(issued.token.id, 60)


def test_given_a_revoked_key_then_nothing_of_it_is_left(stage: Stage, store: TokenStore) -> None:
    issued = store.create_key("Triagem", [SPEECH])

    assert store.revoke_key(issued.token.id) == issued.token

    assert refusal(store, issued.value) == "unknown"
    assert whole_table(stage) == "[]"
    with pytest.raises(UnknownKeyError):
        store.revoke_key(issued.token.id)


def test_given_a_rotated_key_then_the_old_one_ends_after_the_overlap_and_the_new_one_lives_as_long(
    store: TokenStore, clock: Clock
) -> None:
    old = store.create_key("Agenda", [SPEECH, PREWARM], days=90)
    clock.pass_s(60 * DAY_S)

    new = store.rotate_key(old.token.id, overlap_s=3600)

    assert (new.token.label, new.token.scopes) == ("Agenda", frozenset({SPEECH, PREWARM}))
    clock.pass_s(3599)
    assert (refusal(store, old.value), refusal(store, new.value)) == (None, None)
    clock.pass_s(1)
    assert (refusal(store, old.value), refusal(store, new.value)) == ("expired", None)
    assert [key.id for key in store.all_keys()] == [new.token.id]
    clock.pass_s(90 * DAY_S - 3601)
    assert refusal(store, new.value) is None


def test_given_a_key_within_its_overlap_then_it_is_not_rotated_again_but_its_successor_is(
    store: TokenStore, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    old = store.create_key("Agenda", [SPEECH], days=90)
    clock.now_s = time.time()  # the command has no other
    new = store.rotate_key(old.token.id, overlap_s=DAY_S)
    clock.pass_s(3600)

    with pytest.raises(RotatedKeyError, match=new.token.id):
        store.rotate_key(old.token.id, overlap_s=DAY_S)

    assert main([*TABLE, "rotate", old.token.id]) == 1
    told = capsys.readouterr()
    assert new.token.id in told.err
    assert told.out == ""
    third = store.rotate_key(new.token.id, overlap_s=0)
    assert third.token.expires_at - third.token.created_at == old.token.expires_at - (
        old.token.created_at
    )


def test_given_a_long_overlap_then_the_old_key_still_ends_on_its_own_day(
    store: TokenStore, clock: Clock
) -> None:
    old = store.create_key("Agenda", [SPEECH], days=1)

    store.rotate_key(old.token.id, overlap_s=7 * DAY_S)

    clock.pass_s(DAY_S)
    assert refusal(store, old.value) == "expired"


def test_given_an_issued_key_then_its_value_is_not_in_what_programs_print(
    store: TokenStore,
) -> None:
    issued = store.create_key("Agenda", [SPEECH])

    assert issued.value not in repr(issued)


def test_given_the_command_then_it_creates_lists_rotates_and_revokes(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    def status(key: str) -> int:
        stage.gateway.forget()
        bearer = {"Authorization": f"Bearer {key}"}
        return stage.api("GET", "/v1/panels", None, bearer).status

    first = run(capsys, "create", "--label", " Triagem  2 ", "--scope", OPERATOR, "--scope", SPEECH)
    assert status(first) == 200
    listed = run(capsys, "list")
    assert "\tTriagem 2\toperator speech\t" in listed
    assert first not in listed

    old_id = key_id(capsys, "Triagem 2")
    second = run(capsys, "rotate", old_id, "--overlap-hours", "0")
    assert (status(first), status(second)) == (401, 200)

    new_id = key_id(capsys, "Triagem 2")
    run(capsys, "revoke", new_id)
    assert status(second) == 401
    for again in ("revoke", "rotate"):
        assert main([*TABLE, again, new_id]) == 1
        assert "python -m infra.access list" in capsys.readouterr().err


def test_given_a_plan_then_a_key_and_its_successor_count_as_one_until_both_are_gone(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = ApiKeys()
    client = boto3.client
    stage.monkeypatch.setattr(
        "boto3.client", lambda service: gateway if service == "apigateway" else client(service)
    )

    made = ("create", "--label", "Agenda", "--scope", SPEECH, "--plan", "--usage-plan", "plan-1")
    first = run(capsys, *made)
    [usage_key] = gateway.keys
    gateway.keys[f"{usage_key}-other"] = f"{usage_key}-other"
    assert gateway.plans == {usage_key: "plan-1"}
    first_id = key_id(capsys, "Agenda")
    run(capsys, "rotate", first_id)
    second_id = next(
        k.id for k in TokenStore(stage.dynamodb, "state").all_keys() if k.id != first_id
    )

    run(capsys, "revoke", first_id)
    assert usage_key in gateway.keys
    assert first not in usage_key
    run(capsys, "revoke", second_id)
    assert list(gateway.keys) == [f"{usage_key}-other"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["list"],
        ["--table", "state"],
        ["--table", "state", "create", "--label", " ", "--scope", "speech"],
        ["--table", "state", "create", "--label", "x"],
        ["--table", "state", "create", "--label", "x", "--scope", "everything"],
        ["--table", "state", "create", "--label", "x", "--scope", "panel:"],
        ["--table", "state", "create", "--label", "x", "--scope", "speech", "--days", "0"],
        ["--table", "state", "create", "--label", "x", "--scope", "speech", "--plan"],
        ["--table", "state", "rotate", "x", "--overlap-hours", "-1"],
    ],
)
def test_given_a_command_that_cannot_be_carried_out_then_it_says_what_to_give(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    for variable in ("STATE_TABLE", "USAGE_PLAN_ID"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")

    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "python -m infra.access" in capsys.readouterr().err
