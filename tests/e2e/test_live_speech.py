"""A call asked of the public API: spoken once, then played from the cache."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import openai
import pytest
import soundfile

from infra.local.settings import STAGE
from infra.local.stack import LocalStack
from tests.e2e.conftest import syntheses, wait_ready


def test_a_miss_is_spoken_and_the_next_request_is_a_hit(
    api: httpx.Client, fresh: Callable[[str], str]
) -> None:
    # Given a text that nobody asked for before
    body = {"text": fresh("senha"), "format": "wav"}
    # When it is asked twice
    first = api.post("/v1/speech", json=body)
    second = api.post("/v1/speech", json=body)
    # Then it is spoken, then found, under one id
    assert first.status_code == second.status_code == 200, first.text + second.text
    assert (first.json()["status"], first.json()["cached"]) == ("ready", False)
    assert (second.json()["id"], second.json()["cached"]) == (first.json()["id"], True)
    # And the URL plays what was promised
    clip = httpx.get(first.json()["url"])
    samples, rate_hz = soundfile.read(io.BytesIO(clip.content))
    assert clip.headers["content-type"] == "audio/wav"
    assert rate_hz == 24_000
    assert len(samples) / rate_hz == pytest.approx(first.json()["duration_s"], abs=0.01)
    assert float(np.sqrt(np.mean(samples**2))) > 0.01


def test_respond_async_answers_202_and_the_id_becomes_ready(
    api: httpx.Client, fresh: Callable[[str], str]
) -> None:
    # Given a client that does not want to wait (RFC 7240)
    answer = api.post(
        "/v1/speech", json={"text": fresh("senha")}, headers={"Prefer": "respond-async"}
    )
    # Then it is accepted, and says where and when to look
    assert answer.status_code == 202
    assert answer.json()["status"] == "rendering"
    assert int(answer.headers["retry-after"]) >= 1
    # And it becomes ready through the queue
    ready = wait_ready(api, answer.json()["id"])
    assert httpx.get(ready["url"]).content[:4] == b"RIFF"


def test_sixteen_callers_of_one_call_cost_one_synthesis(
    stack: LocalStack, api: httpx.Client, fresh: Callable[[str], str]
) -> None:
    def ask_all(bodies: Sequence[dict[str, object]]) -> list[httpx.Response]:
        with ThreadPoolExecutor(len(bodies)) as callers:
            return list(callers.map(lambda body: api.post("/v1/speech", json=body), bodies))

    # Given sixteen warm Lambdas, started a few at a time, and a call that takes the host seconds
    for callers_at_once in (1, 6, 11, 16):
        ask_all([{"text": fresh("senha")} for _ in range(callers_at_once)])
    slow = {"text": (fresh("ficha") + ". ") * 20, "format": "aac", "speed": 0.5}
    before = syntheses(stack)
    # When sixteen panels ask for it at the same moment
    answers = ask_all([slow] * 16)
    # Then all hear the same object
    ids = {answer.json()["id"] for answer in answers}
    assert len(ids) == 1, [answer.text for answer in answers]
    assert {answer.status_code for answer in answers} <= {200, 202}
    wait_ready(api, ids.pop())
    # And the host spoke once
    assert syntheses(stack) - before == 1


@pytest.fixture
def localhost_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resolve *.localhost to this machine, as RFC 6761 asks and not every libc does."""
    resolve = socket.getaddrinfo

    def resolve_here(host: Any, *rest: Any, **options: Any) -> Any:
        here = isinstance(host, str) and host.endswith(".localhost")
        return resolve("127.0.0.1" if here else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)


@pytest.mark.usefixtures("api", "localhost_names")
def test_the_openai_client_works_unchanged(stack: LocalStack, fresh: Callable[[str], str]) -> None:
    client = openai.OpenAI(
        api_key=stack.api_key,
        base_url=f"http://{stack.api_host_header}:{stack.settings.gateway_port}/{STAGE}/v1",
    )
    # When OpenAI's own client asks for speech
    clip = client.audio.speech.create(
        model="gpt-4o-mini-tts",
        voice="default",
        input=fresh("senha"),
        instructions="Fale com calma.",
        response_format="flac",
    )
    # Then it gets the audio, redirected to the cache
    samples, rate_hz = soundfile.read(io.BytesIO(clip.content))
    assert rate_hz == 24_000
    assert len(samples) > rate_hz


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"text": ""}, 422, "text"),
        ({"text": "a" * 1001}, 422, "text"),
        ({"text": "senha\x07 1"}, 422, "text"),
        ({"text": "olá", "language": "xx"}, 422, "language"),
        ({"text": "olá", "voice": "papagaio"}, 422, "voice"),
        ({"text": "olá", "format": "wma"}, 422, "format"),
        ({"text": "olá", "speed": 3}, 422, "speed"),
        ({"text": "olá", "retention": "sempre"}, 422, "retention"),
        ({"text": "olá", "txet": "x"}, 422, "txet"),
        ({}, 422, "text"),
    ],
)
def test_bad_input_is_refused_with_the_field_named(
    api: httpx.Client, body: dict[str, object], status: int, field: str
) -> None:
    answer = api.post("/v1/speech", json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_bad_json_and_media_type_are_refused(api: httpx.Client) -> None:
    broken = api.post(
        "/v1/speech", content=b'{"text": ', headers={"Content-Type": "application/json"}
    )
    form = api.post("/v1/speech", data={"text": "olá"})
    assert broken.status_code == 400
    assert form.status_code == 415
    for answer in (broken, form):
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_route_that_is_not_there_is_a_problem_too(api: httpx.Client) -> None:
    answer = api.get("/v1/nada")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:c-tv:problem:not-found"


def test_the_reference_page_needs_nothing_from_elsewhere(api: httpx.Client) -> None:
    # Given a clinic's closed network
    page = api.get("/docs")
    assert page.status_code == 200
    assert "://" not in page.text.replace("http://www.w3.org/", "")
    # Then the page's own script, style and description all come from the API
    assert api.get("/docs/swagger-ui-bundle.js").status_code == 200
    assert api.get("/docs/swagger-ui.css").status_code == 200
    assert "/v1/speech" in api.get("/openapi.json").json()["paths"]


def test_health_and_info_tell_what_speaks(api: httpx.Client) -> None:
    health, info = api.get("/health").json(), api.get("/info").json()
    assert {"device": "cpu", "model_loaded": True, "status": "ok"}.items() <= health.items()
    assert info["engine"] == "espeak"
    assert list(info)[:5] == ["device", "model", "model_loaded", "reference_audio", "temp_dir"]


def test_prewarmed_names_are_hits(api: httpx.Client, fresh: Callable[[str], str]) -> None:
    # Given a patient who checks in
    call = {"name": fresh("Joana"), "place": "Consultório 3"}
    accepted = api.post("/v1/prewarm", json={"calls": [call], "format": "mp3"})
    assert accepted.status_code == 202, accepted.text
    [speech_id] = accepted.json()["ids"]
    wait_ready(api, speech_id)
    # When the patient is called
    answer = api.post("/v1/speech", json={"call": call, "format": "mp3"}).json()
    # Then the call is there already
    assert (answer["id"], answer["cached"]) == (speech_id, True)
