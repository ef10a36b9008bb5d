"""What the API refuses, and what it tells of itself."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from api.host_health import HostHealth
from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT
from speech.host import HostClient, HostUnavailableError
from tests.unit.functions.conftest import Stage
from tests.unit.functions.host_stand_in import HostStandIn
from tests.unit.functions.panels.desk import Clock


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/speech", {}, "text"),
        ("/v1/speech", {"text": "oi", "call": {"name": "Ana"}}, "text"),
        ("/v1/speech", {"text": ""}, "text"),
        ("/v1/speech", {"text": "segredo\x07"}, "text"),
        ("/v1/speech", {"text": "oi", "txet": "segredo"}, "txet"),
        ("/v1/speech", {"text": "oi", "José segredo": 1}, "?"),
        ("/v1/speech", {"text": "oi", "voice": "papagaio"}, "voice"),
        ("/v1/speech", {"text": "oi", "format": "segredo"}, "format"),
        ("/v1/speech", {"text": "oi", "speed": 3}, "speed"),
        ("/v1/speech", {"call": {}}, "call"),
        ("/v1/speech", {"call": {"name": "segredo" * 100}}, "call.name"),
        ("/v1/prewarm", {}, "texts"),
        ("/v1/prewarm", {"texts": ["oi"] * 501}, "texts"),
        ("/v1/prewarm", {"texts": ["oi"] * 17 + ["segredo" * 200]}, "texts[17]"),
        ("/v1/audio/speech", {"model": "x", "input": "", "voice": "maria"}, "input"),
        ("/v1/audio/speech", {"model": "x", "input": "oi", "response_format": "ogg"},
         "response_format"),
        ("/v1/audio/speech", {"model": "x", "input": "oi", "voice": "alloy"}, "voice"),
    ],
)  # fmt: skip
def test_given_a_bad_field_then_it_is_named_and_nothing_is_repeated(
    stage: Stage, path: str, body: dict[str, Any], field: str
) -> None:
    answer = stage.api("POST", path, body)

    assert answer.status == 422, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert "segredo" not in answer.body
    assert answer.json["request_id"] == answer.headers["x-request-id"]
    assert ("error" in answer.json) == (path == "/v1/audio/speech")
    assert stage.host.spoken == []


def test_given_an_unknown_voice_or_format_then_the_allowed_ones_are_listed(stage: Stage) -> None:
    voice = stage.say({"text": "oi", "voice": "papagaio"}).json["errors"][0]
    format_ = stage.say({"text": "oi", "format": "ogg"}).json["errors"][0]

    assert voice["allowed"] == ["maria", "joao"]
    assert format_["allowed"] == ["wav", "pcm", "flac", "mp3", "opus", "aac"]


@pytest.mark.parametrize(
    ("raw", "headers", "status"),
    [
        ('{"text": ', {}, 400),
        ('{"text": "oi"}', {"Content-Type": "text/plain"}, 415),
        ('{"text": "oi"}', {"Content-Type": ""}, 415),
        ('{"text": "' + "a" * 70_000 + '"}', {}, 413),
    ],
)
def test_given_a_body_that_is_no_json_of_ours_then_it_is_refused(
    stage: Stage, raw: str, headers: dict[str, str], status: int
) -> None:
    answer = stage.api("POST", "/v1/speech", raw=raw, headers=headers)

    assert (answer.status, answer.json["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"


def test_given_a_wrong_path_or_method_then_it_is_a_problem_too(stage: Stage) -> None:
    missing = stage.api("GET", "/nowhere")
    wrong = stage.api("GET", "/v1/speech")

    assert (missing.status, missing.json["title"]) == (404, "Not found")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")


def test_given_a_fault_of_ours_then_it_is_counted_and_the_log_has_no_name(
    stage: Stage,
    log: io.StringIO,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("could not do it for Zuleica Guaraciaba")

    monkeypatch.setattr("speech.rendering.Renderer.render", fail)

    answer = stage.say({"call": {"name": "Zuleica Guaraciaba"}})

    out, err = capsys.readouterr()
    assert (answer.status, answer.json["status"]) == (500, 500)
    assert "ApiFault" in out
    assert '"error_type":"RuntimeError"' in log.getvalue()
    assert "Zuleica" not in log.getvalue() + out + err + answer.body


def test_given_a_name_then_no_log_metric_or_key_has_it(
    stage: Stage, log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    named = {"call": {"name": "Zuleica Guaraciaba", "place": "Sala 1"}}
    stage.say(named)
    stage.say(named | {"format": "mp3"}, Prefer="respond-async")
    stage.host.faults.extend(["busy", "rejected"])
    messages = stage.queued("live")
    stage.render(messages)
    stage.render(messages)

    out, err = capsys.readouterr()
    table = json.dumps(stage.dynamodb.scan(TableName="state")["Items"])
    written = out + err + log.getvalue() + table + str(stage.cached_keys())
    assert "HostError" in written
    assert "a message was not rendered" in written
    assert "Zuleica" not in written


@pytest.mark.parametrize(
    ("sent", "echoed"),
    [
        ({"X-Request-Id": "panel.7-a_b"}, "panel.7-a_b"),
        ({"X-Request-Id": "José da Silva"}, "77375676-xmpl-4b79-853a-f982474efe18"),
        ({}, "77375676-xmpl-4b79-853a-f982474efe18"),
    ],
)
def test_given_a_request_id_then_it_or_the_gateways_is_echoed(
    stage: Stage, sent: dict[str, str], echoed: str
) -> None:
    assert stage.api("GET", "/v1/voices", headers=sent).headers["x-request-id"] == echoed


def test_given_a_host_then_health_and_info_show_what_they_always_showed(stage: Stage) -> None:
    health = stage.api("GET", "/health").json
    info = stage.api("GET", "/info").json

    assert health == {"device": "cpu", "model_loaded": True, "status": "ok", "host": "up"}
    assert list(info)[:5] == ["device", "model", "model_loaded", "reference_audio", "temp_dir"]
    assert info["limits"] == {"text_chars_max": 1000, "speed_min": 0.5, "speed_max": 2.0}


def test_given_a_host_that_went_down_then_status_outlives_it(stage: Stage) -> None:
    stage.api("GET", "/info")
    stage.host.up = False
    stage.restart()

    health = stage.api("GET", "/health")

    assert (health.status, health.json["host"]) == (200, "down")
    assert stage.api("GET", "/info").status == 200
    assert stage.api("GET", "/v1/voices").json["voices"] == [
        {"id": "maria", "name": "Maria", "language": "pt-BR", "default": True},
        {"id": "joao", "name": "João", "language": "pt-BR", "default": False},
    ]


def test_given_a_host_that_swallows_packets_then_the_api_waits_for_it_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.api("GET", "/info")
    asked: list[HostClient] = []

    def swallowed(host: HostClient) -> None:
        asked.append(host)
        raise HostUnavailableError

    monkeypatch.setattr("speech.host.HostClient.health", swallowed)

    for _ in range(3):
        assert stage.api("GET", "/health").json["host"] == "down"

    assert len(asked) == 1


def test_given_a_host_that_comes_and_goes_then_its_health_is_at_most_five_seconds_old(
    host: HostStandIn,
) -> None:
    clock = Clock()
    health = HostHealth(HostClient(host.url), clock)
    assert health.seen()

    for up in (False, True):
        host.up = up
        clock.pass_s(4.9)
        assert bool(health.seen()) is not up
        clock.pass_s(0.1)
        assert bool(health.seen()) is up


def test_given_a_closed_network_then_the_reference_page_is_whole(stage: Stage) -> None:
    page = stage.api("GET", "/docs")

    assert page.headers["content-type"].startswith("text/html")
    assert "://" not in page.body
    for asset, start in (("swagger-ui-bundle.js", "/*"), ("swagger-ui.css", ".swagger-ui")):
        assert f'"docs/{asset}"' in page.body
        assert stage.api("GET", f"/docs/{asset}").body.startswith(start)
    assert stage.api("GET", "/docs/index.html").status == 404


def test_given_the_description_then_every_reference_resolves_and_errors_are_told(
    stage: Stage,
) -> None:
    text = stage.api("GET", "/openapi.json").body
    described = json.loads(text)

    assert described["openapi"] == "3.0.3"
    for part in text.split('"$ref": "#/')[1:]:
        node: Any = described
        for step in part.split('"')[0].split("/"):
            node = node[step]
    assert '"type": "null"' not in text
    assert '"const"' not in text
    speak = described["paths"]["/v1/speech"]["post"]
    assert set(speak["responses"]) == {
        "200", "202", "400", "401", "403", "413", "415", "422", "500", "503",
    }  # fmt: skip
    assert "application/problem+json" in speak["responses"]["422"]["content"]
    assert described["servers"] == [{"url": "."}]


def test_given_a_problem_then_it_is_what_the_description_says(stage: Stage) -> None:
    schemas = json.loads(stage.api("GET", "/openapi.json").body)["components"]["schemas"]
    problem = stage.say({"text": ""}).json

    described = schemas["Problem"]
    assert set(described["required"]) <= set(problem) <= set(described["properties"])


def test_api_gateway_lets_through_exactly_the_routes_that_are_described(stage: Stage) -> None:
    # Given what the API says of itself, and the routes that the template names
    described = stage.api("GET", "/openapi.json").json["paths"]
    template = read_template(ROOT / "template.yaml")
    events = template["Resources"]["ApiFunction"]["Properties"]["Events"].values()
    # Then they are the same, but for the description and its pages
    served = {(method.upper(), path) for path, methods in described.items() for method in methods}
    let_through = {(e["Properties"]["Method"], e["Properties"]["Path"]) for e in events}
    pages = {("GET", path) for path in ("/openapi.json", "/docs", "/docs/{asset}")}
    assert let_through == served | pages
