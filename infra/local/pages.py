"""The pages and the API on one origin, as CloudFront serves them: `python -m infra.local.pages`.

MiniStack's own CloudFront does not reach origins at AWS's host names, so this stands in for it. It
sends the headers of the template's ResponseHeadersPolicy, so that what the content security policy
forbids fails here too.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HEADERS_VARIABLE: Final = "PAGES_HEADERS"
_API_PATHS: Final = ("/v1/{rest:path}", "/health", "/info")
_METHODS: Final = ["GET", "PUT", "POST", "DELETE"]
# Between a client and the next server only (RFC 9110, 7.6.1), or made anew by httpx and uvicorn.
_NOT_FORWARDED: Final = frozenset(
    {"connection", "host", "content-length", "content-encoding", "transfer-encoding", "date"}
)
_YEAR: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class ApiOrigin:
    """Where the API is: its base URL, stage included, and the `Host` it answers to."""

    url: str
    host_header: str


class _Pages(StaticFiles):
    """Built pages: what has a digest in its name never changes, all else is asked for again."""

    def __init__(self, folder: Path, headers: Mapping[str, str]) -> None:
        super().__init__(directory=folder, html=True)
        self._headers = headers

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, with the policy's headers."""
        response = await super().get_response(path, scope)
        response.headers.update(self._headers)
        response.headers["Cache-Control"] = _YEAR if path.startswith("assets/") else "no-cache"
        return response


def create_app(dist: Path, api: ApiOrigin, headers: Mapping[str, str]) -> Starlette:
    """Serve `dist` and pass the API's paths on.

    Args:
        dist: the built pages, `web/dist`.
        api: where the API answers.
        headers: sent with every page.
    """
    client = httpx.AsyncClient(base_url=api.url, timeout=40)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    async def pass_on(request: Request) -> Response:
        asked = {k: v for k, v in request.headers.items() if k not in _NOT_FORWARDED}
        url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        try:
            answer = await client.request(
                request.method,
                url,
                headers=asked | {"Host": api.host_header},
                content=await request.body(),
            )
        except httpx.HTTPError:
            return Response("the API does not answer", 502, media_type="text/plain")
        told = {k: v for k, v in answer.headers.items() if k.lower() not in _NOT_FORWARDED}
        return Response(answer.content, answer.status_code, told)

    routes: list[Route | Mount] = [Route(path, pass_on, methods=_METHODS) for path in _API_PATHS]
    routes += [
        Route("/", lambda _: RedirectResponse("/console/", 302)),
        Route("/console", lambda _: RedirectResponse("/console/", 302)),
        Route("/panel", lambda _: RedirectResponse("/panel/", 302)),
        Mount("/", _Pages(dist, headers)),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def main() -> None:
    """Serve on 127.0.0.1 until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.pages", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dist", type=Path, required=True)
    parser.add_argument("--api-url", required=True)
    parser.add_argument("--api-host", required=True)
    options = parser.parse_args()
    app = create_app(
        options.dist,
        ApiOrigin(options.api_url, options.api_host),
        json.loads(os.environ[HEADERS_VARIABLE]),
    )
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
