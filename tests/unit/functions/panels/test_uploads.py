"""Lists of patients that the desk uploads."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.unit.functions.panels.conftest import Room

FILE = b"""\
ticket;name;place
A001;Ana;Sala 1
;;Sala 2
A002;;
;Caio;Sala 3
"""


def _start(room: Room, file_name: str = "Lista de março.CSV", **headers: str) -> Any:
    answer = room.operator("POST", "/uploads", {"file_name": file_name}, **headers)
    assert answer.status == 201, answer.body
    return answer.json


def _put(room: Room, upload: Any, content: bytes = FILE) -> dict[str, Any]:
    return room.stage.upload(f"uploads/panels/recepcao/{upload['id']}", content)


def _waiting(room: Room) -> list[Any]:
    entries = room.operator("GET", "/waiting").json["waiting"]
    return [(entry["ticket"], entry["name"], entry["place"]) for entry in entries]


def test_given_a_place_for_a_file_then_a_browser_can_put_it_there(room: Room) -> None:
    upload = _start(room)

    put = requests.put(upload["url"], data=FILE, headers=upload["headers"], timeout=5)

    assert put.status_code == 200
    assert (upload["method"], upload["headers"]) == ("PUT", {"Content-Type": "text/csv"})
    assert "X-Amz-Signature" in upload["url"]
    assert "content-type" in upload["url"]
    found = room.stage.s3.get_object(
        Bucket="phrases", Key=f"uploads/panels/recepcao/{upload['id']}"
    )
    assert found["Body"].read() == FILE
    assert "Lista" not in json.dumps(upload)


def test_given_a_list_then_its_patients_wait_and_their_calls_are_rendered(room: Room) -> None:
    upload = _start(room)
    assert room.operator("GET", f"/uploads/{upload['id']}").status == 404

    assert room.stage.notify("prerender", _put(room, upload)) == []

    progress = room.operator("GET", f"/uploads/{upload['id']}").json
    assert (progress["status"], progress["accepted"], progress["rejected"]) == ("rendering", 3, 1)
    assert _waiting(room) == [
        ("A001", "Ana", "Sala 1"),
        ("A002", None, None),
        (None, "Caio", "Sala 3"),
    ]
    assert room.stage.render_all("bulk") == 4  # A002 may be called to either of two places
    report = room.operator("GET", f"/uploads/{upload['id']}").json
    assert (report["status"], report["rendered"]) == ("done", 3)
    assert [(row["line"], row["field"]) for row in report["rejected_rows"]] == [(3, "row")]
    call = room.operator("POST", "/calls/next").json
    speech = room.device("GET", f"/calls/{call['id']}/speech").json
    assert (speech["cached"], call["name"]) == (True, "Ana")


def test_given_a_row_that_may_be_called_to_two_places_then_the_first_counts_it(
    room: Room,
) -> None:
    upload = _start(room)
    room.stage.notify("prerender", _put(room, upload, b"ticket\nA002\n"))
    first, second = room.stage.queued("bulk")

    room.stage.host.faults.append("rejected")
    room.stage.render([second])
    room.stage.render([first])

    report = room.operator("GET", f"/uploads/{upload['id']}").json
    assert (report["rendered"], report["failed"]) == (1, 0)


def test_given_an_event_that_comes_again_then_nobody_waits_twice_nor_comes_back(
    room: Room,
) -> None:
    event = _put(room, _start(room))
    room.stage.notify("prerender", event)
    room.operator("POST", "/calls/next")

    room.stage.notify("prerender", event, event)

    assert [name for _, name, _ in _waiting(room)] == [None, "Caio"]


def test_given_a_crash_amid_a_list_then_everybody_waits_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panels.waiting._TOGETHER", 10)
    room.change(places=[])
    rows = b"".join(b"A%03d\n" % number for number in range(13))
    event = _put(room, _start(room), b"ticket\n" + rows)

    def crash(*_: object) -> None:
        raise RuntimeError("the Lambda timed out")

    with monkeypatch.context() as crashing:
        crashing.setattr("speech.uploads.UploadLedger.expanded", crash)
        assert room.stage.notify("prerender", event) == ["m0"]
    for _ in range(2):
        room.operator("POST", "/calls/next")

    assert room.stage.notify("prerender", event) == []

    tickets = [ticket for ticket, _, _ in _waiting(room)]
    assert tickets == [f"A{number:03d}" for number in range(2, 13)]


def test_given_a_row_with_a_text_then_it_is_rendered_and_nobody_waits(room: Room) -> None:
    upload = _start(room, "avisos.txt")
    room.stage.notify("prerender", _put(room, upload, "A farmácia fecha às 18h.\n".encode()))

    room.stage.render_all("bulk")

    assert _waiting(room) == []
    call = room.call({"text": "A farmácia fecha às 18h."})
    assert room.device("GET", f"/calls/{call['id']}/speech").json["cached"] is True


def test_given_a_list_for_no_panel_then_it_is_refused(room: Room) -> None:
    key = "uploads/panels/nenhum/lista.csv"

    assert room.stage.notify("prerender", room.stage.upload(key, FILE)) == []

    report = room.stage.beside(key, "report")
    assert (report["status"], report["reason"]) == ("rejected", "no such panel")


def test_given_the_same_request_again_then_it_names_the_same_place(room: Room) -> None:
    first, again = (_start(room, key="k1") for _ in range(2))

    assert first["id"] == again["id"]
    assert _start(room)["id"] != first["id"]


@pytest.mark.parametrize("file_name", ["lista.xlsx", "lista", "csv", ""])
def test_given_a_file_of_another_kind_then_it_is_refused(room: Room, file_name: str) -> None:
    assert room.operator("POST", "/uploads", {"file_name": file_name}).status == 422


def test_given_no_upload_or_another_panels_then_it_is_not_found(room: Room) -> None:
    assert room.operator("GET", f"/uploads/{'0' * 32}.csv").status == 404
    assert room.operator("GET", "/uploads/nonsense").status == 422
