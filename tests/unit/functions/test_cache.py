"""The memory tier, the S3 tier and what stands between them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from speech.cache import CachedSpeech, InProcessCache, MemoryTier, TieredCache
from speech.clients import Clients
from speech.host import SpokenAudio
from speech.key import SpeechKey
from speech.store import PublishError, SpeechStore
from tests.unit.functions.conftest import Stage

AUDIO = SpokenAudio(b"RIFF audio", "audio/wav", 1.25, "0123456789abcdef")
OTHER = SpokenAudio(b"RIFF other", "audio/wav", 2.5, "0123456789abcdef")


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


def key(number: int = 0, retention: str = "phrase") -> SpeechKey:
    return SpeechKey(retention, "maria", f"{number:064x}", "wav")


def entry(number: int, url: str = "u", expires_at: float = 2_000_000) -> CachedSpeech:
    return CachedSpeech(
        key(number).id, key(number), "audio/wav", 1, 1.0, expires_at, url, 2_000_000
    )


def store_of(stage: Stage, clock: Clock, ttl_s: int = 100) -> SpeechStore:
    return SpeechStore(stage.s3, "cache", "c-tv/cache", lambda _: ttl_s, clock)


def test_given_a_full_memory_when_more_comes_then_the_least_recently_used_goes(
    clock: Clock,
) -> None:
    memory = MemoryTier(max_bytes=3 * 1100, ttl_s=60, now=clock)
    for number in (1, 2, 3):
        memory.put(entry(number, "u" * 50))
    assert memory.get(key(1))

    memory.put(entry(4, "u" * 50))

    assert memory.get(key(2)) is None
    assert all(memory.get(key(number)) for number in (1, 3, 4))
    assert memory.size_bytes <= 3 * 1100


def test_given_an_entry_that_never_fits_then_it_is_not_kept(clock: Clock) -> None:
    memory = MemoryTier(max_bytes=2000, ttl_s=60, now=clock)
    memory.put(entry(1))

    memory.put(entry(2, "u" * 2000))

    assert memory.get(key(1))
    assert memory.get(key(2)) is None


def test_given_an_old_entry_then_memory_no_longer_trusts_it(clock: Clock) -> None:
    memory = MemoryTier(max_bytes=10_000, ttl_s=60, now=clock)
    memory.put(entry(1))
    memory.put(entry(2, expires_at=clock.now_s + 10))

    clock.now_s += 10
    assert memory.get(key(1))
    assert memory.get(key(2)) is None
    clock.now_s += 50
    assert memory.get(key(1)) is None
    assert memory.size_bytes == 0


def test_given_published_speech_then_the_object_is_described_without_its_text(
    stage: Stage, clock: Clock
) -> None:
    store_of(stage, clock).publish(key(), AUDIO)

    head = stage.s3.head_object(Bucket="cache", Key=key().object_key("c-tv/cache"))
    assert head["Metadata"] == {
        "duration-s": "1.250",
        "fingerprint": "0123456789abcdef",
        "expires-at": "1000100",
    }
    assert (head["ContentType"], head["CacheControl"]) == ("audio/wav", "private, max-age=100")


def test_given_live_speech_when_another_publishes_then_the_first_stays(
    stage: Stage, clock: Clock
) -> None:
    store = store_of(stage, clock)
    store.publish(key(), AUDIO)

    stored = store.publish(key(), OTHER)

    assert stored.duration_s == 1.25
    found = stage.s3.get_object(Bucket="cache", Key=key().object_key("c-tv/cache"))
    assert found["Body"].read() == AUDIO.body


def test_given_expired_speech_then_it_is_not_found_and_is_replaced(
    stage: Stage, clock: Clock
) -> None:
    store = store_of(stage, clock)
    store.publish(key(), AUDIO)
    clock.now_s += 100

    assert store.find(key()) is None
    stored = store.publish(key(), OTHER)

    assert stored == store.find(key())
    assert stored.duration_s == 2.5


def test_given_a_conflict_then_the_put_is_tried_again(
    stage: Stage, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, put, answers = store_of(stage, clock), stage.s3.put_object, [409, 409]

    def conflicting(**request: Any) -> Any:
        if answers:
            raise client_error(answers.pop())
        return put(**request)

    monkeypatch.setattr(stage.s3, "put_object", conflicting)

    assert store.publish(key(), AUDIO).duration_s == 1.25


def test_given_endless_conflict_then_publishing_fails(
    stage: Stage, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def conflicting(**_: Any) -> Any:
        raise client_error(409)

    monkeypatch.setattr(stage.s3, "put_object", conflicting)

    with pytest.raises(PublishError):
        store_of(stage, clock).publish(key(), AUDIO)


def client_error(status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": "x"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "PutObject",
    )


def test_given_a_hit_then_the_url_is_given_again_until_half_its_life_is_over(
    stage: Stage, clock: Clock
) -> None:
    memory = MemoryTier(100_000, 10_000, clock)
    cache = TieredCache(store_of(stage, clock, 10_000), memory, url_ttl_s=600, now=clock)
    first = cache.publish(key(), AUDIO)

    clock.now_s += 299
    again = cache.find(key())
    clock.now_s += 2
    later = cache.find(key())

    assert again
    assert later
    assert (again.tier, again.speech.url) == ("memory", first.url)
    assert later.speech.url_expires_at == clock.now_s + 600
    assert later.tier == "memory"


def test_given_speech_deleted_behind_memory_when_it_is_verified_then_it_is_gone(
    stage: Stage, clock: Clock
) -> None:
    cache = TieredCache(store_of(stage, clock), MemoryTier(100_000, 60, clock), 600, clock)
    cache.publish(key(), AUDIO)
    stage.s3.delete_object(Bucket="cache", Key=key().object_key("c-tv/cache"))

    assert cache.find(key())
    assert cache.verify(key()) is None
    assert cache.find(key()) is None


def test_given_one_process_without_a_bucket_then_the_url_carries_the_audio(clock: Clock) -> None:
    cache = InProcessCache(MemoryTier(100_000, 60, clock), lambda _: 60, clock)

    speech = cache.publish(key(), AUDIO)

    assert speech.url == "data:audio/wav;base64,UklGRiBhdWRpbw=="
    assert cache.find(key(1), key()) is not None


def test_given_a_region_then_a_presigned_url_names_it_and_is_signed_with_sigv4(
    stage: Stage,
) -> None:
    store = SpeechStore(Clients(emulated=False).s3, "cache", "c-tv/cache", lambda _: 60)

    url = store.presign(key(), 60)

    assert url.startswith("https://cache.s3.sa-east-1.amazonaws.com/c-tv/cache/phrase/maria/")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url


def test_given_objects_of_all_ages_then_only_the_young_are_live(stage: Stage) -> None:
    now = datetime.now(UTC).timestamp()
    SpeechStore(stage.s3, "cache", "c-tv/cache", lambda _: 100).publish(key(), AUDIO)
    name = key().object_key("c-tv/cache")

    def at(moment_s: float) -> SpeechStore:
        return SpeechStore(stage.s3, "cache", "c-tv/cache", lambda _: 100, lambda: moment_s)

    assert at(now + 50).live_keys("phrase", "maria") == {name}
    assert at(now + 200).live_keys("phrase", "maria") == frozenset()
    assert at(now).live_keys("personal", "maria") == frozenset()
