"""What Sentry gets of a fault: its type and place, and nothing of what was to be said."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model_host import VERSION
from tests.integration.host.receiver import Receiver, receiving
from tests.integration.host.running_host import RunningHost, running_host

NAME = "Zuleica Guaraciaba Teixeira"
TRACE_ID = "5759e988bd862e3fe1be46a994272793"
Items = list[tuple[dict[str, Any], Any]]


def items(received: list[tuple[str, bytes]]) -> Items:
    """The items of all envelopes: header and content (Sentry's envelope format)."""
    found: Items = []
    for _, envelope in received:
        lines = envelope.splitlines()[1:]
        found += [
            (json.loads(h), json.loads(c)) for h, c in zip(lines[::2], lines[1::2], strict=True)
        ]
    return found


def of_type(kind: str, received: list[tuple[str, bytes]]) -> list[dict[str, Any]]:
    return [content for header, content in items(received) if header["type"] == kind]


@pytest.fixture
def sentry() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def failing(tmp_path: Path, sentry: Receiver) -> Iterator[RunningHost]:
    """A host that fails at every name, and tells Sentry of each request."""
    environment = {
        "SENTRY_DSN": f"http://key@127.0.0.1:{sentry.port}/1",
        "SENTRY_TRACES_SAMPLE_RATE": "1",
        "SPEECH_CHECKS": "basic",
    }
    module = "tests.integration.host.failing_host"
    with running_host(tmp_path, environment, module=module) as host:
        yield host


def assert_nameless(received: list[tuple[str, bytes]]) -> None:
    everything = b"\n".join(envelope for _, envelope in received).decode().lower()
    for word in NAME.lower().split():
        assert word not in everything


def test_given_a_fault_then_sentry_gets_its_type_and_place_and_no_name(
    failing: RunningHost, sentry: Receiver
) -> None:
    assert failing.synthesize(NAME, headers={"X-Request-Id": "r1"}).status_code == 500

    [event] = sentry.wait_for(lambda received: of_type("event", received))

    assert_nameless(sentry.received)
    [error] = event["exception"]["values"]
    assert (error["type"], error["module"]) == ("LookupError", None)
    place = error["stacktrace"]["frames"][-1]
    assert (place["function"], place["module"]) == ("say", "__main__")
    assert event["logentry"] == {"message": "speaking failed"}
    assert (event["environment"], event["release"]) == ("dev", f"c-tv-model-host@{VERSION}")
    assert "value" not in error


def test_given_a_traced_request_then_sentry_gets_its_timing_under_the_callers_trace(
    failing: RunningHost, sentry: Receiver
) -> None:
    traceparent = f"00-{TRACE_ID}-53995c3f42cd8ad8-00"
    failing.client.get(f"/{NAME}")
    failing.synthesize(f"Senha de {NAME}", headers={"traceparent": traceparent})
    failing.client.get("/health/ready")

    def both(received: list[tuple[str, bytes]]) -> list[dict[str, Any]] | None:
        found = of_type("transaction", received)
        return found if len(found) == 2 else None

    unknown, spoken = sentry.wait_for(both)

    assert unknown["transaction"] == "GET other"
    assert spoken["transaction"] == "POST /synthesize"
    trace = spoken["contexts"]["trace"]
    assert (trace["trace_id"], trace["parent_span_id"]) == (TRACE_ID, "53995c3f42cd8ad8")
    assert [span["op"] for span in spoken["spans"]] == ["queue", "engine", "checks"]
    assert_nameless(sentry.received)


def test_given_the_host_stops_then_what_is_left_is_sent(
    failing: RunningHost, sentry: Receiver
) -> None:
    failing.synthesize(NAME)
    failing.terminate()
    assert failing.process.wait(10) is not None

    assert of_type("event", sentry.received)


@pytest.mark.slow
def test_given_sentry_that_is_down_then_requests_do_not_wait_for_it_and_the_log_has_no_dsn(
    tmp_path: Path,
) -> None:
    environment = {"SENTRY_DSN": "http://s3cr3t@127.0.0.1:9/1", "SENTRY_TRACES_SAMPLE_RATE": "1"}
    with running_host(tmp_path, environment) as host:
        began = time.monotonic()
        for _ in range(5):
            assert host.synthesize("senha 7").status_code == 200
        assert time.monotonic() - began < 3
        assert host.log_lines()[0]["settings"]["sentry_dsn"] == "**********"
        assert "s3cr3t" not in host.log_path.read_text()
        assert {line["level"] for line in host.log_lines()} == {"INFO"}


@pytest.mark.slow
def test_given_a_collector_that_is_down_then_the_librarys_complaint_is_no_fault_of_ours(
    tmp_path: Path, sentry: Receiver
) -> None:
    environment = {
        "SENTRY_DSN": f"http://key@127.0.0.1:{sentry.port}/1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
    }
    with running_host(tmp_path, environment) as host:
        host.synthesize("senha 7", headers={"traceparent": f"00-{TRACE_ID}-53995c3f42cd8ad8-01"})
        host.terminate()
        host.process.wait(20)
        assert "Failed to export" in host.log_path.read_text()

    assert of_type("event", sentry.received) == []
