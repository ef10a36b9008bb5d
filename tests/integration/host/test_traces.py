"""From the API's log line to the host's spans: one trace id, and no text on the way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.integration.host.api_call import call_api
from tests.integration.host.receiver import Receiver, receiving
from tests.integration.host.running_host import ROOT, RunningHost

NAME = "Zuleica Guaraciaba Teixeira"
TRACE_ID = "5759e988bd862e3fe1be46a994272793"
SEGMENT_ID = "53995c3f42cd8ad8"
SAMPLED = {"traceparent": f"00-{TRACE_ID}-{SEGMENT_ID}-01"}
StartHost = Callable[..., RunningHost]


def spans(received: list[tuple[str, bytes]]) -> list[Span]:
    return [
        span
        for path, body in received
        if path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def attributes(span: Span) -> dict[str, Any]:
    return {
        attribute.key: getattr(attribute.value, attribute.value.WhichOneof("value"))
        for attribute in span.attributes
    }


@pytest.fixture
def collector() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def traced(collector: Receiver, start_host: StartHost) -> RunningHost:
    return start_host(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="100")


def test_given_a_sampled_caller_then_its_trace_goes_on_with_a_span_for_each_stretch(
    traced: RunningHost, collector: Receiver
) -> None:
    assert traced.synthesize(f"Senha 7, {NAME}.", headers=SAMPLED).status_code == 200

    server, *parts = sorted(collector.wait_for(spans), key=lambda span: span.kind, reverse=True)

    assert (server.name, server.kind) == ("POST /synthesize", Span.SPAN_KIND_SERVER)
    assert server.parent_span_id.hex() == SEGMENT_ID
    assert {span.trace_id.hex() for span in (server, *parts)} == {TRACE_ID}
    assert [part.name for part in parts] == ["queue", "engine", "checks"]
    assert {part.parent_span_id for part in parts} == {server.span_id}
    starts = [span.start_time_unix_nano for span in (server, *parts)]
    assert starts == sorted(starts)
    assert max(part.end_time_unix_nano for part in parts) <= server.end_time_unix_nano
    told = attributes(server)
    assert told.pop("ctv.audio_s") > 0.5
    assert told == {
        "http.request.method": "POST",
        "http.route": "/synthesize",
        "http.response.status_code": 200,
        "ctv.outcome": "ok",
        "ctv.priority": "live",
        "ctv.format": "wav",
        "ctv.stream": False,
        "ctv.engine": "espeak",
    }
    for _, body in collector.received:
        assert not any(word.encode() in body for word in NAME.split())
    [line] = [line for line in traced.log_lines() if line["message"] == "request"]
    assert line["trace_id"] == TRACE_ID


def test_given_a_caller_that_is_not_sampled_then_nothing_is_sent_but_a_log_line_has_its_trace(
    traced: RunningHost, collector: Receiver
) -> None:
    unsampled = {"traceparent": f"00-{'b' * 32}-{SEGMENT_ID}-00"}
    traced.synthesize("senha 7", headers=unsampled)
    traced.synthesize("senha 7", headers=SAMPLED)
    traced.client.get("/health/ready", headers=SAMPLED)

    assert {span.trace_id.hex() for span in collector.wait_for(spans)} == {TRACE_ID}
    lines = [line for line in traced.log_lines() if line["message"] == "request"]
    assert [line["trace_id"] for line in lines] == ["b" * 32, TRACE_ID]


def test_given_a_refused_or_failed_request_then_its_span_has_the_status(
    traced: RunningHost, collector: Receiver
) -> None:
    traced.client.get(f"/{NAME}".replace(" ", "-"), headers=SAMPLED)
    traced.synthesize("senha 7 " * 20, headers={**SAMPLED, "CTV-Timeout": "0.001"})

    def both(received: list[tuple[str, bytes]]) -> list[Span] | None:
        found = [span for span in spans(received) if span.kind == Span.SPAN_KIND_SERVER]
        return found if len(found) == 2 else None

    unknown, late = collector.wait_for(both)

    assert unknown.name == "GET other"
    assert attributes(unknown)["http.response.status_code"] == 404
    assert unknown.status.code == Status.STATUS_CODE_UNSET
    assert attributes(late)["ctv.outcome"] == "deadline"
    assert late.status.code == Status.STATUS_CODE_ERROR


def test_given_the_host_stops_then_the_last_spans_are_sent(
    collector: Receiver, start_host: StartHost
) -> None:
    host = start_host(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="60000")
    host.synthesize("senha 7", headers=SAMPLED)
    assert collector.received == []

    host.terminate()
    host.process.wait(10)

    assert len(spans(collector.received)) == 4


LOADED = """
import sys
from model_host.app import create_app
from model_host.settings import Settings
create_app(Settings(engine="espeak"))
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "sentry_sdk"))])
"""


def test_given_no_collector_and_no_dsn_then_neither_library_is_loaded() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert ran.stdout.strip() == "[]"


def test_given_a_call_of_the_api_then_its_log_line_and_the_hosts_spans_have_one_trace_id(
    traced: RunningHost, collector: Receiver
) -> None:
    # Given an invocation that X-Ray samples, as Lambda's runtime says it
    called = call_api(
        {"text": f"Senha 7, {NAME}."},
        CACHE_BACKEND="memory",
        COQUI_SERVER_URL=traced.url,
        _X_AMZN_TRACE_ID=f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent={SEGMENT_ID};Sampled=1",
    )
    assert called.status == 200
    # Then the function's line, the host's line and the host's spans have X-Ray's id
    [spoke] = [line for line in called.log_lines if line.get("message") == "the host spoke"]
    assert spoke["trace_id"] == TRACE_ID
    of_host = [line for line in traced.log_lines() if line.get("route") == "/synthesize"]
    assert [line["trace_id"] for line in of_host] == [TRACE_ID]

    def spoken(received: list[tuple[str, bytes]]) -> list[Span]:
        return [span for span in spans(received) if span.name == "POST /synthesize"]

    [span] = collector.wait_for(spoken)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE_ID, SEGMENT_ID)
    # And neither has what was said
    everything = called.log + "".join(repr(body) for _, body in collector.received)
    assert not any(word in everything for word in NAME.split())
