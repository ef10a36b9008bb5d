"""The public API: FastAPI behind API Gateway, by way of Mangum."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI
from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES

from api import (
    problems,
    reference,
    routes_calls,
    routes_devices,
    routes_lexicon,
    routes_pairing,
    routes_panels,
    routes_speech,
    routes_status,
    routes_uploads,
    routes_waiting,
)
from api.envelope import Envelope
from speech import observability
from speech.assembly import assembled

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mangum.types import LambdaContext as MangumContext


def create_app() -> FastAPI:
    """Make the app. Its own docs and slash redirects are off: both would lose the stage."""
    app = FastAPI(
        title="C-TV voice",
        version="1",
        description="Speaks waiting-room calls in Brazilian Portuguese.",
        openapi_url=None,
        redirect_slashes=False,
    )
    app.add_middleware(Envelope)
    problems.install(app)
    app.include_router(routes_speech.router)
    app.include_router(routes_status.router)
    app.include_router(routes_panels.router)
    app.include_router(routes_calls.router)
    app.include_router(routes_waiting.router)
    app.include_router(routes_uploads.router)
    app.include_router(routes_pairing.router)
    app.include_router(routes_devices.router)
    app.include_router(routes_lexicon.router)
    app.include_router(reference.router)
    return app


if assembled().in_process:
    assembled().settings.require("coqui_server_url")
else:
    assembled().settings.require(
        "coqui_server_url",
        "s3_cache_bucket",
        "state_table",
        "live_queue_url",
        "bulk_queue_url",
        "cache_key_secret_arn",
    )
_asgi = Mangum(
    create_app(),
    lifespan="off",
    text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, problems.MEDIA_TYPE],
)


@observability.logger.inject_lambda_context(clear_state=True)
@observability.traced
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    """Answer one request from API Gateway."""
    return _asgi(event, cast("MangumContext", context))
