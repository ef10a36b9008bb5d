"""The console reads and replaces the host's pronunciation lexicon through the API."""

from __future__ import annotations

import json
from typing import Any

import pytest

from model_host.text.lexicon_document import read_json
from tests.unit.functions.conftest import Answer, Stage
from tests.unit.functions.panels.desk import Desk, open_desk

UTI = {"written": "UTI", "spoken": "u tê i", "scope": "acronym"}
WESLEY = {"written": "Wesley", "spoken": "uésli", "scope": "name"}
CALL_OF_WESLEY = {"call": {"name": "Wesley Souza"}}


@pytest.fixture
def desk(stage: Stage) -> Desk:
    stage.host.lexicon = read_json(json.dumps({"entries": [UTI]}).encode())
    return open_desk(stage)


def put(desk: Desk, entries: Any, if_match: str | None = "*") -> Answer:
    condition = {} if if_match is None else {"If_Match": if_match}
    return desk.ask("PUT", "/v1/lexicon", {"entries": entries}, **condition)


def test_given_the_lexicon_then_it_is_read_with_its_etag_and_not_again_while_it_is_the_same(
    desk: Desk,
) -> None:
    answer = desk.ask("GET", "/v1/lexicon")

    assert (answer.status, answer.json["entries"]) == (200, [UTI])
    etag = answer.headers["etag"]
    unchanged = desk.ask("GET", "/v1/lexicon", If_None_Match=etag)
    assert (unchanged.status, unchanged.body, unchanged.headers["etag"]) == (304, "", etag)


def test_given_a_new_entry_then_the_next_call_it_touches_is_spoken_anew(desk: Desk) -> None:
    before = desk.stage.say(CALL_OF_WESLEY).json["id"]
    etag = desk.ask("GET", "/v1/lexicon").headers["etag"]

    kept = put(desk, [UTI, WESLEY], etag)

    assert (kept.status, kept.json["entries"]) == (200, 2)
    assert desk.ask("GET", "/v1/lexicon").json["entries"] == [UTI, WESLEY]
    assert desk.stage.say(CALL_OF_WESLEY).json["id"] != before


@pytest.mark.parametrize(("if_match", "status"), [('"of a moment ago"', 412), (None, 428)])
def test_given_no_etag_of_the_present_lexicon_then_it_is_not_replaced(
    desk: Desk, if_match: str | None, status: int
) -> None:
    answer = put(desk, [WESLEY], if_match)

    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json["detail"]
    assert desk.ask("GET", "/v1/lexicon").json["entries"] == [UTI]


def test_given_an_entry_that_is_not_allowed_then_422_names_it_and_quotes_nothing(
    desk: Desk,
) -> None:
    answer = put(desk, [UTI, {"written": "Wesley", "spoken": "W3SLEY"}])

    assert answer.status == 422
    assert [error["field"] for error in answer.json["errors"]] == ["entries[1].spoken"]
    assert "W3SLEY" not in answer.body


def test_given_a_body_that_is_no_lexicon_then_400(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.token}", "If-Match": "*"}

    assert desk.stage.api("PUT", "/v1/lexicon", headers=bearer, raw="{").status == 400


def test_given_a_lexicon_beyond_the_hosts_limit_then_413(desk: Desk) -> None:
    bearer = {"Authorization": f"Bearer {desk.token}", "If-Match": "*"}
    large = json.dumps({"entries": [UTI | {"written": "U" * (4 * 1024 * 1024)}]})

    assert desk.stage.api("PUT", "/v1/lexicon", headers=bearer, raw=large).status == 413


def test_given_pls_then_415_since_the_console_speaks_json(desk: Desk) -> None:
    answer = desk.ask("PUT", "/v1/lexicon", {}, If_Match="*", Content_Type="application/pls+xml")

    assert answer.status == 415


def test_given_a_host_that_is_down_then_503_says_when_to_ask_again(desk: Desk) -> None:
    desk.stage.host.up = False

    for answer in (desk.ask("GET", "/v1/lexicon"), put(desk, [WESLEY])):
        assert answer.status == 503
        assert answer.headers["retry-after"] == "5"


def test_given_a_host_that_cannot_keep_a_lexicon_then_503(desk: Desk) -> None:
    desk.stage.host.lexicon = None

    assert put(desk, [WESLEY]).status == 503


def test_given_a_host_that_goes_right_after_it_kept_the_lexicon_then_it_is_kept_all_the_same(
    desk: Desk,
) -> None:
    desk.stage.monkeypatch.setattr(desk.stage.host, "info", dict)

    assert put(desk, [WESLEY]).status == 200
    assert desk.ask("GET", "/v1/lexicon").json["entries"] == [WESLEY]
