"""`POST /v1/normalize` and typed calls, through HTTP."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.host.conftest import StartHost
from tests.integration.host.running_host import RunningHost

CALL = {"ticket": "A042", "name": "MARIA DA SILVA", "place": "CONSULTÓRIO 03"}
SPOKEN = "senha á zero quarenta e dois, maria da silva, consultório três."


def test_given_a_call_when_normalized_then_what_will_be_said_is_shown_stage_by_stage(
    host: RunningHost,
) -> None:
    response = httpx.post(f"{host.url}/v1/normalize", json=CALL)

    answer = response.raise_for_status().json()
    assert answer["spoken"] == SPOKEN
    assert answer["stages"][0] == {
        "name": "lexicon",
        "text": "Senha A042, MARIA DA SILVA, CONSULTÓRIO 03.",
    }
    assert answer["stages"][-1]["text"] == SPOKEN


def test_given_a_call_when_spoken_then_it_sounds_as_its_words_do(host: RunningHost) -> None:
    typed, in_words, name_only = (
        float(httpx.post(f"{host.url}/synthesize", json=body).headers["CTV-Duration"])
        for body in (CALL, {"text": SPOKEN}, {"name": CALL["name"]})
    )

    assert typed == pytest.approx(in_words, rel=0.01)
    assert typed > 2 * name_only


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "Maria", "place": "sala 2"}, "text"),
        ({"text": 1}, "text"),
        ({"name": "\u0000"}, "name"),
        ({"text": "Maria", "voice": "default"}, "voice"),
    ],
)
def test_given_a_wrong_body_when_normalized_then_the_field_is_named(
    host: RunningHost, body: dict[str, object], field: str
) -> None:
    response = httpx.post(f"{host.url}/v1/normalize", json=body)

    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in response.json()["errors"]] == [field]


def test_given_what_nobody_can_say_when_asked_for_then_it_is_refused(host: RunningHost) -> None:
    shown = httpx.post(f"{host.url}/v1/normalize", json={"text": "\u0640"})
    spoken = httpx.post(f"{host.url}/synthesize", json={"text": "\u0640"})

    assert shown.json()["spoken"] == ""
    assert spoken.status_code == 422
    assert [error["field"] for error in spoken.json()["errors"]] == ["text"]


def test_given_names_when_normalized_then_no_log_line_holds_one(host: RunningHost) -> None:
    httpx.post(f"{host.url}/v1/normalize", json=CALL).raise_for_status()

    assert "MARIA" not in host.log_path.read_text().upper()


def test_given_other_settings_when_normalized_then_they_hold_and_the_fingerprint_differs(
    host: RunningHost, start_host: StartHost
) -> None:
    usual = httpx.get(f"{host.url}/info").json()

    other = start_host(SAY_MEIA_FOR_SIX="true", LOUDNESS_LUFS="-20")

    shown = httpx.post(f"{other.url}/v1/normalize", json={"text": "Ligue 3366-1616"}).json()
    assert shown["spoken"] == "ligue três três meia meia, um meia um meia"
    info = httpx.get(f"{other.url}/info").json()
    assert info["versions"]["loudness_lufs"] == "-20"
    assert info["fingerprint"] != usual["fingerprint"]
