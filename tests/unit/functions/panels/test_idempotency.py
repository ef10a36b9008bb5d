"""A request that comes twice, as when its first answer was lost."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from access.scopes import OPERATOR
from infra.access.keys import create_key
from tests.unit.functions.panels.conftest import MARIA, ROOM, Room


def test_given_the_same_key_and_body_then_the_first_answer_comes_again(room: Room) -> None:
    first = room.operator("POST", "/calls", MARIA, key="k1")
    room.operator("POST", f"/calls/{first.json['id']}/attended")

    again = room.operator("POST", "/calls", MARIA, key="k1")

    assert (again.status, again.json) == (201, first.json)
    assert [event["type"] for event in room.events(0)] == ["call", "attended"]


@pytest.mark.parametrize("action", ["cancel", "attended", "no-show", "recall", "transfer"])
def test_given_an_action_sent_twice_then_it_is_taken_once(room: Room, action: str) -> None:
    call = room.call()

    answers = [room.operator("POST", f"/calls/{call['id']}/{action}", key="k1") for _ in range(2)]

    assert answers[0].status in {200, 201}
    assert answers[0].json == answers[1].json
    assert len(room.events(0)) == 2


def test_given_next_sent_twice_then_one_patient_is_called(room: Room) -> None:
    room.check_in({"name": "Ana"}, {"name": "Bia"})

    answers = [room.operator("POST", "/calls/next", {}, key="k1") for _ in range(2)]

    assert [answer.json["name"] for answer in answers] == ["Ana", "Ana"]


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        ("/calls", MARIA, {"name": "segredo"}),
        ("/calls/next", {}, {"place": "segredo"}),
        ("/waiting", {"entries": [MARIA]}, {"entries": [{"name": "segredo"}]}),
        ("/uploads", {"file_name": "a.csv"}, {"file_name": "segredo.csv"}),
    ],
)
def test_given_the_same_key_with_another_request_then_it_is_refused(
    room: Room, path: str, body: Any, other: Any
) -> None:
    room.check_in({"name": "Ana"}, {"name": "Bia"})
    assert room.operator("POST", path, body, key="k1").status == 201
    before = room.stage.dynamodb.scan(TableName="state")["Items"]

    answer = room.operator("POST", path, other, key="k1")

    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"
    assert "segredo" not in answer.body
    assert room.stage.dynamodb.scan(TableName="state")["Items"] == before


def test_given_a_key_of_one_route_then_another_route_refuses_it(room: Room) -> None:
    call = room.operator("POST", "/calls", MARIA, key="k1").json

    assert room.operator("POST", f"/calls/{call['id']}/attended", key="k1").status == 422


def test_given_two_operators_with_the_same_key_then_each_has_a_call(room: Room) -> None:
    other = create_key(room.stage.dynamodb, "state", "Triagem", OPERATOR)
    colleague = replace(room, operator_token=other)

    calls = [desk.operator("POST", "/calls", MARIA, key="k1").json for desk in (room, colleague)]

    assert [call["seq"] for call in calls] == [1, 2]


def test_given_another_key_then_it_is_another_call(room: Room) -> None:
    calls = [room.operator("POST", "/calls", MARIA, key=key).json for key in ("k1", "k2")]

    assert calls[0]["id"] != calls[1]["id"]


def test_given_a_day_has_passed_then_the_key_is_new(room: Room) -> None:
    room.operator("POST", "/calls", MARIA, key="k1")
    table = room.stage.dynamodb
    [kept] = [
        item
        for item in table.scan(TableName="state")["Items"]
        if item["sk"]["S"].startswith("idem#")
    ]
    assert 86_000 < int(kept["expires_at"]["N"]) - time.time() <= 86_400
    table.delete_item(TableName="state", Key={"pk": kept["pk"], "sk": kept["sk"]})

    assert room.operator("POST", "/calls", MARIA, key="k1").json["seq"] == 2


def test_given_a_request_with_a_name_then_no_hash_of_it_that_could_be_guessed_is_kept(
    room: Room,
) -> None:
    room.operator("POST", "/calls", MARIA, key="k1")
    [kept] = [
        item
        for item in room.stage.dynamodb.scan(TableName="state")["Items"]
        if item["sk"]["S"].startswith("idem#")
    ]

    request = f"POST {ROOM}/calls\n{json.dumps(MARIA)}".encode()
    secret = b"a secret for tests"
    assert kept["digest"]["S"] == hmac.new(secret, request, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("key", ["a" * 65, "a b", "ção"])
def test_given_a_key_that_is_none_then_it_is_refused(room: Room, key: str) -> None:
    headers = {"Authorization": f"Bearer {room.operator_token}", "Idempotency-Key": key}

    answer = room.stage.api("POST", f"{ROOM}/calls", MARIA, headers)

    assert answer.status == 422
    assert room.events(0) == []
