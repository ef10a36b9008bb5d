"""What keeps the manifest fresh and the pinned phrases rendered."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.unit.functions.conftest import Stage, aws_event, handler_of
from tests.unit.functions.host_stand_in import OTHER_FINGERPRINT

PINNED = "Bom dia.\nMantenha silêncio.\n".encode()


def warm_up(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = handler_of("warmup")(aws_event("scheduler"), stage.context)
    return found


def pin(stage: Stage) -> None:
    stage.s3.put_object(Bucket="phrases", Key="phrases/pinned.txt", Body=PINNED)


def gone(stage: Stage, key: str, name: str = "LifecycleExpiration:Delete") -> list[str]:
    event = aws_event("s3_lifecycle_expiration")
    event["Records"][0]["eventName"] = name
    event["Records"][0]["s3"]["object"]["key"] = quote_plus(key)
    stage.s3.delete_object(Bucket="cache", Key=key)
    return stage.notify("cleanup", event)


def test_given_pinned_phrases_then_they_are_rendered_once(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    pin(stage)

    first = warm_up(stage)
    assert first == {
        "host_up": True,
        "fingerprint": "0123456789abcdef",
        "pinned": 2,
        "missing": 2,
        "queued": 2,
    }
    assert warm_up(stage)["queued"] == 0, "they are on their way"
    stage.render_all()
    assert warm_up(stage)["missing"] == 0

    out = capsys.readouterr().out
    assert '"HostUp":[1.0]' in out
    assert '"PinnedQueued":[2.0]' in out


def test_given_a_new_fingerprint_then_pinned_phrases_are_rendered_anew(stage: Stage) -> None:
    pin(stage)
    warm_up(stage)
    stage.render_all()
    stage.host.fingerprint = OTHER_FINGERPRINT

    again = warm_up(stage)

    assert (again["fingerprint"], again["queued"]) == (OTHER_FINGERPRINT, 2)
    manifest = json.loads(
        stage.s3.get_object(Bucket="cache", Key="c-tv/manifest.json")["Body"].read()
    )
    assert manifest["fingerprint"] == OTHER_FINGERPRINT
    assert list(manifest)[:5] == ["device", "model", "model_loaded", "reference_audio", "temp_dir"]


def test_given_a_host_that_is_down_then_what_is_missing_is_queued_all_the_same(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    warm_up(stage)
    pin(stage)
    stage.host.up = False

    found = warm_up(stage)

    assert (found["host_up"], found["queued"]) == (False, 2)
    assert '"HostUp":[0.0]' in capsys.readouterr().out


def test_given_a_host_that_was_never_seen_then_a_round_does_nothing(stage: Stage) -> None:
    pin(stage)
    stage.host.up = False

    assert handler_of("warmup")({}, stage.context) == {
        "host_up": False,
        "fingerprint": None,
        "pinned": 0,
        "missing": 0,
        "queued": 0,
    }


def test_given_a_personal_row_in_a_pinned_file_then_it_is_never_kept_alive(stage: Stage) -> None:
    rows = b"name,text\nAna,\n,Bom dia.\n"
    stage.s3.put_object(Bucket="phrases", Key="phrases/pinned.csv", Body=rows)

    assert warm_up(stage)["pinned"] == 1


@pytest.mark.parametrize("name", ["LifecycleExpiration:Delete", "ObjectRemoved:Delete"])
def test_given_a_pinned_phrase_that_goes_then_it_is_rendered_again(
    stage: Stage, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    pin(stage)
    warm_up(stage)
    stage.render_all()
    expired = stage.cached_keys()[0]

    assert gone(stage, expired, name) == []

    assert '"retention":"phrase"' in capsys.readouterr().out
    assert stage.render_all() == 1
    assert expired in stage.cached_keys()


def test_given_a_personal_call_that_goes_then_its_id_is_forgotten(stage: Stage) -> None:
    speech_id = stage.say({"text": "Bom dia."}).json["id"]

    assert gone(stage, stage.cached_keys()[0]) == []

    assert stage.api("GET", f"/v1/speech/{speech_id}").status == 404
    assert stage.queued("bulk") == []


def test_given_speech_that_failed_once_and_was_made_later_when_it_goes_then_nothing_is_left(
    stage: Stage,
) -> None:
    speech_id = stage.say({"text": "Bom dia."}, Prefer="respond-async").json["id"]
    stage.host.faults.append("rejected")
    stage.render_all("live")
    assert stage.api("GET", f"/v1/speech/{speech_id}").json["status"] == "failed"
    assert stage.say({"text": "Bom dia."}).status == 200

    gone(stage, stage.cached_keys()[0])

    assert stage.api("GET", f"/v1/speech/{speech_id}").status == 404


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("c-tv/manifest.json", "ObjectRemoved:Delete"),
        (f"c-tv/cache/phrase/maria/{'0' * 64}.wav", "ObjectCreated:Put"),
        ("c-tv/cache/phrase/maria/0000.wav", "LifecycleExpiration:Delete"),
    ],
)
def test_given_events_of_something_else_then_they_are_ignored(
    stage: Stage, capsys: pytest.CaptureFixture[str], key: str, name: str
) -> None:
    assert gone(stage, key, name) == []
    assert "Expired" not in capsys.readouterr().out
