"""What the host says of its own audio decides whether it is kept."""

from __future__ import annotations

import io
import json
import time

import pytest

from speech.cache import InProcessCache, MemoryTier
from speech.host import SpokenAudio
from speech.key import SpeechKey
from speech.store import SpeechStore
from tests.unit.functions.conftest import Stage
from tests.unit.functions.test_bulk import visibility_changes

HELLO = {"text": "Bom dia."}
KEY = SpeechKey("personal", "maria", "0" * 64, "wav")
VERIFIED = SpokenAudio(b"RIFF good", "audio/wav", 1.25, "0123456789abcdef")
DOUBTFUL = SpokenAudio(b"RIFF bad", "audio/wav", 9.5, "0123456789abcdef", doubtful=True)
DAY_S = 86_400


def store_at(stage: Stage, now_s: float = 1_000_000.0) -> SpeechStore:
    return SpeechStore(stage.s3, "cache", "c-tv/cache", lambda _: DAY_S, lambda: now_s)


@pytest.mark.parametrize("quality", [None, "verified", "streamed"])
def test_given_audio_that_nobody_doubts_then_it_is_verified(
    stage: Stage, quality: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.host.quality = quality

    assert stage.say(HELLO).json["quality"] == "verified"
    assert "SpeechDoubtful" not in capsys.readouterr().out


def test_given_doubtful_audio_then_a_live_caller_gets_it_and_it_is_kept_an_hour(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.host.quality = "doubtful"

    first, again = stage.say(HELLO), stage.say(HELLO)

    assert (first.status, first.json["quality"]) == (200, "doubtful")
    assert (again.json["cached"], again.json["quality"]) == (True, "doubtful")
    [name] = stage.cached_keys()
    metadata = stage.s3.head_object(Bucket="cache", Key=name)["Metadata"]
    assert metadata["quality"] == "doubtful"
    assert float(metadata["expires-at"]) <= time.time() + 3600
    counted = [line for line in capsys.readouterr().out.splitlines() if "SpeechDoubtful" in line]
    assert [json.loads(line)["priority"] for line in counted] == ["live"]


def test_given_a_doubtful_phrase_for_a_live_caller_then_it_is_not_kept_as_a_phrase(
    stage: Stage,
) -> None:
    stage.host.quality = "doubtful"
    asked = HELLO | {"retention": "phrase"}
    assert stage.say(asked).json["id"].startswith("personal.")

    stage.host.quality = "verified"

    assert stage.say(asked).json["quality"] == "verified"
    assert sorted(name.split("/")[2] for name in stage.cached_keys()) == ["personal", "phrase"]


def test_given_doubtful_bulk_work_then_nothing_is_kept_and_the_message_comes_again(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    log: io.StringIO,
) -> None:
    stage.notify("prerender", stage.upload("uploads/a.csv", b"text\num\n"))
    stage.host.quality = "doubtful"
    [message] = stage.queued("bulk")
    changes = visibility_changes(stage, monkeypatch)

    assert stage.render([message]) == [message["MessageId"]]

    assert [again_s for _, again_s in changes] == [5]
    assert '"reason":"DoubtfulSpeechError"' in log.getvalue()
    assert '"level":"ERROR"' not in log.getvalue()
    assert stage.cached_keys() == []
    assert '"SpeechDoubtful":[1.0]' in capsys.readouterr().out
    stage.host.quality = "verified"
    assert stage.render([message]) == []
    assert stage.beside("uploads/a.csv", "report")["rendered"] == 1


def test_given_doubtful_speech_when_bulk_work_says_it_well_then_that_takes_its_place(
    stage: Stage,
) -> None:
    stage.host.quality = "doubtful"
    said = stage.say(HELLO).json["id"]
    stage.host.quality = "verified"

    stage.api("POST", "/v1/prewarm", {"texts": ["Bom dia."]})
    stage.render_all()

    stage.restart()
    found = stage.say(HELLO).json
    assert (found["id"], found["cached"], found["quality"]) == (said, True, "verified")


def test_given_verified_speech_then_doubtful_speech_never_takes_its_place(stage: Stage) -> None:
    store = store_at(stage)
    store.publish(KEY, VERIFIED)

    assert store.publish(KEY, DOUBTFUL).doubtful is False
    assert store.find(KEY) == store.publish(KEY, VERIFIED)


def test_given_doubtful_speech_then_nobody_finds_it_after_an_hour(stage: Stage) -> None:
    store_at(stage).publish(KEY, DOUBTFUL)

    assert store_at(stage, 1_003_599.0).find(KEY)
    assert store_at(stage, 1_003_600.0).find(KEY) is None


def test_given_one_process_without_a_bucket_then_doubtful_speech_is_forgotten_as_soon() -> None:
    now_s = 1_000_000.0
    cache = InProcessCache(
        MemoryTier(100_000, DAY_S, lambda: now_s), lambda _: DAY_S, lambda: now_s
    )

    speech = cache.publish(KEY, DOUBTFUL)

    assert speech.doubtful
    assert speech.expires_at == now_s + 3600
    now_s += 3600
    assert cache.find(KEY) is None
