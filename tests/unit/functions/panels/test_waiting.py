"""Who checks in, and what is rendered before anybody is called."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.functions.panels.conftest import MARIA, Room


def _waiting(room: Room) -> list[Any]:
    listed: list[Any] = room.operator("GET", "/waiting").json["waiting"]
    return listed


def _speech_id(room: Room, call: Any) -> str:
    answer = room.device("GET", f"/calls/{call['id']}/speech")
    assert (answer.status, answer.json["cached"]) == (200, True)
    speech_id: str = answer.json["id"]
    return speech_id


def test_given_patients_who_check_in_then_they_wait_in_order(room: Room) -> None:
    ids = room.check_in(*({"ticket": f"A{number:03d}"} for number in range(120)))

    waiting = _waiting(room)

    assert [entry["id"] for entry in waiting] == ids
    assert [entry["ticket"] for entry in waiting] == [f"A{number:03d}" for number in range(120)]
    assert waiting[0]["since"].endswith("Z")


def test_given_a_patient_who_checked_in_when_called_then_the_speech_is_there(room: Room) -> None:
    room.check_in(MARIA)
    assert room.stage.render_all("bulk") == 1

    call = room.operator("POST", "/calls/next").json

    assert _speech_id(room, call)
    assert room.stage.queued("live") == []
    assert room.stage.host.spoken == ["Maria da Silva, Consultório 3"]
    assert {one["headers"]["CTV-Priority"] for one in room.stage.host.requests} == {"bulk"}


@pytest.mark.parametrize("template", [None, "Atenção, {nome}, {local}."])
def test_given_no_place_when_called_to_any_of_the_panels_then_the_speech_is_there(
    room: Room, template: str | None
) -> None:
    room.change(template=template, voice="joao", say="name_and_ticket")
    room.check_in({"ticket": "A042", "name": "Maria da Silva"})
    assert room.stage.render_all("bulk") == 2

    call = room.operator("POST", "/calls/next", {"place": "Consultório 2"}).json

    assert _speech_id(room, call).startswith("personal.joao.")
    assert len(room.stage.host.requests) == 2


def test_given_a_panel_of_many_places_then_four_are_rendered_ahead(room: Room) -> None:
    room.change(places=[f"Sala {number}" for number in range(1, 8)])

    room.check_in({"name": "Ana"})

    assert room.stage.render_all("bulk") == 4


def test_given_somebody_who_left_then_next_does_not_call_them(room: Room) -> None:
    ana, bia = room.check_in({"name": "Ana"}, {"name": "Bia"})

    assert room.operator("DELETE", f"/waiting/{ana}").status == 204

    assert [entry["id"] for entry in _waiting(room)] == [bia]
    assert room.operator("DELETE", f"/waiting/{ana}").status == 404
    assert room.operator("POST", "/calls/next").json["name"] == "Bia"


def test_given_the_same_request_again_then_nobody_waits_twice_nor_comes_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panels.waiting._TOGETHER", 10)
    room.change(places=[])
    body = {"entries": [{"ticket": f"A{number:03d}"} for number in range(11)]}
    first = room.operator("POST", "/waiting", body, key="check-in-1")
    room.operator("POST", "/calls/next")

    again = room.operator("POST", "/waiting", body, key="check-in-1")

    assert (again.status, again.json) == (201, first.json)
    assert len(_waiting(room)) == 10


def test_given_a_crash_amid_a_long_list_then_the_same_request_completes_it(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panels.waiting._TOGETHER", 10)
    room.change(places=[])
    body = {"entries": [{"ticket": f"A{number:03d}"} for number in range(15)]}
    written: list[object] = []
    write = room.stage.dynamodb.transact_write_items

    def crash_at_the_second(**request: Any) -> Any:
        written.append(request)
        if len(written) == 2:
            raise RuntimeError("the Lambda timed out")
        return write(**request)

    with monkeypatch.context() as crashing:
        crashing.setattr(room.stage.dynamodb, "transact_write_items", crash_at_the_second)
        assert room.operator("POST", "/waiting", body, key="k").status == 500
    assert len(_waiting(room)) == 10

    again = room.operator("POST", "/waiting", body, key="k")

    assert again.status == 201
    waiting = _waiting(room)
    assert [entry["ticket"] for entry in waiting] == [f"A{number:03d}" for number in range(15)]
    assert again.json["ids"] == [entry["id"] for entry in waiting]


@pytest.mark.parametrize(
    ("entries", "field"),
    [
        ([], "entries"),
        ([{"name": "a"}] * 501, "entries"),
        ([{"name": "Ana"}, {"place": "segredo"}], "entries[1]"),
        ([{"name": "Ana"}, {"name": "segredo" * 50}], "entries[1].name"),
    ],
)
def test_given_a_bad_list_then_it_is_refused_whole(
    room: Room, entries: list[Any], field: str
) -> None:
    answer = room.operator("POST", "/waiting", {"entries": entries})

    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == field
    assert "segredo" not in answer.body
    assert _waiting(room) == []


def test_given_a_body_over_64_kib_then_a_list_may_have_it(room: Room) -> None:
    room.change(places=[])
    entries = [{"name": f"{'Á' * 190} {number}"} for number in range(60)]

    assert len(room.check_in(*entries)) == 60
