"""The waiting room's API on the deployed template: races, tokens, the day's list."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.local.stack import LocalStack
from infra.local.waiting_room import WaitingRoom
from tests.e2e.conftest import eventually

LIST = (
    "ticket,name,place\nK001,Maria das Dores,Triagem\nK002,,\n,,\nK003,José Prado,Consultório 1\n"
)


@pytest.fixture
def room(stack: LocalStack) -> Iterator[WaitingRoom]:
    if not stack.host.running():
        stack.restart_host()
    opened = WaitingRoom(stack.describe({}), f"sala-{uuid4().hex[:8]}")
    opened.open()
    yield opened
    opened.close()


def device(stack: LocalStack, token: str) -> httpx.Client:
    return httpx.Client(
        base_url=stack.settings.pages_url,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )


def test_desks_that_call_at_once_make_one_unbroken_order(room: WaitingRoom) -> None:
    # Given six desks
    # When all call at once, thirty times in all
    with ThreadPoolExecutor(6) as desks:
        calls = list(desks.map(lambda number: room.announce(ticket=f"L{number}"), range(30)))
    # Then the feed has each call once, numbered without a gap
    feed = room.ask("GET", "/calls?after=0")
    assert [event["seq"] for event in feed["events"]] == list(range(1, 31))
    assert sorted(event["call"]["id"] for event in feed["events"]) == sorted(calls)


def test_two_desks_never_call_the_same_patient(room: WaitingRoom) -> None:
    # Given twelve patients who wait
    room.check_in(*({"ticket": f"M{number:02d}"} for number in range(12)))
    # When four desks call the next one, again and again
    with ThreadPoolExecutor(4) as desks:
        called = list(desks.map(lambda _: room.ask("POST", "/calls/next", {}), range(14)))
    # Then each patient was called once, and nobody was left or made up
    assert sorted(call["ticket"] for call in called if call) == [f"M{n:02d}" for n in range(12)]


def test_a_device_reads_its_panel_and_nothing_else(stack: LocalStack, room: WaitingRoom) -> None:
    # Given a paired TV
    with device(stack, room.pair("TV")) as tv:
        # When it reads its feed, calls a patient, and looks into another room
        own = tv.get(f"/v1/panels/{room.panel}/calls")
        announce = tv.post(f"/v1/panels/{room.panel}/calls", json={"ticket": "N1"})
        other = tv.get("/v1/panels/outra-sala/calls")
        lexicon = tv.get("/v1/lexicon")
    # Then it may do the first only
    statuses = [answer.status_code for answer in (own, announce, other, lexicon)]
    assert statuses == [200, 403, 403, 403]


def test_a_revoked_device_is_out_within_ten_seconds(stack: LocalStack, room: WaitingRoom) -> None:
    # Given a paired TV that has just read its feed
    with device(stack, room.pair("TV")) as tv:
        path = f"/v1/panels/{room.panel}/calls"
        assert tv.get(path).status_code == 200
        # When the desk revokes it
        paired = room.ask("GET", "/devices")["devices"][0]
        room.ask("DELETE", f"/devices/{paired['id']}")
        # Then it is soon refused, and told how to authenticate
        refused = eventually(
            lambda: answer if (answer := tv.get(path)).status_code == 401 else None, timeout_s=15
        )
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_days_list_joins_the_waiting_list_and_reports_its_bad_row(room: WaitingRoom) -> None:
    # Given a list with an empty row in it
    upload = room.ask("POST", "/uploads", {"file_name": "hoje.csv"})
    # When the console puts it where the API said
    put = httpx.put(upload["url"], content=LIST.encode(), headers=upload["headers"])
    assert put.status_code == 200, put.text
    # Then the rows wait to be called, and the report names the bad line

    def finished() -> dict[str, Any] | None:
        found = room.ask("GET", f"/uploads/{upload['id']}", allowed=(404,))
        return found if found.get("status") == "done" and "rejected_rows" in found else None

    report = eventually(finished, timeout_s=90)
    waiting = room.ask("GET", "/waiting")["waiting"]
    assert [entry["ticket"] for entry in waiting] == ["K001", "K002", "K003"]
    assert [row["line"] for row in report["rejected_rows"]] == [4]


def test_pages_and_api_share_an_origin_and_the_pages_are_locked_down(stack: LocalStack) -> None:
    # Given the pages' server
    with httpx.Client(base_url=stack.settings.pages_url) as pages:
        # When the panel, one of its scripts and the API are asked for
        panel = pages.get("/panel/")
        script = pages.get(panel.text.split('src="', 1)[1].split('"', 1)[0])
        root = pages.get("/")
        api = pages.get("/v1/voices")
    # Then no inline code may run, digested files are kept, and the API answers beside them
    policy = panel.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert stack.settings.endpoint_url in policy
    assert panel.headers["Cache-Control"] == "no-cache"
    assert "immutable" in script.headers["Cache-Control"]
    assert root.headers["Location"] == "/console/"
    assert api.json()["voices"]
