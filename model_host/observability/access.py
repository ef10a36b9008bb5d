"""ASGI middleware around everything: request id, trace, one log line a request, metrics."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Sequence
from http import HTTPMethod

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model_host.observability import trace_context
from model_host.observability.exporters import Exporter
from model_host.observability.metrics import Metrics
from model_host.observability.record import Outcome, RequestRecord
from model_host.problems import internal_error

REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_QUIET_ROUTES = frozenset(
    {"/health", "/health/live", "/health/ready", "/health/serving", "/metrics"}
)
_METHODS = frozenset(HTTPMethod)
_log = logging.getLogger("model_host.access")


def is_request_id(value: str) -> bool:
    """Whether `value` may be a correlation id: nothing that could carry text or break a log."""
    return _REQUEST_ID.fullmatch(value) is not None


class AccessMiddleware:
    """Opens the `RequestRecord` and writes it down when the request is over."""

    def __init__(self, app: ASGIApp, metrics: Metrics, exporters: Sequence[Exporter]) -> None:
        self._app = app
        self._metrics = metrics
        self._exporters = exporters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record = _record(scope)
        scope["ctv.record"] = record
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                record.status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = record.request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception:  # noqa: BLE001 - the last one who can answer
            record.outcome = Outcome.ERROR
            _log.exception("request failed", extra=record.ids())
            if not started:
                await internal_error(record.request_id)(scope, receive, send_with_id)
        finally:
            self._write_down(scope, record)

    def _write_down(self, scope: Scope, record: RequestRecord) -> None:
        # The route's template, never the path: a path may hold anything.
        record.route = getattr(scope.get("route"), "path", "other")
        self._metrics.observe(record)
        quiet = record.route in _QUIET_ROUTES
        if not quiet:
            for exporter in self._exporters:
                exporter.observe(record)
        _log.log(logging.DEBUG if quiet else logging.INFO, "request", extra=record.log_fields())


def _record(scope: Scope) -> RequestRecord:
    headers = Headers(scope=scope)
    given = headers.get(REQUEST_ID_HEADER, "")
    return RequestRecord(
        request_id=given if is_request_id(given) else uuid.uuid4().hex,
        caller=trace_context.parse(headers.get(trace_context.TRACEPARENT_HEADER, "")),
        # A method may be any token, so also a name.
        method=scope["method"] if scope["method"] in _METHODS else "_OTHER",
    )
