"""Panels, their settings, and the record of what was done."""

from __future__ import annotations

import importlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from access.scopes import OPERATOR
from access.tokens import TokenStore
from panels.audit import Author
from panels.calls import Patient
from panels.panel_settings import PanelSettings
from tests.unit.functions.panels.conftest import MARIA, SETTINGS, Room

WHOLE = {
    "title": "Recepção",
    "show": "name_and_ticket",
    "say": "ticket",
    "template": "Senha {senha}, {local}",
    "voice": "joao",
    "repeats": 3,
    "chime": "none",
    "volume": 0.5,
    "quiet_hours": {"from": "22:00", "to": "06:00"},
    "time_zone": "America/Recife",
    "places": ["Consultório 1", "Sala 2"],
    "history": 6,
    "pictures": ["media/horta.webp", "media/avisos/vacina.mp4"],
    "theme": "auto",
}


def test_given_settings_then_they_are_kept_whole(room: Room) -> None:
    etag = room.operator("GET", "").headers["etag"]

    changed = room.operator("PUT", "", WHOLE, If_Match=etag)

    assert (changed.status, changed.json) == (200, WHOLE)
    read = room.device("GET", "")
    assert (read.json, read.headers["etag"]) == (WHOLE, changed.headers["etag"])
    assert read.headers["etag"] != etag


def test_given_only_a_title_then_the_rest_has_its_defaults(room: Room) -> None:
    made = room.elsewhere("PUT", "/v1/panels/coleta", {"title": "Coleta"}, If_None_Match="*")

    assert made.status == 201
    assert made.json == {
        "title": "Coleta",
        "show": "name",
        "say": "name",
        "template": None,
        "voice": None,
        "repeats": 2,
        "chime": "two_tones",
        "volume": 1.0,
        "quiet_hours": None,
        "time_zone": "America/Fortaleza",
        "places": [],
        "history": 5,
        "pictures": [],
        "theme": "dark",
    }


def test_given_two_who_change_then_the_second_learns_of_the_first(room: Room) -> None:
    etag = room.operator("GET", "").headers["etag"]
    assert room.operator("PUT", "", SETTINGS | {"title": "A"}, If_Match=etag).status == 200

    second = room.operator("PUT", "", SETTINGS | {"title": "B"}, If_Match=etag)

    assert (second.status, second.json["title"]) == (412, "Precondition failed")
    assert room.operator("GET", "").json["title"] == "A"


@pytest.mark.parametrize("etag", ["nonsense", '"0"', "", '"²"'])
def test_given_an_etag_that_never_was_then_nothing_changes(room: Room, etag: str) -> None:
    assert room.operator("PUT", "", WHOLE, If_Match=etag).status == 412


def test_given_a_panel_that_is_there_then_it_is_not_made_again(room: Room) -> None:
    room.call()

    assert room.operator("PUT", "", WHOLE, If_None_Match="*").status == 412
    assert room.operator("GET", "").json["theme"] == "dark"
    assert len(room.events(0)) == 1


def test_given_no_condition_then_one_is_asked_for(room: Room) -> None:
    answer = room.operator("PUT", "", SETTINGS)

    assert answer.status == 428
    assert "If-Match" in answer.json["detail"]


def test_given_a_panel_that_is_not_there_then_it_cannot_be_changed(room: Room) -> None:
    assert room.elsewhere("PUT", "/v1/panels/x", SETTINGS, If_Match='"1"').status == 404


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "a" * 81}, "title"),
        ({"show": "segredo"}, "show"),
        ({"template": "Atenção, {segredo}"}, "template"),
        ({"template": "Atenção, {local}"}, "template"),
        ({"template": "Atenção, {nome"}, "template"),
        ({"template": "Atenção, {nome.__class__}"}, "template"),
        ({"voice": "segredo"}, "voice"),
        ({"repeats": 4}, "repeats"),
        ({"volume": 1.1}, "volume"),
        ({"quiet_hours": {"from": "24:00", "to": "06:00"}}, "quiet_hours.from"),
        ({"time_zone": "Europe/Lisbon"}, "time_zone"),
        ({"places": ["Sala 1", "SALA 1"]}, "places"),
        ({"places": ["a"] * 21}, "places"),
        ({"pictures": ["media/../segredo.png"]}, "pictures[0]"),
        ({"pictures": ["https://segredo.org/a.png"]}, "pictures[0]"),
        ({"history": 3}, "history"),
        ({"segredo": 1}, "segredo"),
    ],
)
def test_given_a_setting_that_is_none_then_it_is_named(
    room: Room, settings: dict[str, Any], field: str
) -> None:
    answer = room.operator("PUT", "", SETTINGS | settings, If_Match='"1"')

    assert answer.status == 422, answer.body
    assert answer.json["errors"][0]["field"] == field
    if field != "segredo":
        assert "segredo" not in answer.body
    assert room.operator("GET", "").headers["etag"] == '"1"'


@pytest.mark.parametrize("panel", ["Recepcao", "-a", "a" * 41, "a_b"])
def test_given_no_panels_id_then_it_is_refused(room: Room, panel: str) -> None:
    assert room.elsewhere("GET", f"/v1/panels/{panel}").status == 422


def test_given_panels_then_all_are_listed_with_who_waits(room: Room) -> None:
    room.elsewhere("PUT", "/v1/panels/coleta", {"title": "Coleta"}, If_None_Match="*")
    room.check_in({"name": "Ana"}, {"name": "Bia"})

    listed = room.elsewhere("GET", "/v1/panels").json["panels"]

    assert [(one["panel"], one["waiting"]) for one in listed] == [("coleta", 0), ("recepcao", 2)]
    assert listed[1]["settings"]["places"] == SETTINGS["places"]
    assert [one["devices"] for one in listed] == [[], []]


def test_given_who_waited_too_long_then_nobody_counts_them(room: Room) -> None:
    room.check_in({"name": "Ana"}, {"name": "Bia"})
    table = room.stage.dynamodb
    ana = next(i for i in table.scan(TableName="state")["Items"] if "Ana" in str(i))
    table.put_item(TableName="state", Item=ana | {"expires_at": {"N": str(int(time.time()) - 1)}})

    [listed] = room.elsewhere("GET", "/v1/panels").json["panels"]

    assert listed["waiting"] == 1


def test_given_a_list_of_more_than_a_megabyte_then_all_who_wait_are_counted(room: Room) -> None:
    entry = {"pk": {"S": "panel#recepcao"}, "entry": {"S": "x" * 300_000}}
    for number in range(5):
        sk = {"S": f"waiting#{number}"}
        room.stage.dynamodb.put_item(TableName="state", Item=entry | {"sk": sk})

    [listed] = room.elsewhere("GET", "/v1/panels").json["panels"]

    assert listed["waiting"] == 5


def test_given_many_panels_then_each_takes_two_questions_to_the_table_and_fifty_one_more(
    room: Room,
) -> None:
    panels = [f"sala-{number:02}" for number in range(50)]
    parts = importlib.import_module("panels.assembly").panel_parts()
    for panel in panels:
        parts.rooms.create(panel, PanelSettings(title=panel), Author("Recepção"))
    parts.waiting.join("recepcao", [Patient(name="Ana")] * 110, Author("Recepção"))

    with questions_to_the_table(room) as asked:
        listed = room.elsewhere("GET", "/v1/panels").json["panels"]

    assert [one["panel"] for one in listed] == ["recepcao", *panels]
    assert [one["settings"]["title"] for one in listed] == ["Recepção", *panels]
    assert listed[0]["waiting"] == 110
    assert asked == {"Query": 1 + 2 * 51, "BatchGetItem": 2}


def test_given_a_panel_that_lost_its_head_then_the_others_are_listed(room: Room) -> None:
    room.elsewhere("PUT", "/v1/panels/coleta", {"title": "Coleta"}, If_None_Match="*")
    head = {"pk": {"S": "panel#coleta"}, "sk": {"S": "head"}}
    room.stage.dynamodb.delete_item(TableName="state", Key=head)

    answer = room.elsewhere("GET", "/v1/panels")

    assert answer.status == 200
    assert [one["panel"] for one in answer.json["panels"]] == ["recepcao"]


def test_given_a_table_that_answers_in_parts_then_the_rest_is_asked_for_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.elsewhere("PUT", "/v1/panels/coleta", {"title": "Coleta"}, If_None_Match="*")
    answers_keys_at_a_time(room, monkeypatch, 1)

    listed = room.elsewhere("GET", "/v1/panels").json["panels"]

    assert [one["panel"] for one in listed] == ["coleta", "recepcao"]


def test_given_a_table_that_never_answers_whole_then_the_list_is_to_be_asked_for_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panels.contention.PATIENCE_S", 0.05)
    answers_keys_at_a_time(room, monkeypatch, 0)

    answer = room.elsewhere("GET", "/v1/panels")

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")


def test_given_actions_then_the_audit_tells_them_without_a_name(room: Room) -> None:
    call = room.call()
    room.operator("POST", f"/calls/{call['id']}/attended")
    room.check_in({"name": "Maria da Silva"})
    room.operator("POST", "/calls/next")

    answer = room.operator("GET", "/audit")

    entries = answer.json["entries"]
    assert [entry["action"] for entry in entries] == [
        "called_next",
        "checked_in",
        "attended",
        "called",
        "panel_created",
    ]
    called = entries[3]
    assert (called["call"], called["ticket"], called["operator"]) == (
        call["id"],
        "A042",
        "Recepção",
    )
    assert called["at"].endswith("Z")
    assert answer.json["before"] is None
    assert "Maria" not in answer.body


def test_given_two_keys_with_one_label_then_the_kept_audit_tells_them_apart(room: Room) -> None:
    table = room.stage.dynamodb
    key = TokenStore(table, "state").create_key("Recepção", [OPERATOR])
    colleague = replace(room, operator_token=key.value)
    for desk in (room, colleague):
        desk.operator("POST", "/calls", MARIA, key="k1")
        desk.operator("DELETE", f"/waiting/{desk.check_in(MARIA)[0]}")

    kept = [i for i in table.scan(TableName="state")["Items"] if i["sk"]["S"].startswith("audit#")]

    assert Counter(item["token_id"]["S"] == key.token.id for item in kept) == {True: 3, False: 4}
    assert {item["operator"]["S"] for item in kept} == {"Recepção"}
    shown = room.operator("GET", "/audit").json["entries"][0]
    assert set(shown) == {"at", "action", "call", "ticket", "operator"}


def test_given_a_long_record_then_it_is_read_page_by_page(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panels.audit.PAGE_ENTRIES", 3)
    for _ in range(4):
        room.call(MARIA)

    first = room.operator("GET", "/audit").json
    rest = room.operator("GET", f"/audit?before={first['before']}").json

    actions = [entry["action"] for entry in first["entries"] + rest["entries"]]
    assert actions == ["called"] * 4 + ["panel_created"]
    assert rest["before"] is None
    assert room.operator("GET", "/audit?before=segredo").status == 422


def test_given_everything_done_then_only_the_head_and_the_list_of_panels_last(room: Room) -> None:
    room.check_in(MARIA)
    room.operator("POST", "/calls", MARIA, key="k1")

    items = room.stage.dynamodb.scan(TableName="state")["Items"]

    lasting = {(item["pk"]["S"], item["sk"]["S"]) for item in items if "expires_at" not in item}
    assert lasting == {("panels", "recepcao"), ("panel#recepcao", "head")}
    audits = [item for item in items if item["sk"]["S"].startswith("audit#")]
    assert "Maria" not in json.dumps(audits)


@contextmanager
def questions_to_the_table(room: Room) -> Iterator[Counter[str]]:
    """Count meanwhile what is asked of the table, by name."""
    asked: Counter[str] = Counter()

    def note(model: Any, **_: Any) -> None:
        asked[model.name] += 1

    events = room.stage.dynamodb.meta.events
    events.register("provide-client-params.dynamodb", note)
    yield asked
    events.unregister("provide-client-params.dynamodb", note)


def answers_keys_at_a_time(room: Room, monkeypatch: pytest.MonkeyPatch, keys: int) -> None:
    """Have BatchGetItem process so many keys and name the others as unprocessed, as it may."""
    read = room.stage.dynamodb.batch_get_item

    def answer_in_part(RequestItems: Any) -> Any:  # noqa: N803 - boto3's name
        wanted = RequestItems["state"]
        answered, left = wanted["Keys"][:keys], wanted["Keys"][keys:]
        answer = (
            read(RequestItems={"state": wanted | {"Keys": answered}})
            if answered
            else {"Responses": {}}
        )
        unprocessed = {"state": wanted | {"Keys": left}} if left else {}
        return answer | {"UnprocessedKeys": unprocessed}

    monkeypatch.setattr(room.stage.dynamodb, "batch_get_item", answer_in_part)
