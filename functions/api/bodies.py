"""What a body must be before it is parsed: JSON by its media type, and not too large."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.problems import ProblemError

BODY_BYTES_MAX: Final = 64 * 1024
# 500 texts of 1000 characters, each written as a \\uXXXX escape at worst.
PREWARM_BYTES_MAX: Final = 4 * 1024 * 1024


class JsonRoute(APIRoute):
    """A route that takes one JSON body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler with the checks that come before parsing."""
        handle = super().get_route_handler()
        limit = PREWARM_BYTES_MAX if self.path == "/v1/prewarm" else BODY_BYTES_MAX
        takes_body = "POST" in (self.methods or set())

        async def checked(request: Request) -> Response:
            if takes_body:
                media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
                if media_type != "application/json":
                    raise ProblemError(415, "the media type must be application/json")
                if len(await request.body()) > limit:
                    raise ProblemError(413, f"the body must not exceed {limit} bytes")
            return await handle(request)

        return checked
