"""What the desk does with calls."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.unit.functions.panels.conftest import MARIA, ROOM, Room

NOBODY = "0" * 32


def test_given_a_call_then_screens_get_it_and_it_is_rendered_at_once(room: Room) -> None:
    call = room.call()

    assert call["status"] == "calling"
    assert {name: call[name] for name in MARIA} == MARIA
    [event] = room.events(0)
    assert (event["seq"], event["type"], event["call"]) == (1, "call", call)
    assert room.stage.render_all("live") == 1
    assert room.stage.host.spoken == ["Maria da Silva, Consultório 3"]
    speech = room.device("GET", f"/calls/{call['id']}/speech")
    assert (speech.status, speech.json["cached"]) == (200, True)
    assert speech.json["id"].startswith("personal.maria.")
    assert speech.json["id"].endswith(".mp3")


def test_given_a_screen_that_asks_first_then_it_has_the_speech_rendered(room: Room) -> None:
    call = room.call()

    first = room.device("GET", f"/calls/{call['id']}/speech", Prefer="wait=2")
    room.stage.render_all("live")

    assert (first.status, first.json["cached"]) == (200, False)
    assert first.headers["preference-applied"] == "wait=2"
    assert len(room.stage.host.spoken) == 1


def test_given_a_busy_host_then_a_screen_is_told_when_to_ask_again(room: Room) -> None:
    call = room.call()
    room.stage.host.faults.append("busy")

    answer = room.device("GET", f"/calls/{call['id']}/speech")

    assert (answer.status, answer.headers["retry-after"]) == (202, "2")


def test_given_free_words_then_they_are_spoken_as_they_are(room: Room) -> None:
    call = room.call({"text": "A farmácia  fecha às 18h."})

    room.stage.render_all("live")

    assert (call["text"], call["name"]) == ("A farmácia fecha às 18h.", None)
    assert room.stage.host.spoken == ["A farmácia fecha às 18h."]
    assert room.events(0, device=True)[0]["call"]["text"] == "A farmácia fecha às 18h."


@pytest.mark.parametrize(
    ("settings", "wanted", "spoken"),
    [
        ({"say": "name"}, MARIA, ["Maria da Silva", "Consultório 3"]),
        ({"say": "ticket"}, MARIA, ["A042", "Consultório 3"]),
        ({"say": "name_and_ticket"}, MARIA, ["A042", "Maria da Silva", "Consultório 3"]),
        ({"say": "name"}, {"ticket": "A042"}, ["A042"]),
        ({"say": "ticket"}, {"name": "Ana"}, ["Ana"]),
        ({"template": "Atenção, {nome}, {local}!"}, MARIA,
         ["Atenção, Maria da Silva, Consultório 3!"]),
        ({"template": "Atenção, {nome}, dirija-se a {local}."}, {"name": "Ana"}, ["Atenção, Ana"]),
        ({"template": "{local}: {nome}."}, {"name": "Ana"}, ["Ana."]),
        ({"template": "Atenção, {nome}."}, {"ticket": "A042"}, ["Atenção, A042."]),
        ({"template": "Senha {senha}."}, {"name": "Ana"}, ["Senha Ana."]),
        ({"template": "Senha {senha}, {nome}, {local}."}, {"ticket": "A1", "place": "Sala 2"},
         ["Senha A1, Sala 2."]),
        ({"template": "Senha {senha} de {nome}."}, {"name": "Ana"}, ["Ana"]),
    ],
)  # fmt: skip
def test_given_settings_then_a_call_is_said_in_their_words(
    room: Room, settings: dict[str, Any], wanted: dict[str, str], spoken: list[str]
) -> None:
    room.change(**settings)

    room.call(wanted)
    room.stage.render_all("live")

    assert room.stage.host.spoken == [", ".join(spoken)]


def test_given_a_panel_with_a_voice_then_it_speaks_with_that_voice(room: Room) -> None:
    room.change(voice="joao")

    room.call()
    room.stage.render_all("live")

    [request] = room.stage.host.requests
    assert (request["voice"], request["format"]) == ("joao", "mp3")


@pytest.mark.parametrize(
    ("action", "status"),
    [("cancel", "cancelled"), ("attended", "attended"), ("no-show", "no_show")],
)
def test_given_a_call_when_it_is_settled_then_all_desks_and_screens_know(
    room: Room, action: str, status: str
) -> None:
    call = room.call()

    answer = room.operator("POST", f"/calls/{call['id']}/{action}")

    assert (answer.status, answer.json) == (200, call | {"status": status})
    [event] = room.events(1)
    assert (event["seq"], event["type"], event["call"]["id"]) == (2, status, call["id"])


@pytest.mark.parametrize(
    ("before", "then", "possible"),
    [
        ("attended", "cancel", []),
        ("cancel", "attended", []),
        ("cancel", "recall", []),
        ("attended", "recall", []),
        ("no-show", "transfer", ["recall"]),
        ("transfer", "no-show", []),
    ],
)
def test_given_a_settled_call_when_more_is_done_with_it_then_what_is_possible_is_said(
    room: Room, before: str, then: str, possible: list[str]
) -> None:
    call = room.call()
    assert room.operator("POST", f"/calls/{call['id']}/{before}").status == 200

    answer = room.operator("POST", f"/calls/{call['id']}/{then}")

    assert answer.status == 409
    assert answer.json["title"] == "Conflict"
    assert answer.json["errors"][0].get("allowed", []) == possible
    assert len(room.events(0)) == 2


def test_given_free_words_then_nobody_can_be_transferred(room: Room) -> None:
    call = room.call({"text": "Bom dia."})

    assert room.operator("POST", f"/calls/{call['id']}/transfer").status == 409


def test_given_nobody_came_when_called_once_more_then_it_is_a_new_call(room: Room) -> None:
    first = room.call()
    room.operator("POST", f"/calls/{first['id']}/no-show")
    room.stage.render_all("live")

    again = room.operator("POST", f"/calls/{first['id']}/recall")

    assert again.status == 201
    assert again.json["id"] != first["id"]
    assert again.json["recall_of"] == first["id"]
    assert {name: again.json[name] for name in MARIA} == MARIA
    assert [event["type"] for event in room.events(0)] == ["call", "no_show", "call"]
    assert room.stage.queued("live") == []


def test_given_a_transfer_then_the_patient_waits_there_and_is_rendered_ahead(room: Room) -> None:
    room.elsewhere("PUT", "/v1/panels/coleta", {"title": "Coleta"}, If_None_Match="*")
    call = room.call()
    body = {"panel": "coleta", "place": "Sala de coleta"}

    answer = room.operator("POST", f"/calls/{call['id']}/transfer", body)

    assert (answer.status, answer.json["status"]) == (200, "transferred")
    assert room.operator("GET", "/waiting").json["waiting"] == []
    listed = room.elsewhere("GET", "/v1/panels/coleta/waiting")
    [waits] = listed.json["waiting"]
    assert (waits["name"], waits["place"]) == ("Maria da Silva", "Sala de coleta")
    room.stage.render_all("bulk")
    assert room.stage.host.spoken == ["Maria da Silva, Sala de coleta"]


def test_given_a_transfer_to_no_panel_then_the_call_stays_as_it_is(room: Room) -> None:
    call = room.call()

    answer = room.operator("POST", f"/calls/{call['id']}/transfer", {"panel": "nenhum"})

    assert answer.status == 404
    assert [event["type"] for event in room.events(0)] == ["call"]


def test_given_people_who_wait_then_next_calls_the_longest_waiting_for_the_place(
    room: Room,
) -> None:
    room.check_in({"name": "Ana", "place": "Raio X"}, {"name": "Bia"}, {"name": "Caio"})

    bia = room.operator("POST", "/calls/next", {"place": "Consultório 1"}).json
    ana = room.operator("POST", "/calls/next").json
    caio = room.operator("POST", "/calls/next", {}).json

    assert (bia["name"], bia["place"]) == ("Bia", "Consultório 1")
    assert (ana["name"], ana["place"]) == ("Ana", "Raio X")
    assert (caio["name"], caio["place"]) == ("Caio", None)
    nobody = room.operator("POST", "/calls/next")
    assert (nobody.status, nobody.body) == (204, "")


def test_given_somebody_who_waits_when_they_are_called_then_they_leave_the_list(
    room: Room,
) -> None:
    ana, bia = room.check_in({"name": "Ana", "place": "Raio X"}, {"name": "Bia"})

    called = [
        room.call({"waiting": bia, "place": "Consultório 1"}),
        room.call({"waiting": ana}),
    ]

    assert [(call["name"], call["place"]) for call in called] == [
        ("Bia", "Consultório 1"),
        ("Ana", "Raio X"),
    ]
    assert room.operator("GET", "/waiting").json["waiting"] == []
    assert room.operator("POST", "/calls", {"waiting": ana}).status == 404


@pytest.mark.parametrize("path", ["attended", "cancel", "no-show", "recall", "transfer"])
def test_given_no_such_call_then_it_is_not_found(room: Room, path: str) -> None:
    assert room.operator("POST", f"/calls/{NOBODY}/{path}").status == 404
    assert room.operator("GET", f"/calls/{NOBODY}/speech").status == 404


def test_given_no_such_panel_then_it_is_not_found(room: Room) -> None:
    for method, path, body in [
        ("GET", "/calls", None),
        ("POST", "/calls", {"name": "Ana"}),
        ("POST", "/calls/next", None),
        ("GET", "/waiting", None),
        ("POST", "/waiting", {"entries": [{"name": "Ana"}]}),
        ("GET", "/audit", None),
        ("POST", "/uploads", {"file_name": "a.csv"}),
        ("GET", "", None),
    ]:
        answer = room.elsewhere(method, f"/v1/panels/nenhum{path}", body)
        assert answer.status == 404, (method, path, answer.body)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "body"),
        ({"place": "Sala 1"}, "body"),
        ({"name": "segredo", "text": "segredo"}, "body"),
        ({"text": "segredo", "place": "Sala 1"}, "body"),
        ({"name": "segredo", "waiting": "1763816400000-000000-5f0c2b1e"}, "body"),
        ({"waiting": "segredo"}, "waiting"),
        ({"name": "segredo" * 100}, "name"),
        ({"ticket": "\x07"}, "ticket"),
        ({"nome": "segredo"}, "nome"),
    ],
)
def test_given_a_call_that_is_none_then_what_is_wrong_is_said_without_quoting(
    room: Room, wanted: dict[str, Any], field: str
) -> None:
    answer = room.operator("POST", "/calls", wanted)

    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert "segredo" not in answer.body
    assert room.events(0) == []


@pytest.mark.parametrize("content_type", ["text/plain", ""])
def test_given_a_body_that_is_no_json_then_it_is_refused_also_where_it_may_be_left_out(
    room: Room, content_type: str
) -> None:
    headers = {"Authorization": f"Bearer {room.operator_token}", "Content-Type": content_type}

    for path in ("/calls", "/calls/next"):
        answer = room.stage.api("POST", ROOM + path, raw="place=1", headers=headers)
        assert answer.status == 415


def test_given_queues_that_fail_then_the_call_stands_and_a_screen_has_it_rendered(
    room: Room,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    log: io.StringIO,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Maria da Silva")

    with monkeypatch.context() as failing:
        failing.setattr("speech.queues.RenderQueues.send", fail)
        call = room.call()
        room.check_in(MARIA)

    assert "NotRenderedAhead" in capsys.readouterr().out
    assert "speech was not queued" in log.getvalue()
    assert "Maria" not in log.getvalue()
    assert room.device("GET", f"/calls/{call['id']}/speech").status == 200


def test_given_a_host_that_was_never_seen_then_calls_are_shown_all_the_same(room: Room) -> None:
    room.stage.host.up = False
    room.stage.restart()

    call = room.call()

    assert room.events(0, device=True)[0]["call"]["id"] == call["id"]


def test_given_calls_then_they_are_counted_and_nobody_is_named(
    room: Room, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    capsys.readouterr()
    for action in ("cancel", "attended", "no-show", "transfer"):
        room.operator("POST", f"/calls/{room.call()['id']}/{action}")

    written = capsys.readouterr().out
    for name in ("CallAnnounced", "CallCancelled", "CallAttended", "CallNoShow", "CallTransferred"):
        assert name in written
    assert "Maria" not in written + log.getvalue()
    keys = room.stage.dynamodb.scan(TableName="state", ProjectionExpression="pk, sk")["Items"]
    assert "Maria" not in json.dumps(keys)
