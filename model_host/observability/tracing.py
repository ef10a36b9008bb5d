"""Spans of finished requests, by OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/).

Made by hand from the request's record, when it is over: instrumentation that watches requests by
itself would see texts.
"""

from __future__ import annotations

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from model_host import VERSION
from model_host.observability import timeline
from model_host.observability.record import RequestRecord
from model_host.observability.trace_context import TraceParent
from model_host.settings import Settings

_TRACES_PATH = "/v1/traces"
_EXPORT_TIMEOUT_S = 5.0
_SERVER_FAULT = 500
_NS = 1_000_000_000


class TraceExporter:
    """One server span for each request that its caller has recorded, with what it waited for."""

    def __init__(self, settings: Settings) -> None:
        """Start the thread that sends; OTEL_EXPORTER_OTLP_HEADERS is read by OpenTelemetry."""
        endpoint = f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}{_TRACES_PATH}"
        self._provider = TracerProvider(
            sampler=ParentBased(ALWAYS_ON),
            resource=Resource.create(
                {
                    "service.name": "coqui-server",
                    "service.version": VERSION,
                    "deployment.environment.name": settings.ctv_env,
                }
            ),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=_EXPORT_TIMEOUT_S))
        )
        self._tracer = self._provider.get_tracer("model_host", VERSION)

    def observe(self, record: RequestRecord) -> None:
        """Make the spans of a finished request."""
        whole = timeline.whole(record)
        span = self._tracer.start_span(
            whole.name,
            _context(record.caller) if record.caller else None,
            SpanKind.SERVER,
            _attributes(record),
            start_time=_ns(whole.began_at),
        )
        if record.status >= _SERVER_FAULT:
            span.set_status(StatusCode.ERROR)
        around = set_span_in_context(span)
        for part in timeline.parts(record, whole.began_at):
            child = self._tracer.start_span(part.name, around, start_time=_ns(part.began_at))
            child.end(_ns(part.ended_at))
        span.end(_ns(whole.ended_at))

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def _context(caller: TraceParent) -> Context:
    remote = SpanContext(
        trace_id=int(caller.trace_id, 16),
        span_id=int(caller.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED if caller.sampled else TraceFlags.DEFAULT),
    )
    return set_span_in_context(NonRecordingSpan(remote))


def _attributes(record: RequestRecord) -> dict[str, AttributeValue]:
    """What is known of the request, by OpenTelemetry's names where it has some; never a text."""
    attributes: dict[str, AttributeValue] = {
        "http.request.method": record.method,
        "http.route": record.route,
        "http.response.status_code": record.status,
        "ctv.outcome": record.outcome.value,
    }
    if record.speech is not None:
        attributes |= {
            "ctv.priority": record.priority.value,
            "ctv.format": record.speech.format.value,
            "ctv.stream": record.speech.stream,
            "ctv.engine": record.engine,
            "ctv.audio_s": record.report.sent_s,
        }
    return attributes


def _ns(seconds: float) -> int:
    return int(seconds * _NS)
