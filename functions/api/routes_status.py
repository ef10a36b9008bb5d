"""GET /v1/voices, GET /health and GET /info: what the manifest knows, so they outlive the host."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from api.access import speaker
from api.host_health import host_health
from api.problems import documented
from speech.assembly import assembled

router = APIRouter(tags=["status"])


@router.get(
    "/v1/voices",
    summary="The voices that can be asked for",
    responses=documented(401, 403, 503),
    dependencies=[Depends(speaker)],
)
async def voices() -> dict[str, Any]:
    """List the voices; `voice` takes one of these ids."""
    manifest = assembled().manifests.current()
    return {
        "voices": [
            {**voice.model_dump(), "default": voice.id == manifest.default_voice}
            for voice in manifest.voices
        ]
    }


@router.get("/health", summary="Whether calls can be spoken", responses=documented(503))
async def health() -> dict[str, Any]:
    """Answer 200 while cached calls can be served, even with the host down (`host`)."""
    manifest = assembled().manifests.current()
    known = {"device": manifest.device, "model_loaded": manifest.model_loaded, "status": "ok"}
    seen = host_health().seen()
    if seen is None:
        return known | {"host": "down"}
    return {name: seen.get(name, known[name]) for name in known} | {"host": "up"}


@router.get("/info", summary="What speaks", responses=documented(503))
async def info() -> dict[str, Any]:
    """Describe the host as last published."""
    return assembled().manifests.current().model_dump(exclude={"lexicon_entries"})
