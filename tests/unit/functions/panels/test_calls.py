"""What the desk does with calls, and what screens get of it."""

from __future__ import annotations

from tests.unit.functions.panels.conftest import MARIA, Room


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
    assert speech.json["id"].endswith(".mp3")
