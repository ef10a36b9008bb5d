"""Who has checked in and is not called yet."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.access import operator
from api.bodies import JsonRoute
from api.panel_requests import (
    PATIENT_EXAMPLE,
    Acting,
    EntryId,
    Operating,
    PanelId,
    render_ahead,
)
from api.problems import documented
from panels.assembly import panel_parts
from panels.calls import Patient
from panels.waiting import WaitingEntry
from speech import observability

router = APIRouter(prefix="/v1/panels/{panel}/waiting", tags=["waiting"], route_class=JsonRoute)

ENTRIES_MAX: Final = 500

_ENTRY_ID_EXAMPLE: Final = "1763816400000-000000-5f0c2b1e"
_ENTRY_EXAMPLE: Final = PATIENT_EXAMPLE | {
    "id": _ENTRY_ID_EXAMPLE,
    "since": "2025-11-22T13:00:00.000Z",
}
_ENTRIES_EXAMPLE: Final[dict[str, Any]] = {"entries": [PATIENT_EXAMPLE]}


class CheckIn(Patient):
    """A patient who checks in."""

    @model_validator(mode="after")
    def _can_be_called(self) -> CheckIn:
        if self.ticket is None and self.name is None:
            raise PydanticCustomError("empty_call", "needs a ticket or a name")
        return self


class CheckIns(BaseModel):
    """Patients who check in, in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: list[CheckIn] = Field(min_length=1, max_length=ENTRIES_MAX)


class CheckedIn(BaseModel):
    """The new entries' ids, in order."""

    model_config = ConfigDict(json_schema_extra={"example": {"ids": [_ENTRY_ID_EXAMPLE]}})

    ids: list[str]


class Waiting(BaseModel):
    """Who waits, the longest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"waiting": [_ENTRY_EXAMPLE]}})

    waiting: list[WaitingEntry]


@router.get(
    "",
    summary="Who waits",
    response_model=Waiting,
    responses=documented(401, 403, 404, 422),
    dependencies=[Depends(operator)],
)
async def waiting(panel: PanelId) -> Response:
    """List who waits, the longest first."""
    panel_parts().rooms.find(panel)
    entries = [entry.model_dump() for entry in panel_parts().waiting.all(panel)]
    return JSONResponse({"waiting": entries}, headers={"Cache-Control": "no-store"})


@router.post(
    "",
    summary="Patients check in",
    status_code=201,
    response_model=CheckedIn,
    responses=documented(400, 401, 403, 404, 413, 415, 422, 503),
)
async def check_in(
    request: Request,
    panel: PanelId,
    body: Annotated[CheckIns, Body(examples=[_ENTRIES_EXAMPLE])],
    by: Acting,
) -> Response:
    """Put 1 to 500 patients on the list and render ahead what their calls will say."""
    ids = panel_parts().waiting.join(panel, body.entries, by)
    observability.count(observability.CHECKED_IN, len(ids))
    settings = panel_parts().rooms.find(panel).settings
    render_ahead(body.entries, settings, request.scope["correlation_id"])
    return JSONResponse({"ids": ids}, 201)


@router.delete(
    "/{id}",
    summary="Take somebody off the list",
    status_code=204,
    responses=documented(401, 403, 404, 422, 503),
)
async def remove(panel: PanelId, entry_id: EntryId, by: Operating) -> Response:
    """Take off who is not to be called."""
    panel_parts().waiting.remove(panel, entry_id, by)
    return Response(status_code=204)
