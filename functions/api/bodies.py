"""What a body must be before it is parsed: JSON by its media type, and not too large."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.problems import ProblemError

BODY_BYTES_MAX: Final = 64 * 1024
# 500 texts of 1000 characters, each written as a \\uXXXX escape at worst.
LIST_BYTES_MAX: Final = 4 * 1024 * 1024
_TAKE_LISTS: Final = frozenset({"/v1/prewarm", "/v1/panels/{panel}/waiting"})


class JsonRoute(APIRoute):
    """A route whose body, if it takes one, is JSON; one that is optional may be left out."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap FastAPI's handler with the checks that come before parsing."""
        handle = super().get_route_handler()
        limit = LIST_BYTES_MAX if self.path in _TAKE_LISTS else BODY_BYTES_MAX
        body = self.body_field

        async def checked(request: Request) -> Response:
            if body is not None and (body.field_info.is_required() or await request.body()):
                media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
                if media_type != "application/json":
                    raise ProblemError(415, "the media type must be application/json")
                if len(await request.body()) > limit:
                    raise ProblemError(413, f"the body must not exceed {limit} bytes")
            return await handle(request)

        return checked
