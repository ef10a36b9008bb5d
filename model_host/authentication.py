"""ASGI middleware that lets in whoever presents one of the host's keys (RFC 6750)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from model_host import problems
from model_host.errors import UnauthorizedError
from model_host.host_keys import HostKeys

_SCHEME = b"bearer"
# What the cluster itself asks, which has no key: probes and the scraping of metrics.
_OPEN_PATHS = frozenset({"/health", "/metrics"})
_OPEN_PREFIX = "/health/"


class AuthenticationMiddleware:
    """Answers 401 to everybody else, before anything of a body is read."""

    def __init__(self, app: ASGIApp, keys: HostKeys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        presented = _bearer_token(scope)
        if presented is not None and self._keys.accepts(presented):
            await self._app(scope, receive, send)
            return
        refusal = UnauthorizedError(presented_key=presented is not None)
        await problems.answer(Request(scope), refusal)(scope, receive, send)


def _is_open(path: str) -> bool:
    return path in _OPEN_PATHS or path.startswith(_OPEN_PREFIX)


def _bearer_token(scope: Scope) -> bytes | None:
    given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, token = bytes(given).partition(b" ")
    return token.strip() if scheme.lower() == _SCHEME else None
