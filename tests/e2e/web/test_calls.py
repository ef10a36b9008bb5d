"""From the desk's click to what a patient sees and hears."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import uuid4

from playwright.sync_api import Browser

from infra.local.stack import LocalStack
from infra.local.waiting_room import WaitingRoom
from tests.e2e.conftest import eventually, kill_host

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

    from tests.e2e.web.conftest import OpenDesk, OpenTelevision


def test_a_call_from_the_desk_is_seen_and_heard_in_the_room(
    television: OpenTelevision, desk: OpenDesk, room: WaitingRoom
) -> None:
    # Given a TV in the room and somebody at the desk
    tv = television(room).turn_on()
    page = desk(room)
    # When the desk calls a patient
    page.get_by_label("Nome").fill("Maria da Silva")
    page.get_by_label("Local").fill("Consultório 3")
    page.get_by_role("button", name="Chamar", exact=True).click()
    # Then the room sees the name and hears it
    tv.expect_shown("Maria da Silva")
    tv.expect_shown("Consultório 3")
    call = tv.shown_call()
    tv.wait_until_spoken(call)
    assert tv.spoken() == [call]


def test_thirty_calls_at_once_are_each_shown_and_spoken_once_in_order(
    television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given the room's voice (before it is, a TV shows calls silently and comes back to them)
    tv = television(room).turn_on()
    tv.expect_data("voice", "true")
    # When thirty patients are called within seconds
    calls = [room.announce(ticket=f"B{number}") for number in range(1, 31)]
    # Then each is shown and spoken once, in the order of the calls, none cut off
    tv.wait_until_spoken(calls[-1], timeout_s=240)
    assert tv.spoken() == calls
    assert tv.shown() == calls


def test_a_recall_is_spoken_again_and_a_cancelled_call_is_taken_off(
    television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given a call that was spoken
    tv = television(room).turn_on()
    first = room.announce(name="José Bezerra", place="Triagem")
    tv.wait_until_spoken(first)
    # When it is repeated, and another is made and taken back at once
    again = str(room.ask("POST", f"/calls/{first}/recall", {})["id"])
    wrong = room.announce(name="Ana Prado", place="Triagem")
    room.ask("POST", f"/calls/{wrong}/cancel", {})
    # Then the repetition is heard and the one taken back never is
    tv.wait_until_spoken(again)
    last = room.announce(ticket="C7")
    tv.wait_until_spoken(last)
    assert tv.spoken() == [first, again, last]


def test_two_tvs_in_a_room_have_one_voice(television: OpenTelevision, room: WaitingRoom) -> None:
    # Given two TVs of one room, of which one was elected to speak
    one, other = (television(room, label).turn_on() for label in ("TV da porta", "TV da janela"))
    deadline = time.monotonic() + 30
    while sorted((one.data("voice"), other.data("voice"))) != ["false", "true"]:
        assert time.monotonic() < deadline, "no TV, or both, became the voice"
        time.sleep(0.2)
    # When three patients are called
    calls = [room.announce(ticket=f"D{number}") for number in (1, 2, 3)]
    # Then both show them and exactly one speaks
    voice, silent = (one, other) if one.data("voice") == "true" else (other, one)
    voice.wait_until_spoken(calls[-1])
    silent.wait_until_shown(calls[-1])
    assert voice.spoken() == calls
    assert silent.shown() == calls
    assert silent.loudest() == 0


def test_the_other_tv_goes_on_when_the_voice_dies(
    television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given two TVs, and a call that the voice has spoken
    one, other = (television(room, label).turn_on() for label in ("TV da porta", "TV da janela"))
    first = room.announce(ticket="E1")
    deadline = time.monotonic() + 30
    while not (one.spoken() or other.spoken()):
        assert time.monotonic() < deadline, "neither spoke"
        time.sleep(0.2)
    voice, survivor = (one, other) if one.spoken() else (other, one)
    voice.wait_until_spoken(first)
    # When the voice loses its power and another patient is called
    voice.page.close()
    second = room.announce(ticket="E2")
    # Then the other TV speaks it, and does not say the first one again
    survivor.wait_until_spoken(second, timeout_s=60)
    assert survivor.spoken() == [second]


def test_sound_blocked_by_the_browser_loses_no_call(
    television: OpenTelevision, shy_browser: Browser, room: WaitingRoom
) -> None:
    # Given a TV whose browser blocks sound until somebody touches it
    tv = television(room, by=shy_browser).turn_on()
    tv.expect_data("sound", "blocked")
    # When patients are called meanwhile
    calls = [room.announce(ticket=f"F{number}") for number in (1, 2)]
    tv.wait_until_shown(calls[0])
    assert tv.loudest() == 0
    # Then, once a key was pressed, all of them are heard
    tv.page.keyboard.press("Enter")
    tv.expect_data("sound", "on")
    tv.wait_until_spoken(*calls, timeout_s=40)
    assert tv.spoken() == calls


def test_cached_calls_are_spoken_with_the_model_host_down(
    television: OpenTelevision, room: WaitingRoom, stack: LocalStack, s3: S3Client
) -> None:
    # Given a patient who checked in, so that the call was rendered ahead
    tv = television(room).turn_on()
    before = clips(s3, stack)
    room.check_in({"ticket": "G1", "name": f"Íris {uuid4().hex[:6]}", "place": "Triagem"})
    eventually(lambda: clips(s3, stack) - before)
    # When the model host dies and the patient is called
    kill_host(stack)
    call = str(room.ask("POST", "/calls/next", {})["id"])
    # Then the room hears the name
    tv.wait_until_spoken(call)


def clips(s3: S3Client, stack: LocalStack) -> set[str]:
    """The keys of all speech with names in the cache."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=stack.outputs["CacheBucketName"], Prefix="c-tv/cache/personal/"
    )
    return {found["Key"] for page in pages for found in page.get("Contents", [])}
