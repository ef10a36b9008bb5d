"""Pairing a TV by a short code (RFC 8628)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from panels.audit import Author
from panels.devices import Device
from panels.idempotency import Once
from panels.pairing import (
    Codes,
    Granted,
    NotPairedError,
    PairingStore,
    TooManyCodesError,
    UnknownCodeError,
)
from tests.unit.functions.conftest import Answer, Stage
from tests.unit.functions.panels.desk import (
    OTHER_PANEL,
    PANEL,
    Clock,
    Desk,
    OneAtATime,
    at_once,
    held_by_a_transaction,
    open_desk,
    whole_table,
)

BY = Author("Recepção")
ROOM = f"/v1/panels/{PANEL}"


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return open_desk(stage)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pairing(desk: Desk, clock: Clock) -> PairingStore:
    return PairingStore(desk.stage.dynamodb, "state", clock)


def authorize(stage: Stage) -> Any:
    answer = stage.api("POST", "/v1/device/authorize")
    assert answer.status == 200, answer.body
    return answer.json


def ask(stage: Stage, codes: Any) -> Answer:
    return stage.api("POST", "/v1/device/token", {"device_code": codes["device_code"]})


def refusal(redeem: Callable[[str], Granted], codes: Codes) -> str:
    with pytest.raises(NotPairedError) as refused:
        redeem(codes.device_code)
    return refused.value.code


def test_given_a_code_typed_at_the_desk_then_the_tv_gets_a_token_that_reads_its_panel(
    desk: Desk,
) -> None:
    codes = authorize(desk.stage)
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", codes["user_code"])
    assert (codes["expires_in"], codes["interval"]) == (600, 5)

    paired = desk.pair(codes)

    assert paired.status == 201
    assert paired.json | {"id": "", "paired_at": ""} == {
        "id": "", "label": "TV da entrada", "paired_at": "", "last_seen_at": None,
        "sound": None, "voice": False, "version": None,
    }  # fmt: skip
    answer = ask(desk.stage, codes)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    granted = answer.json
    assert (granted["token_type"], granted["panel"]) == ("Bearer", PANEL)
    assert granted["device"] == paired.json["id"]
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    assert desk.stage.api("GET", f"{ROOM}/calls", None, bearer).status == 200


def test_given_nobody_has_typed_the_code_then_the_tv_is_told_to_ask_again(desk: Desk) -> None:
    codes = authorize(desk.stage)

    answer = ask(desk.stage, codes)

    assert (answer.status, answer.json["error"]) == (400, "authorization_pending")
    assert answer.headers["content-type"] == "application/problem+json"
    assert ask(desk.stage, codes).json["error"] == "slow_down"


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", ""), " {} ".format])
def test_given_a_code_in_another_writing_then_it_pairs_all_the_same(
    pairing: PairingStore, typed: Callable[[str], str]
) -> None:
    codes = pairing.begin("192.0.2.1")

    assert pairing.approve(PANEL, typed(codes.user_code), "TV", BY).label == "TV"


def test_given_a_token_was_given_out_then_it_is_not_given_out_again(desk: Desk) -> None:
    codes = authorize(desk.stage)
    desk.pair(codes)
    assert ask(desk.stage, codes).status == 200

    again = ask(desk.stage, codes)

    assert (again.status, again.json["error"]) == (400, "expired_token")


def test_given_a_paired_tv_then_no_code_and_no_token_of_it_lies_in_the_table(desk: Desk) -> None:
    codes = authorize(desk.stage)
    assert codes["device_code"] not in whole_table(desk.stage)
    desk.pair(codes)

    token = ask(desk.stage, codes).json["access_token"]

    kept = whole_table(desk.stage)
    assert codes["device_code"] not in kept
    assert token not in kept
    assert codes["user_code"].replace("-", "") not in kept


def test_given_a_tv_that_asks_too_soon_then_its_pause_grows_by_5_s_each_time(
    pairing: PairingStore, clock: Clock
) -> None:
    codes = pairing.begin("192.0.2.1")
    assert refusal(pairing.redeem, codes) == "authorization_pending"

    clock.pass_s(3)
    assert refusal(pairing.redeem, codes) == "slow_down"
    clock.pass_s(6)
    assert refusal(pairing.redeem, codes) == "slow_down"
    clock.pass_s(15)
    assert refusal(pairing.redeem, codes) == "authorization_pending"
    clock.pass_s(14.5)  # the network took some of the pause
    assert refusal(pairing.redeem, codes) == "authorization_pending"


def test_given_10_minutes_then_both_codes_have_expired(pairing: PairingStore, clock: Clock) -> None:
    codes = pairing.begin("192.0.2.1")

    clock.pass_s(600)

    assert refusal(pairing.redeem, codes) == "expired_token"
    with pytest.raises(UnknownCodeError):
        pairing.approve(PANEL, codes.user_code, "TV", BY)


def test_given_a_code_about_to_end_then_it_is_refused_since_the_tv_may_not_ask_in_time(
    pairing: PairingStore, clock: Clock
) -> None:
    codes = pairing.begin("192.0.2.1")

    clock.pass_s(590)

    with pytest.raises(UnknownCodeError):
        pairing.approve(PANEL, codes.user_code, "TV", BY)


def test_given_a_device_code_nobody_gave_out_then_it_has_expired_for_all_that_is_known(
    stage: Stage,
) -> None:
    answer = ask(stage, {"device_code": "x"})

    assert (answer.status, answer.json["error"]) == (400, "expired_token")


@pytest.mark.parametrize("code", ["BCDF-GHJK", "ABCD-EFGH", "BCDF", "", "ÇÇÇÇ-ÇÇÇÇ"])
def test_given_a_code_that_no_tv_shows_then_422_names_the_field_and_not_the_code(
    desk: Desk, code: str
) -> None:
    answer = desk.pair({"user_code": code})

    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == ["user_code"]
    assert not code or code not in answer.body


def test_given_a_code_was_used_then_it_pairs_nothing_more(desk: Desk) -> None:
    codes = authorize(desk.stage)
    assert desk.pair(codes).status == 201

    assert desk.pair(codes, OTHER_PANEL).status == 422
    assert desk.devices(OTHER_PANEL) == []


def test_given_no_such_panel_then_404_and_the_code_stays_good(desk: Desk) -> None:
    codes = authorize(desk.stage)

    assert desk.pair(codes, "nowhere").status == 404
    assert desk.pair(codes).status == 201


def test_given_the_same_request_twice_then_it_gets_the_first_answer_and_pairs_one_tv(
    desk: Desk,
) -> None:
    codes = authorize(desk.stage)

    first = desk.pair(codes, Idempotency_Key="k1")
    second = desk.pair(codes, Idempotency_Key="k1")

    assert (first.status, first.json) == (second.status, second.json)
    assert len(desk.devices()) == 1
    assert desk.pair(authorize(desk.stage), Idempotency_Key="k1").status == 422


def test_given_a_device_revoked_before_it_fetched_its_token_then_it_is_denied(desk: Desk) -> None:
    codes = authorize(desk.stage)
    device = desk.pair(codes).json["id"]

    assert desk.ask("DELETE", f"{ROOM}/devices/{device}").status == 204

    assert ask(desk.stage, codes).json["error"] == "access_denied"
    assert desk.devices() == []


def test_given_a_pairing_then_the_audit_tells_who_did_it(desk: Desk) -> None:
    tv = desk.tv()
    desk.ask("DELETE", f"{ROOM}/devices/{tv.id}")

    entries = desk.ask("GET", f"{ROOM}/audit").json["entries"]

    assert [entry["action"] for entry in entries[:2]] == ["device_revoked", "device_paired"]
    assert {entry["operator"] for entry in entries} == {"Recepção"}


def test_given_many_codes_from_one_address_then_no_more_for_a_while_and_others_may(
    pairing: PairingStore, clock: Clock
) -> None:
    for _ in range(60):
        pairing.begin("192.0.2.1")

    with pytest.raises(TooManyCodesError) as refused:
        pairing.begin("192.0.2.1")

    assert 0 < refused.value.retry_after_s <= 600
    pairing.begin("192.0.2.2")
    clock.pass_s(refused.value.retry_after_s)
    pairing.begin("192.0.2.1")


def test_given_many_codes_from_one_ipv6_network_then_no_more_for_a_while_and_others_may(
    pairing: PairingStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panels.pairing._CODES_PER_ADDRESS", 2)
    addresses = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"]
    for address in addresses:
        pairing.begin(address)

    with pytest.raises(TooManyCodesError) as refused:
        pairing.begin(addresses[-1])

    pairing.begin("2001:db8:0:2::1")
    clock.pass_s(refused.value.retry_after_s)
    pairing.begin(addresses[0])


def test_given_many_codes_from_the_address_that_api_gateway_names_then_429(
    stage: Stage,
) -> None:
    stage.monkeypatch.setattr("panels.pairing._CODES_PER_ADDRESS", 2)
    for _ in range(2):
        authorize(stage)

    answer = stage.api("POST", "/v1/device/authorize", None, {"X-Forwarded-For": "198.51.100.7"})

    assert answer.status == 429
    assert 0 < int(answer.headers["retry-after"]) <= 600


def test_given_many_questions_at_once_then_one_token_is_given_out(desk: Desk) -> None:
    pairing = PairingStore(one_at_a_time(desk), "state")
    for _ in range(5):
        codes = pairing.begin("192.0.2.1")
        device = pairing.approve(PANEL, codes.user_code, "TV", BY)

        answers = at_once([partial(pairing.redeem, codes.device_code)] * 6)

        granted = [one for one in answers if isinstance(one, Granted)]
        assert [one.device for one in granted] == [device.id]
        refused = [one for one in answers if one not in granted]
        assert {type(one) for one in refused} == {NotPairedError}


def test_given_desks_that_type_one_code_at_once_then_one_of_them_pairs_it(desk: Desk) -> None:
    pairing = PairingStore(one_at_a_time(desk), "state")
    for _ in range(3):
        codes = pairing.begin("192.0.2.1")

        answers = at_once(
            [
                partial(pairing.approve, panel, codes.user_code, "TV", BY)
                for panel in (PANEL, OTHER_PANEL) * 4
            ]
        )

        assert [type(one) for one in answers].count(Device) == 1
        assert {type(one) for one in answers} == {Device, UnknownCodeError}
    assert len(desk.devices(PANEL)) + len(desk.devices(OTHER_PANEL)) == 3


def test_given_one_request_many_times_at_once_then_each_gets_the_same_answer(desk: Desk) -> None:
    pairing = PairingStore(one_at_a_time(desk), "state")
    for number in range(3):
        codes = pairing.begin("192.0.2.1")
        by = Author("Recepção", once=Once.of("operator", f"key {number}", "the request"))

        answers = at_once([partial(pairing.approve, PANEL, codes.user_code, "TV", by)] * 8)

        assert {type(one) for one in answers} == {Device}
        assert len({one.id for one in answers if isinstance(one, Device)}) == 1


def test_given_a_tv_that_asks_while_its_code_is_typed_then_it_is_told_how_it_stands(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = authorize(desk.stage)
    refused = held_by_a_transaction(desk.stage.dynamodb, monkeypatch)

    answer = ask(desk.stage, codes)

    assert [key.partition("#")[0] for key in refused] == ["pairing"]
    assert (answer.status, answer.json["error"]) == (400, "authorization_pending")


def one_at_a_time(desk: Desk) -> Any:
    return OneAtATime(desk.stage.dynamodb)
