"""What an engine tells of itself, as the operator sees it: /info and /metrics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient

from model_host.app import create_app
from model_host.engines.base import Engine
from model_host.settings import Settings
from tests.unit.model_host.fake_engine import FakeEngine, TellingEngine


@contextmanager
def serving(engine: Engine, **fields: Any) -> Iterator[TestClient]:
    """A host that is ready."""
    with TestClient(create_app(Settings(**fields), engine)) as client:
        for _ in range(1000):
            if client.get("/health/ready").status_code == 200:
                break
        else:
            raise TimeoutError
        yield client


def sample(client: TestClient, name: str) -> float:
    """One sample of /metrics."""
    (value,) = [
        line.rsplit(" ", 1)[1]
        for line in client.get("/metrics").text.splitlines()
        if line.startswith(f"{name} ")
    ]
    return float(value)


def test_given_an_engine_that_tells_when_asked_what_speaks_then_info_ends_with_it() -> None:
    with serving(TellingEngine()) as client:
        info = client.get("/info").json()

    assert list(info)[-1] == "engine_details"
    assert info["engine_details"] == {
        "pack": "00ff", "cpu_features": ["FP32", "INT8"], "max_rows": 16, "rows": 3.0, "tokens": 1.0
    }  # fmt: skip


def test_given_an_engine_that_tells_when_scraped_then_each_reading_is_a_metric_of_now() -> None:
    with serving(TellingEngine()) as client:
        before = sample(client, "ctv_engine_tokens_total")
        client.post("/synthesize", json={"text": "Maria"})

        assert sample(client, "ctv_engine_tokens_total") == before + 1
        assert sample(client, "ctv_engine_rows") == 3
        assert (
            sample(client, 'ctv_engine_info{cpu_features="FP32 INT8",max_rows="16",pack="00ff"}')
            == 1
        )


def test_given_an_engine_that_does_not_tell_when_asked_then_nothing_is_made_up() -> None:
    with serving(FakeEngine()) as client:
        assert client.get("/info").json()["engine_details"] == {}
        assert "ctv_engine_" not in client.get("/metrics").text


def test_given_an_engine_that_was_closed_when_scraped_then_the_others_metrics_remain() -> None:
    engine = TellingEngine()
    with serving(engine) as client:
        engine.close()

        assert client.get("/info").json()["engine_details"] == {}
        assert "ctv_host_ready" in client.get("/metrics").text


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("priority", ["live", "bulk"])
def test_given_a_request_when_answered_then_wait_and_first_audio_are_measured(
    priority: str, stream: bool
) -> None:
    with serving(FakeEngine()) as client:
        body = {"text": "Maria", "stream": stream}
        client.post("/synthesize", json=body, headers={"CTV-Priority": priority})

        for name in ("queue_wait", "first_audio"):
            assert sample(client, f'ctv_host_{name}_seconds_count{{priority="{priority}"}}') == 1


@pytest.mark.parametrize(
    ("priority", "fields", "live", "candidates"),
    [
        ("live", {}, True, 1),
        ("bulk", {}, False, 3),
        ("bulk", {"stream": True}, False, 1),
        ("bulk", {"candidates": 2}, False, 2),
        ("live", {"candidates": 4}, True, 4),
    ],
)
def test_given_a_priority_when_spoken_then_the_engine_learns_who_waits_and_how_often_to_try(
    priority: str, fields: dict[str, Any], live: bool, candidates: int
) -> None:
    engine = FakeEngine(chunks=25)
    with serving(engine, bulk_candidates=3) as client:
        headers = {"CTV-Priority": priority}
        answer = client.post(
            "/synthesize",
            json={"text": "Maria da Silva, consultório três", **fields},
            headers=headers,
        )

    assert answer.status_code == 200
    asked = engine.asked[-1]
    assert (asked.live, asked.candidates) == (live, candidates)
    assert asked.streaming == fields.get("stream", False)


def test_given_a_warm_up_when_something_was_heard_then_the_engine_need_not_go_on() -> None:
    engine = FakeEngine(chunks=100_000, pace_s=0.001)

    with serving(engine):
        assert engine.asked[0].streaming

    assert engine.cancelled == engine.spoken
