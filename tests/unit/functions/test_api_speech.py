"""POST and GET /v1/speech, /v1/prewarm and OpenAI's route, as API Gateway calls them."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from tests.unit.functions.conftest import Stage
from tests.unit.functions.host_stand_in import AUDIO, OTHER_FINGERPRINT

CALL = {"call": {"ticket": "A042", "name": "João da Silva", "place": "Consultório 03"}}
HELLO = {"text": "Bom dia."}


def test_given_an_empty_cache_when_a_call_is_made_then_it_is_spoken_once_and_then_found(
    stage: Stage,
) -> None:
    first = stage.say(CALL)
    again = stage.say(CALL)

    assert first.status == 200, first.body
    assert (first.json["cached"], again.json["cached"]) == (False, True)
    assert first.json["id"] == again.json["id"]
    assert first.json["duration_s"] == 1.25
    assert first.json["id"].startswith("personal.maria.")
    assert len(stage.host.requests) == 1


def test_given_a_miss_then_the_host_is_asked_as_agreed(stage: Stage) -> None:
    stage.say(HELLO | {"speed": 1.5, "format": "opus"}, **{"X-Request-Id": "panel-7"})

    [asked] = stage.host.requests
    headers = asked.pop("headers")
    assert asked == {
        "text": "Bom dia.",
        "language": "pt",
        "voice": "maria",
        "format": "opus",
        "speed": 1.5,
    }
    assert headers["CTV-Priority"] == "live"
    assert 1 < float(headers["CTV-Timeout"]) <= 2
    assert headers["X-Request-Id"] == "panel-7"


def test_given_a_call_then_the_host_is_given_its_parts_and_finds_the_words(stage: Stage) -> None:
    stage.say({"call": {"ticket": " A042 ", "place": "Consultório 03"}})

    [asked] = stage.host.requests
    del asked["headers"]
    assert asked == {
        "ticket": "A042",
        "place": "Consultório 03",
        "language": "pt",
        "voice": "maria",
        "format": "wav",
        "speed": 1.0,
    }


def test_given_speech_in_s3_when_a_new_process_is_asked_then_s3_answers(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.say(HELLO)
    stage.restart()
    capsys.readouterr()

    assert stage.say(HELLO).json["cached"] is True
    assert stage.say(HELLO).json["cached"] is True

    hits = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "CacheHit" in line]
    assert [hit["tier"] for hit in hits] == ["s3", "memory"]


def test_given_cache_backend_s3_then_memory_is_not_used(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.restart(CACHE_BACKEND="s3")
    stage.say(HELLO)
    stage.say(HELLO)

    assert '"tier":"memory"' not in capsys.readouterr().out.replace(" ", "")


def test_given_a_phrase_in_the_cache_then_a_caller_who_names_no_retention_gets_it(
    stage: Stage,
) -> None:
    phrase = stage.say(HELLO | {"retention": "phrase"})

    asked = stage.say(HELLO)

    assert asked.json["cached"] is True
    assert asked.json["id"] == phrase.json["id"]
    assert len(stage.host.spoken) == 1


def test_given_personal_speech_then_a_phrase_is_still_made_to_last(stage: Stage) -> None:
    stage.say(HELLO)

    assert stage.say(HELLO | {"retention": "phrase"}).json["cached"] is False


@pytest.mark.parametrize("fault", ["busy", "failed", "deadline", "reset", "no-header"])
def test_given_a_host_that_fails_then_the_call_is_accepted_and_rendered_later(
    stage: Stage, fault: str
) -> None:
    stage.host.faults.append(fault)

    accepted = stage.say(CALL)

    assert accepted.status == 202, accepted.body
    speech_id = accepted.json["id"]
    assert accepted.json == {"status": "rendering", "id": speech_id, "retry_after_s": 2}
    assert accepted.headers["retry-after"] == "2"
    assert accepted.headers["location"] == f"speech/{speech_id}"
    assert stage.api("GET", f"/v1/speech/{speech_id}").status == 202
    assert stage.render_all("live") == 1
    ready = stage.api("GET", f"/v1/speech/{speech_id}")
    assert (ready.status, ready.json["status"]) == (200, "ready")
    assert stage.queued("bulk") == []


def test_given_no_host_then_hits_play_and_misses_are_kept(stage: Stage) -> None:
    stage.say(HELLO)
    stage.host.up = False
    stage.restart()

    assert stage.say(HELLO).json["cached"] is True
    assert stage.say(CALL).status == 202


def test_given_a_host_that_was_never_seen_then_the_api_is_not_ready_and_that_is_no_fault(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.host.up = False

    answer = stage.say(HELLO)

    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "ApiFault" not in capsys.readouterr().out


def test_given_a_slow_host_then_the_answer_comes_at_the_deadline(stage: Stage) -> None:
    stage.api("GET", "/info")
    stage.host.delay_s = 1.5
    started = time.monotonic()

    answer = stage.say(HELLO, Prefer="wait=1")

    assert answer.status == 202
    assert time.monotonic() - started < 1.4
    assert answer.headers["preference-applied"] == "wait=1"


def test_given_respond_async_then_nothing_is_waited_for_except_a_hit(stage: Stage) -> None:
    accepted = stage.say(HELLO, Prefer="respond-async")
    assert accepted.status == 202
    assert stage.host.spoken == []
    assert accepted.headers["preference-applied"] == "respond-async"

    stage.render_all("live")

    assert stage.say(HELLO, Prefer="respond-async").json["cached"] is True


def test_given_little_time_in_the_lambda_then_the_call_is_queued(stage: Stage) -> None:
    stage.context.left_ms = 1000

    assert stage.say(HELLO).status == 202
    assert stage.host.spoken == []


@pytest.mark.parametrize(("said", "field"), [(HELLO, "text"), (CALL, "call.ticket")])
def test_given_a_request_the_host_refuses_then_its_reason_is_told_without_the_text(
    stage: Stage, said: dict[str, Any], field: str
) -> None:
    stage.host.faults.append("rejected")

    answer = stage.say(said)

    assert answer.status == 422
    assert answer.json["errors"] == [{"field": field, "message": "nothing to say"}]
    assert "João" not in answer.body


def test_given_two_callers_of_one_key_then_the_second_waits_for_the_first(stage: Stage) -> None:
    stage.api("GET", "/info")
    stage.host.delay_s = 0.6
    speech = __import__("speech.assembly", fromlist=["assembled"])
    request = __import__("speech.request", fromlist=["SpeechRequest"])
    deadline = __import__("speech.deadline", fromlist=["Deadline"])
    utterance = request.SpeechRequest(text="Bom dia.").utterance("Bom dia.", ["maria"], "maria")
    results: list[Any] = []

    def ask() -> None:
        parts = speech.Assembly(speech.assembled().settings)
        results.append(
            parts.renderer.render(
                utterance,
                key=parts.renderer.key(utterance),
                deadline=deadline.Deadline.after(5),
                priority="live",
                correlation_id="test",
            )
        )

    callers = [threading.Thread(target=ask) for _ in range(2)]
    callers[0].start()
    time.sleep(0.3)
    callers[1].start()
    for caller in callers:
        caller.join()

    assert sorted(result.cached for result in results) == [False, True]
    assert len(stage.host.spoken) == 1


def test_given_another_fingerprint_in_the_answer_then_it_decides_the_key(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    accepted = stage.say(HELLO, Prefer="respond-async").json["id"]
    stage.host.fingerprint = OTHER_FINGERPRINT

    stage.render_all("live")

    old = stage.api("GET", f"/v1/speech/{accepted}").json
    assert old["status"] == "ready"
    assert old["id"] != accepted
    assert stage.say(HELLO).json["id"] == old["id"]
    assert stage.api("GET", "/info").json["fingerprint"] == OTHER_FINGERPRINT
    assert "FingerprintChanged" in capsys.readouterr().out


def test_given_pods_that_disagree_then_audio_is_kept_under_what_spoke_it(stage: Stage) -> None:
    stage.api("GET", "/info")
    stage.host.info_fingerprint = stage.host.fingerprint
    stage.host.fingerprint = OTHER_FINGERPRINT

    first = stage.say(HELLO).json["id"]

    [name] = stage.cached_keys()
    head = stage.s3.head_object(Bucket="cache", Key=name)
    assert head["Metadata"]["fingerprint"] == OTHER_FINGERPRINT
    assert stage.api("GET", f"/v1/speech/{first}").json["status"] == "ready"


def test_given_a_refused_queued_call_then_its_id_says_failed(stage: Stage) -> None:
    accepted = stage.say(CALL, Prefer="respond-async").json["id"]
    stage.host.faults.append("rejected")
    stage.render_all("live")

    answer = stage.api("GET", f"/v1/speech/{accepted}")

    assert (answer.status, answer.json["status"]) == (200, "failed")
    assert answer.json["problem"]["detail"] == "ticket: nothing to say"
    assert "João" not in answer.body


def test_given_promised_speech_that_was_kept_and_deleted_then_its_id_is_forgotten(
    stage: Stage,
) -> None:
    accepted = stage.say(CALL, Prefer="respond-async").json["id"]
    stage.render_all("live")
    [name] = stage.cached_keys()
    stage.s3.delete_object(Bucket="cache", Key=name)

    assert stage.api("GET", f"/v1/speech/{accepted}").status == 404


def test_given_an_id_nobody_asked_for_then_it_is_not_found(stage: Stage) -> None:
    assert stage.api("GET", f"/v1/speech/personal.maria.{'0' * 64}.wav").status == 404
    assert stage.api("GET", "/v1/speech/nonsense").status == 422


def test_given_patients_who_check_in_then_their_calls_are_rendered_ahead(stage: Stage) -> None:
    names = [f"Paciente {number}" for number in range(12)]
    body = {"texts": ["Bem-vindos."], "calls": [{"name": name} for name in names], "format": "mp3"}

    answer = stage.api("POST", "/v1/prewarm", body)

    assert (answer.status, answer.json["accepted"]) == (202, 13)
    assert stage.api("GET", f"/v1/speech/{answer.json['ids'][12]}").status == 202
    assert stage.render_all("bulk") == 13
    assert {request["headers"]["CTV-Priority"] for request in stage.host.requests} == {"bulk"}
    called = stage.say({"call": {"name": "Paciente 11"}, "format": "mp3"})
    assert called.json["cached"] is True
    assert called.json["id"] == answer.json["ids"][12]


def test_given_openais_request_when_ready_then_it_redirects_to_the_audio(stage: Stage) -> None:
    answer = stage.api(
        "POST",
        "/v1/audio/speech",
        {"model": "tts-1", "input": "Bom dia.", "voice": "default"},
    )

    assert answer.status == 303
    assert "X-Amz-Signature" in answer.headers["location"]
    assert stage.host.requests[0]["format"] == "mp3"


def test_given_openais_request_when_the_host_is_busy_then_the_client_may_retry(
    stage: Stage,
) -> None:
    stage.host.faults.append("busy")
    body = {"model": "tts-1", "input": "Bom dia.", "voice": "maria"}

    busy = stage.api("POST", "/v1/audio/speech", body)
    stage.render_all("live")

    assert (busy.status, busy.headers["retry-after"]) == (503, "2")
    assert busy.json["error"]["type"] == "server_error"
    assert stage.api("POST", "/v1/audio/speech", body).status == 303
    assert len(stage.host.spoken) == 2


def test_given_one_process_without_aws_then_it_speaks_from_memory(stage: Stage) -> None:
    assert stage.api("GET", "/v1/voices").status == 200  # from now on the gateway knows who asks
    stage.restart(CACHE_BACKEND="memory", S3_CACHE_BUCKET="", STATE_TABLE="")

    first, again = stage.say(HELLO), stage.say(HELLO)
    openai = stage.api(
        "POST", "/v1/audio/speech", {"model": "x", "input": "Bom dia.", "response_format": "wav"}
    )
    stage.host.faults.append("busy")
    busy = stage.say(CALL)

    assert (first.json["cached"], again.json["cached"]) == (False, True)
    assert first.json["url"].startswith("data:audio/wav;base64,")
    assert (openai.status, openai.headers["content-type"]) == (200, "audio/wav")
    assert len(openai.body) > len(AUDIO)
    assert busy.status == 503
    assert stage.api("POST", "/v1/prewarm", {"texts": ["a"]}).status == 503
    assert stage.api("GET", f"/v1/speech/{first.json['id']}").json["status"] == "ready"
    assert stage.cached_keys() == []
