"""A panel's TVs: their heartbeats, which of them speaks, and taking them out."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.refusals import RefusedError
from access.tokens import TokenStore
from panels.audit import Author
from panels.devices import Device, DeviceStore, Standing, UnknownDeviceError
from panels.pairing import PairingStore
from panels.voice import Heartbeat, Sound, Voice, after_heartbeat
from tests.unit.functions.conftest import Stage
from tests.unit.functions.panels.desk import (
    PANEL,
    Clock,
    Desk,
    OneAtATime,
    at_once,
    held_by_a_transaction,
    open_desk,
)

BY = Author("Recepção")
DAY_S = 86_400
ROOM = f"/v1/panels/{PANEL}"


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return open_desk(stage)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class WaitingRoom:
    """TVs of one panel, at a clock of their own."""

    def __init__(self, dynamodb: Any, clock: Clock) -> None:
        self.devices = DeviceStore(dynamodb, "state", clock)
        self._pairing = PairingStore(dynamodb, "state", clock)
        self._clock = clock

    def tv(self) -> tuple[str, str]:
        """Pair a TV.

        Returns:
            Its id and its token.
        """
        codes = self._pairing.begin("192.0.2.1")
        device = self._pairing.approve(PANEL, codes.user_code, "TV", BY)
        return device.id, self._pairing.redeem(codes.device_code).token

    def listed(self) -> list[Device]:
        return self.devices.all(PANEL, self.devices.voice(PANEL))

    def beat(self, device: str, sound: Sound = "on", spoken: int = 0) -> Standing:
        return self.devices.beat(PANEL, Heartbeat(device, sound, spoken, "1.0"))


@pytest.fixture
def room(desk: Desk, clock: Clock) -> WaitingRoom:
    return WaitingRoom(desk.stage.dynamodb, clock)


def announce(desk: Desk, calls: int) -> None:
    for _ in range(calls):
        assert desk.ask("POST", f"{ROOM}/calls", {"ticket": "A042"}).status == 201


def test_given_a_heartbeat_then_the_tv_speaks_and_the_desk_sees_how_it_does(desk: Desk) -> None:
    announce(desk, 2)
    tv = desk.tv()

    answer = tv.beat(spoken=2)

    assert answer.json == {"voice": True, "spoken": 2, "devices": 1, "lease_s": 15}
    [device] = desk.devices()
    assert {name: device[name] for name in ("id", "label", "sound", "voice", "version")} == {
        "id": tv.id, "label": "TV da entrada", "sound": "on", "voice": True, "version": "1.0"
    }  # fmt: skip
    assert device["paired_at"] <= device["last_seen_at"]
    listed = {one["panel"]: one["devices"] for one in desk.ask("GET", "/v1/panels").json["panels"]}
    assert listed == {PANEL: [device], "raio-x": []}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sound", "loud"),
        ("spoken", -1),
        ("spoken", "many"),
        ("version", "1 0"),
        ("version", "v" * 41),
        ("name", "Maria"),
    ],
)
def test_given_a_heartbeat_that_is_not_as_agreed_then_422_names_the_field(
    desk: Desk, field: str, value: object
) -> None:
    body = {"sound": "on", "spoken": 0, "version": "1.0"} | {field: value}

    answer = desk.tv().ask("POST", "/heartbeat", body)

    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_given_a_tv_taken_out_then_its_token_ends_and_so_does_its_heartbeat(desk: Desk) -> None:
    tv, other = desk.tv(), desk.tv()
    assert tv.beat().status == 200

    assert desk.ask("DELETE", f"{ROOM}/devices/{tv.id}").status == 204

    refused = tv.beat()  # API Gateway remembers the token still
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    desk.stage.gateway.forget()
    assert tv.ask("GET", "/calls").status == 401
    assert [device["id"] for device in desk.devices()] == [other.id]


@pytest.mark.parametrize(("device", "status"), [("0" * 16, 404), ("tv", 422)])
def test_given_no_such_tv_then_it_cannot_be_taken_out(desk: Desk, device: str, status: int) -> None:
    assert desk.ask("DELETE", f"{ROOM}/devices/{device}").status == status


def test_given_no_such_panel_then_it_has_no_tvs(desk: Desk) -> None:
    assert desk.ask("GET", "/v1/panels/nowhere/devices").status == 404


def test_given_two_tvs_then_one_speaks_and_keeps_the_voice_by_its_heartbeats(
    room: WaitingRoom, clock: Clock
) -> None:
    (first, _), (second, _) = room.tv(), room.tv()

    for _ in range(10):
        assert room.beat(first).voice
        assert not room.beat(second).voice
        clock.pass_s(5)


def test_given_a_voice_that_falls_silent_then_another_speaks_after_15_s_where_it_stopped(
    desk: Desk, room: WaitingRoom, clock: Clock
) -> None:
    announce(desk, 3)
    (first, _), (second, _) = room.tv(), room.tv()
    room.beat(first, spoken=3)

    clock.pass_s(14.9)
    assert not room.beat(second).voice
    clock.pass_s(0.1)
    taken = room.beat(second)

    assert (taken.voice, taken.spoken) == (True, 3)
    assert not room.beat(first, spoken=3).voice


@pytest.mark.parametrize("sound", ["blocked", "off"])
def test_given_a_voice_whose_sound_goes_then_another_speaks_at_once(
    room: WaitingRoom, sound: Sound
) -> None:
    (first, _), (second, _) = room.tv(), room.tv()
    room.beat(first)

    assert not room.beat(first, sound).voice

    assert room.beat(second).voice


def test_given_a_tv_without_sound_then_it_never_speaks_and_is_not_counted(
    room: WaitingRoom, clock: Clock
) -> None:
    (silent, _), (loud, _) = room.tv(), room.tv()

    assert room.beat(silent, "blocked") == Standing(voice=False, spoken=0, devices=0)
    assert room.beat(loud).devices == 1
    clock.pass_s(60)
    assert not room.beat(silent, "off").voice


def test_given_a_tv_unseen_for_a_minute_then_the_voice_is_alone(
    room: WaitingRoom, clock: Clock
) -> None:
    (first, _), (second, _) = room.tv(), room.tv()
    room.beat(first)
    assert room.beat(second).devices == 2

    clock.pass_s(59.9)
    assert room.beat(first).devices == 2
    clock.pass_s(0.2)
    assert room.beat(first).devices == 1


def test_given_a_tv_that_finished_a_call_after_its_lease_then_the_room_has_heard_it(
    desk: Desk, room: WaitingRoom, clock: Clock
) -> None:
    announce(desk, 3)
    (first, _), (second, _) = room.tv(), room.tv()
    room.beat(first, spoken=1)
    clock.pass_s(20)
    room.beat(second)

    assert room.beat(first, spoken=2).spoken == 2
    assert room.beat(second, spoken=0).spoken == 2


def test_given_a_tv_that_remembers_more_than_was_called_then_the_room_goes_by_the_calls(
    desk: Desk, room: WaitingRoom
) -> None:
    announce(desk, 2)
    device, _ = room.tv()

    assert room.beat(device, spoken=1000).spoken == 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(["on", "blocked", "off"]),
            st.integers(0, 9),
            st.integers(0, 20_000),
        )
    )
)
def test_given_any_heartbeats_then_what_was_heard_only_grows_and_no_lease_is_taken_from_another(
    beats: list[tuple[str, Sound, int, int]],
) -> None:
    voice, now_ms = Voice(), 1_800_000_000_000
    for device, sound, spoken, passed_ms in beats:
        now_ms += passed_ms
        after = after_heartbeat(voice, Heartbeat(device, sound, spoken, "1"), now_ms)

        assert after.spoken == max(voice.spoken, spoken)
        assert after.held_by(device, now_ms) <= (sound == "on")
        for other in set("abc") - {device}:
            assert after.held_by(other, now_ms) == voice.held_by(other, now_ms)
        voice = after


def test_given_many_tvs_at_the_same_moment_then_exactly_one_speaks(
    desk: Desk, clock: Clock
) -> None:
    announce(desk, 7)
    room = WaitingRoom(OneAtATime(desk.stage.dynamodb), clock)
    devices = [room.tv()[0] for _ in range(8)]

    for _ in range(2):
        standings = at_once([partial(room.beat, one, spoken=n) for n, one in enumerate(devices)])

        assert [isinstance(one, Standing) and one.voice for one in standings].count(True) == 1
        assert [device.voice for device in room.listed()].count(True) == 1
        clock.pass_s(16)

    assert room.beat(devices[0]).spoken == 7


def test_given_a_tv_that_is_on_then_its_token_lives_on_and_of_one_that_is_not_it_ends(
    desk: Desk, room: WaitingRoom, clock: Clock
) -> None:
    (seen, its_token), (unseen, other_token) = room.tv(), room.tv()
    room.beat(unseen)
    for _ in range(50):
        room.beat(seen)
        clock.pass_s(2 * DAY_S)

    tokens = TokenStore(desk.stage.dynamodb, "state", clock)

    assert tokens.find(its_token).device == seen
    with pytest.raises(RefusedError, match="expired"):
        tokens.find(other_token)
    assert [device.id for device in room.listed()] == [seen]


def test_given_a_tv_taken_out_while_it_sends_heartbeats_then_nothing_of_it_comes_back(
    room: WaitingRoom,
) -> None:
    device, _ = room.tv()
    room.devices.revoke(PANEL, device, BY)

    with pytest.raises(UnknownDeviceError):
        room.beat(device)

    assert room.listed() == []


def test_given_a_tv_that_an_action_has_in_hand_then_its_heartbeat_is_noted_a_moment_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tv = desk.tv()
    assert tv.ask("GET", "/calls").status == 200  # the authorizer has noted the token's use
    refused = held_by_a_transaction(desk.stage.dynamodb, monkeypatch)

    assert tv.beat().status == 200

    assert [key.partition("#")[0] for key in refused] == ["panel", "token"]
    assert desk.devices()[0]["sound"] == "on"
