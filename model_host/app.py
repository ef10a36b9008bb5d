"""The application factory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from model_host import VERSION, problems
from model_host.authentication import AuthenticationMiddleware
from model_host.engines.base import Engine
from model_host.engines.select import select_engine
from model_host.lifecycle import Host
from model_host.observability.access import AccessMiddleware
from model_host.observability.exporters import exporters
from model_host.routes.documentation import problem
from model_host.routes.lexicon import lexicon_routes
from model_host.routes.normalize import normalize_routes
from model_host.routes.speech import speech_routes
from model_host.routes.status import status_routes
from model_host.routes.voices import voice_routes
from model_host.settings import Settings


def create_app(settings: Settings, engine: Engine | None = None) -> FastAPI:
    """Make the application; its engine is loaded when the server starts it.

    Args:
        settings: everything the operator set.
        engine: speaks instead of the one that `settings` would choose.

    Raises:
        EngineUnavailableError: the settings ask for an engine that cannot be had.
        HostKeysError: the file of keys cannot be used.
    """
    return application(Host(settings, engine or select_engine(settings)))


def application(host: Host) -> FastAPI:
    """Make the application around `host`."""
    told = exporters(host.settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        host.start()
        yield
        host.stop()
        for exporter in told:
            exporter.close()

    app = FastAPI(
        title="C-TV model host",
        summary="Text in, speech out: Brazilian Portuguese for waiting rooms.",
        version=VERSION,
        lifespan=lifespan,
        # The built-in pages load their scripts from a CDN, which a hospital's network may not.
        docs_url=None,
        redoc_url=None,
    )
    locked: dict[int | str, dict[str, Any]] = {}
    if host.keys is not None:
        locked[401] = problem("No key that the host accepts was sent.")
        app.add_middleware(AuthenticationMiddleware, keys=host.keys)
    app.add_middleware(AccessMiddleware, metrics=host.metrics, exporters=told)
    problems.install(app)
    for routes in (
        speech_routes(host),
        normalize_routes(host),
        voice_routes(host),
        lexicon_routes(host.lexicon),
    ):
        app.include_router(routes, responses=locked)
    app.include_router(status_routes(host))
    return app
