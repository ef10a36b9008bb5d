"""Panels come back out of a backup of the state table; what was taken away does not."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from access.scopes import OPERATOR
from infra.access.keys import create_key
from infra.restore import point_in_time
from infra.restore.__main__ import main
from infra.restore.copying import Copying
from infra.restore.kinds import kind_of
from tests.unit.functions.conftest import Stage
from tests.unit.functions.panels.desk import OTHER_PANEL, PANEL, SETTINGS, Desk, open_desk

COPY = "restored"
ROOM = f"/v1/panels/{PANEL}"
MARIA = {"ticket": "A042", "name": "Maria da Silva", "place": "Consultório 3"}
DAY_S = 86_400
COMES_BACK = {"panels", "head", "event", "call", "audit"}


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The program's pauses, which take no time here."""
    taken: list[float] = []
    monkeypatch.setattr("infra.restore.point_in_time.time.sleep", taken.append)
    return taken


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return open_desk(stage)


def restore(*arguments: str) -> int:
    return main(["--table", "state", "--copy", COPY, *arguments])


def back_up(stage: Stage) -> None:
    stage.dynamodb.restore_table_to_point_in_time(SourceTableName="state", TargetTableName=COPY)


def items(stage: Stage, *kinds: str) -> list[dict[str, Any]]:
    """The table's items of some kinds; without any, all."""
    found = stage.dynamodb.scan(TableName="state")["Items"]
    return [item for item in found if not kinds or kind_of(item) in kinds]


def lose(stage: Stage, *kinds: str) -> None:
    for item in items(stage, *kinds):
        stage.dynamodb.delete_item(TableName="state", Key={"pk": item["pk"], "sk": item["sk"]})


def call(desk: Desk, **headers: str) -> Any:
    answer = desk.ask("POST", f"{ROOM}/calls", MARIA, **headers)
    assert answer.status == 201, answer.body
    return answer.json


def busy_day(desk: Desk) -> None:
    """Something of every kind that a panel and its desk leave behind."""
    desk.tv().beat()
    desk.stage.api("POST", "/v1/device/authorize")
    assert desk.ask("POST", f"{ROOM}/waiting", {"entries": [MARIA]}).status == 201
    call(desk, Idempotency_Key="k" * 20)


def anew(stage: Stage) -> Desk:
    """A desk with a key given out after the loss."""
    return Desk(stage, create_key(stage.dynamodb, "state", "Recepção", OPERATOR))


def test_given_all_was_lost_then_panels_and_their_day_come_back_and_nothing_else(
    desk: Desk,
) -> None:
    stage = desk.stage
    busy_day(desk)
    left_behind = {kind_of(item) for item in items(stage)}
    assert left_behind > COMES_BACK | {"token", "keys", "device", "waiting", "idem", "voice"}
    back_up(stage)
    lose(stage)

    assert restore() == 0

    assert {kind_of(item) for item in items(stage)} == COMES_BACK
    again = anew(stage)
    listed = again.ask("GET", "/v1/panels").json["panels"]
    assert {panel["panel"] for panel in listed} == {PANEL, OTHER_PANEL}
    [event] = again.ask("GET", f"{ROOM}/calls").json["events"]
    assert event["call"]["name"] == MARIA["name"]
    assert '"called"' in again.ask("GET", f"{ROOM}/audit").body
    assert call(again)["seq"] == 2


def test_given_a_key_and_a_tv_were_revoked_since_then_they_stay_out(desk: Desk) -> None:
    stage = desk.stage
    tv = desk.tv()
    revoked = create_key(stage.dynamodb, "state", "Triagem", OPERATOR)
    back_up(stage)
    lose(stage, "token", "keys", "device")

    assert restore() == 0

    assert anew(stage).devices() == []
    assert tv.beat().status == 401
    assert Desk(stage, revoked).ask("GET", "/v1/panels").status == 401


def test_given_what_is_there_has_changed_since_then_it_stays_as_it_is(desk: Desk) -> None:
    stage = desk.stage
    made = call(desk)
    etag = desk.ask("GET", ROOM).headers["etag"]
    back_up(stage)
    desk.ask("POST", f"{ROOM}/calls/{made['id']}/attended")
    changed = desk.ask("PUT", ROOM, SETTINGS | {"title": "Entrada"}, If_Match=etag)
    assert changed.status == 200, changed.body
    lose(stage, "panels")

    assert restore() == 0

    assert desk.ask("GET", ROOM).json["title"] == "Entrada"
    assert [event["type"] for event in desk.ask("GET", f"{ROOM}/calls").json["events"]] == [
        "call",
        "attended",
    ]
    assert len(desk.ask("GET", "/v1/panels").json["panels"]) == 2


def test_given_calls_since_the_backup_but_no_head_then_the_next_call_takes_a_free_number(
    desk: Desk,
) -> None:
    back_up(desk.stage)
    call(desk)
    call(desk)
    lose(desk.stage, "head")

    assert restore() == 0

    assert call(desk)["seq"] == 3


def test_given_a_panel_made_anew_since_then_it_counts_on_after_the_calls_that_come_back(
    desk: Desk,
) -> None:
    call(desk)
    call(desk)
    back_up(desk.stage)
    lose(desk.stage, "panels", "head", "event", "call")
    for panel in (PANEL, OTHER_PANEL):
        desk.ask("PUT", f"/v1/panels/{panel}", SETTINGS, If_None_Match="*")

    assert restore() == 0

    assert call(desk)["seq"] == 3


def test_given_what_has_expired_then_it_does_not_come_back(desk: Desk) -> None:
    call(desk)
    back_up(desk.stage)
    lose(desk.stage, "event", "call")
    life_s = int(items(desk.stage, "audit")[0]["expires_at"]["N"])

    Copying(desk.stage.dynamodb, COPY, "state", lambda: life_s - 100 * DAY_S).run()
    assert items(desk.stage, "event", "call") == []


def test_given_a_time_then_the_copy_is_made_and_deleted_only_when_asked(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    call(desk)
    tables = desk.stage.dynamodb.list_tables

    assert restore("--at", "2026-01-31T08:00:00-03:00") == 0
    assert COPY in tables()["TableNames"]
    assert restore("--delete-copy") == 0
    assert COPY not in tables()["TableNames"]

    told = capsys.readouterr()
    assert "call\t0 restored\t1 there already\t0 left out" in told.out
    assert "Maria" not in told.out + told.err


def test_given_a_copy_that_is_there_when_a_time_is_given_then_nothing_is_changed(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    back_up(desk.stage)
    before = items(desk.stage)

    assert restore("--at", "2026-01-31T08:00:00Z", "--delete-copy") == 1

    assert "TableAlreadyExistsException" in capsys.readouterr().err
    assert items(desk.stage) == before
    assert COPY in desk.stage.dynamodb.list_tables()["TableNames"]


def test_given_a_put_that_fails_then_the_copy_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    back_up(desk.stage)
    lose(desk.stage)
    desk.stage.dynamodb.delete_table(TableName="state")

    assert restore("--delete-copy") == 1

    assert "ResourceNotFoundException" in capsys.readouterr().err
    assert COPY in desk.stage.dynamodb.list_tables()["TableNames"]


def test_given_no_copy_then_it_says_so(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert restore("--delete-copy") == 1
    assert "--at makes it" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [["--copy", "state"], ["--at", "2026-01-31T08:00:00"], ["--at", "yesterday"]]
)
def test_given_the_table_itself_or_a_time_without_a_zone_then_it_is_refused(
    desk: Desk, wrong: list[str]
) -> None:
    with pytest.raises(SystemExit):
        restore(*wrong)


class Making:
    """DynamoDB that makes a table while it is asked about."""

    exceptions = property(lambda _: boto3.client("dynamodb").exceptions)

    def __init__(self, *statuses: str) -> None:
        self._statuses = iter(statuses)

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        assert TableName == COPY
        return {"Table": {"TableStatus": next(self._statuses)}}


def test_given_a_copy_in_the_making_then_it_is_awaited_for_hours(
    stage: Stage, pauses: list[float]
) -> None:
    dynamodb: Any = Making(*["CREATING"] * 1000, "ACTIVE")
    point_in_time.wait(dynamodb, COPY)
    assert sum(pauses) > 5 * 3600


def test_given_a_copy_that_is_going_then_it_is_not_awaited(stage: Stage) -> None:
    dynamodb: Any = Making("DELETING")
    with pytest.raises(point_in_time.NoCopyError):
        point_in_time.wait(dynamodb, COPY)
