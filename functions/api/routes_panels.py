"""The panels, their settings, and the record of who did what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Header, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.access import operator, panel_reader
from api.bodies import JsonRoute
from api.panel_requests import Operating, PanelId
from api.problems import ProblemError, documented
from panels.assembly import panel_parts
from panels.audit import BEFORE, AuditEntry
from panels.devices import Device
from panels.panel_settings import PanelSettings
from panels.table import Head
from speech.assembly import assembled
from speech.host import HostUnavailableError
from speech.request import UnknownVoiceError

router = APIRouter(prefix="/v1/panels", tags=["panels"], route_class=JsonRoute)

_SETTINGS_EXAMPLE: Final[dict[str, Any]] = {
    "title": "Recepção",
    "show": "short_name",
    "say": "name",
    "template": "Atenção, {nome}, {local}",
    "places": ["Consultório 1", "Consultório 2"],
}
_AUDIT_EXAMPLE: Final = {
    "entries": [
        {
            "at": "2025-11-22T13:00:00.000Z",
            "action": "called",
            "call": "6f0c2b1e9d8a4f7c8b3a5d6e7f809122",
            "ticket": "A042",
            "operator": "Recepção",
        }
    ],
    "before": None,
}


class AuditPage(BaseModel):
    """Entries, newest first; `before` asks for those that follow, None if there are none."""

    entries: list[AuditEntry]
    before: str | None


class PanelListed(BaseModel):
    """A panel among all."""

    panel: str
    settings: PanelSettings
    waiting: int = Field(description="How many wait.")
    devices: list[Device]


class PanelList(BaseModel):
    """All panels."""

    panels: list[PanelListed]


@router.get(
    "",
    summary="All panels",
    response_model=PanelList,
    responses=documented(401, 403, 503),
    dependencies=[Depends(operator)],
)
async def all_panels() -> Response:
    """List the panels with their settings, how many wait, and their devices."""
    parts = panel_parts()
    listed = [
        {
            "panel": head.panel,
            "settings": _body(head.settings),
            "waiting": parts.waiting.count(head.panel),
            "devices": [device.model_dump() for device in parts.devices.all(head.panel, voice)],
        }
        for head, voice in parts.rooms.all()
    ]
    return JSONResponse({"panels": listed}, headers={"Cache-Control": "no-store"})


@router.get(
    "/{panel}",
    summary="A panel's settings",
    response_model=PanelSettings,
    responses=documented(401, 403, 404, 422),
    dependencies=[Depends(panel_reader)],
)
async def settings(panel: PanelId) -> Response:
    """Give the settings; `ETag` is their version."""
    return _answer(panel_parts().rooms.find(panel), 200)


@router.put(
    "/{panel}",
    summary="Make a panel, or change its settings",
    response_model=PanelSettings,
    responses={
        201: {"model": PanelSettings, "description": "Made."},
        **documented(400, 401, 403, 404, 412, 413, 415, 422, 428, 503),
    },
)
async def set_up(
    panel: PanelId,
    wanted: Annotated[PanelSettings, Body(examples=[_SETTINGS_EXAMPLE])],
    by: Operating,
    if_match: Annotated[str | None, Header(description="The settings' ETag, to change.")] = None,
    if_none_match: Annotated[str | None, Header(description="`*`, to make.")] = None,
) -> Response:
    """Replace all settings, if they are still those that the caller has seen (RFC 9110, 13.1)."""
    _check_voice(wanted.voice)
    if if_none_match == "*":
        return _answer(panel_parts().rooms.create(panel, wanted, by), 201)
    if if_match is None:
        raise ProblemError(
            428, "If-Match with the settings' ETag changes a panel, If-None-Match: * makes one"
        )
    return _answer(panel_parts().rooms.change(panel, wanted, _version(if_match), by), 200)


@router.get(
    "/{panel}/audit",
    summary="Who did what",
    response_model=AuditPage,
    responses={
        200: {"content": {"application/json": {"example": _AUDIT_EXAMPLE}}},
        **documented(401, 403, 404, 422),
    },
    dependencies=[Depends(operator)],
)
async def audit(
    panel: PanelId,
    before: Annotated[str | None, Query(pattern=BEFORE, description="As the last answer said.")] = (
        None
    ),
) -> Response:
    """List what was done, newest first, 100 at a time, for 180 days; never a name."""
    panel_parts().rooms.find(panel)
    entries, following = panel_parts().audit.read(panel, before)
    body = {"entries": [asdict(entry) for entry in entries], "before": following}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def _answer(head: Head, status: int) -> Response:
    return JSONResponse(_body(head.settings), status, {"ETag": f'"{head.version}"'})


def _body(wanted: PanelSettings) -> dict[str, Any]:
    return wanted.model_dump(mode="json", by_alias=True)


def _version(etag: str) -> int:
    """The version that an ETag names; 0, which none ever has, if it is not one of ours."""
    plain = etag.removeprefix("W/").strip('"')
    return int(plain) if plain.isascii() and plain.isdigit() else 0


def _check_voice(voice: str | None) -> None:
    """Refuse a voice that the host does not have; while no host was ever seen, any is taken."""
    try:
        manifest = assembled().manifests.current()
    except HostUnavailableError:
        return
    if voice is not None and voice not in manifest.voice_ids:
        raise UnknownVoiceError(manifest.voice_ids)
