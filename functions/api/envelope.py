"""What surrounds every request: its id, and a net for errors nobody foresaw.

A plain ASGI class: Starlette's BaseHTTPMiddleware would start a task for each request, which is
most of what a memory hit costs.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from speech import observability

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class Envelope:
    """Gives each request an id, echoes it, and turns a fault into a problem.

    Faults are caught here and not in Starlette's handler for Exception, because that one
    re-raises and Mangum then logs the message, which may quote a patient's name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["correlation_id"] = request_id
        observability.logger.set_correlation_id(request_id)
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            observability.count(observability.API_FAULT)
            observability.log_fault("a request failed", error)
            if started:
                raise
            await problems.fault(scope["path"], request_id)(scope, receive, send_with_id)


def _request_id(scope: Scope) -> str:
    """The caller's `X-Request-Id` if it is a plain one, else API Gateway's, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    event: dict[str, Any] = scope.get("aws.event") or {}
    gateway_id = str(event.get("requestContext", {}).get("requestId", ""))
    return gateway_id if _REQUEST_ID.fullmatch(gateway_id) else uuid4().hex
