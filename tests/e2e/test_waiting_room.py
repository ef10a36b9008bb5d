"""The waiting room's API on the deployed template: races, tokens, the day's list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from infra.local.stack import LocalStack
from infra.local.waiting_room import WaitingRoom
from tests.e2e.conftest import cache_listing, eventually, function_logs

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

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


def test_no_name_of_the_waiting_room_is_in_any_log_key_or_audit(
    stack: LocalStack, room: WaitingRoom, s3: S3Client
) -> None:
    # Given a patient whose name appears nowhere else, checked in, called, sent on, and misspelt
    name = "Quitéria Inexistente Urucuiana"
    room.check_in({"ticket": "R1", "name": name, "place": "Triagem"})
    call = str(room.ask("POST", "/calls/next", {})["id"])
    room.ask("POST", f"/calls/{call}/transfer", {"place": "Consultório 2"})
    again = room.announce(name=name, place="Consultório 2")
    room.ask("POST", f"/calls/{again}/cancel", {})
    room.ask("POST", "/calls", {"name": name + "\x07"}, allowed=(422,))
    room.ask("POST", "/calls", {"nome": name}, allowed=(422,))
    upload = room.ask("POST", "/uploads", {"file_name": f"{name}.csv"})
    httpx.put(upload["url"], content=f"name\n{name}\n".encode(), headers=upload["headers"])
    eventually(lambda: room.ask("GET", f"/uploads/{upload['id']}", allowed=(404,)).get("status"))
    # Then neither logs, nor metrics, nor keys, nor the audit have it
    eventually(lambda: "CallAnnounced" in function_logs(), timeout_s=20)
    places = {
        "function logs": function_logs(),
        "host log": stack.host.log_path.read_text(),
        "pages log": (stack.settings.run_dir / "pages.log").read_text(),
        "cache": "\n".join(cache_listing(s3, stack.outputs["CacheBucketName"])),
        "uploads": "\n".join(cache_listing(s3, stack.outputs["PhrasesBucketName"])),
        "audit": json.dumps(room.ask("GET", "/audit"), ensure_ascii=False),
    }
    for place, content in places.items():
        for word in name.split():
            assert word.lower() not in content.lower(), f"{word} is in the {place}"


def test_pages_and_api_share_an_origin_and_the_pages_are_locked_down(stack: LocalStack) -> None:
    # Given the pages' server
    with httpx.Client(base_url=stack.settings.pages_url) as pages:
        # When the panel, one of its scripts and the API are asked for
        panel = pages.get("/panel/")
        script = pages.get(panel.text.split('src="', 1)[1].split('"', 1)[0])
        root = pages.get("/")
        api = pages.get("/v1/voices", headers={"Authorization": f"Bearer {stack.api_key}"})
    # Then no inline code may run, digested files are kept, and the API answers beside them
    policy = panel.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert stack.settings.endpoint_url in policy
    assert panel.headers["Cache-Control"] == "no-cache"
    assert "immutable" in script.headers["Cache-Control"]
    assert root.headers["Location"] == "/console/"
    assert api.json()["voices"]
