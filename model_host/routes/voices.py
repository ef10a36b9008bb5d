"""The route that lists the voices."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from model_host.lifecycle import Host


class VoiceItem(BaseModel):
    """A voice that can be asked for by its id."""

    id: str
    name: str
    language: str
    default: bool


class VoiceList(BaseModel):
    """Every voice, the default first."""

    voices: list[VoiceItem]


def voice_routes(host: Host) -> APIRouter:
    """Make the route that lists the voices of `host`."""
    router = APIRouter(tags=["voices"])

    @router.get("/v1/voices", summary="The voices that can be asked for")
    async def voices() -> VoiceList:
        return VoiceList(
            voices=[
                VoiceItem(
                    id=voice.id, name=voice.name, language=voice.language, default=number == 0
                )
                for number, voice in enumerate(host.engine.voices)
            ]
        )

    return router
