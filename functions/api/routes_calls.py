"""The calls of a panel: the feed that screens follow, and what the desk does.

`async def` around blocking calls, as in `routes_speech`: a Lambda process serves one request at a
time.
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from access.caller import Caller
from api import preferences
from api.access import panel_reader
from api.answers import ReadySpeech, RenderingSpeech, ready_body
from api.bodies import JsonRoute
from api.delivery import rendering, say
from api.desk import Ready, desk
from api.panel_requests import (
    PATIENT_EXAMPLE,
    Acting,
    CallId,
    PanelId,
    not_rendered,
    render_ahead,
)
from api.problems import documented
from panels.announcing import spoken
from panels.assembly import panel_parts
from panels.calling import Settlement
from panels.calls import PanelCall, Patient, Wanted
from panels.feed import Event
from panels.moments import timestamp
from panels.panel_settings import PANEL_ID, Place
from panels.table import Head
from speech import observability

router = APIRouter(prefix="/v1/panels/{panel}/calls", tags=["calls"], route_class=JsonRoute)

_ACTING: Final = documented(400, 401, 403, 404, 413, 415, 422, 503)
_SETTLING: Final = documented(401, 403, 404, 409, 422, 503)

_COUNTED: Final = {
    "cancel": observability.CALL_CANCELLED,
    "attended": observability.CALL_ATTENDED,
    "no_show": observability.CALL_NO_SHOW,
}
_CALL_EXAMPLES: Final[dict[str, Any]] = {
    "patient": {"summary": "A patient", "value": PATIENT_EXAMPLE},
    "waiting": {
        "summary": "Somebody of the waiting list, who leaves it",
        "value": {"waiting": "1763816400000-000000-5f0c2b1e", "place": "Consultório 3"},
    },
    "text": {
        "summary": "Free words",
        "value": {"text": "A farmácia fecha às dezoito horas."},
    },
}
_CALL_EXAMPLE: Final[dict[str, Any]] = PATIENT_EXAMPLE | {
    "id": "6f0c2b1e9d8a4f7c8b3a5d6e7f809122",
    "seq": 58,
    "status": "calling",
    "called_at": "2025-11-22T13:00:00.000Z",
    "text": None,
    "recall_of": None,
}
_FEED_EXAMPLE: Final[dict[str, Any]] = {
    "seq": 58,
    "now": "2025-11-22T13:00:01.000Z",
    "settings": "4",
    "events": [
        {"seq": 58, "type": "call", "at": "2025-11-22T13:00:00.000Z", "call": _CALL_EXAMPLE}
    ],
    "more": False,
}


class FeedPage(BaseModel):
    """What happened since; `seq` is the next `after`."""

    model_config = ConfigDict(json_schema_extra={"example": _FEED_EXAMPLE})

    seq: int
    now: str = Field(description="The time here: a screen's own clock may be wrong.")
    settings: str = Field(description="Version of the settings: fetch them when it changes.")
    events: list[Event]
    more: bool = Field(description="Whether to ask again at once.")


class NextBody(BaseModel):
    """Where the next patient is called to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: Place | None = Field(None, description="None: where the patient waits for.")


class TransferBody(BaseModel):
    """Where a patient waits again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    panel: str | None = Field(None, pattern=PANEL_ID, description="None: this one.")
    place: Place | None = Field(None, description="None: for any place.")


@router.get(
    "",
    summary="What happened on a panel",
    response_model=FeedPage,
    responses={304: {"description": "Nothing new."}, **documented(401, 403, 404, 422)},
)
async def feed(
    request: Request,
    panel: PanelId,
    caller: Annotated[Caller, Depends(panel_reader)],
    after: Annotated[
        int | None, Query(ge=0, description="The last answer's `seq`; none: the last 12 calls.")
    ] = None,
) -> Response:
    """Give the events after a number, at most 100; a 304 costs one read.

    An operator gets everything, others what the settings let a screen show.
    """
    head = panel_parts().rooms.find(panel)
    seen = request.headers.get("if-none-match", "")
    if after is not None and _etag(head, head.seq) in _etags(seen):
        return Response(status_code=304, headers=_feed_headers(head, head.seq))
    feeds = panel_parts().feeds
    page = feeds.recent(head) if after is None else feeds.after(head, after)
    if not caller.is_operator:
        page = page.seen_with(head.settings)
    body = {
        "seq": page.seq,
        "now": timestamp(time.time()),
        "settings": str(head.version),
        "events": [event.model_dump() for event in page.events],
        "more": page.more,
    }
    return JSONResponse(body, headers=_feed_headers(head, page.seq))


@router.post(
    "", summary="Call a patient", status_code=201, response_model=PanelCall, responses=_ACTING
)
async def announce(
    request: Request,
    panel: PanelId,
    wanted: Annotated[Wanted, Body(openapi_examples=_CALL_EXAMPLES)],
    by: Acting,
) -> Response:
    """Call a patient, named or waiting, or announce free words; its speech begins to render."""
    return _announced(request, panel, panel_parts().calling.announce(panel, wanted, by))


@router.post(
    "/next",
    summary="Call who waits longest",
    status_code=201,
    response_model=PanelCall,
    responses={204: {"description": "Nobody waits."}, **_ACTING},
)
async def call_next(
    request: Request,
    panel: PanelId,
    by: Acting,
    body: Annotated[NextBody | None, Body(examples=[{"place": "Consultório 3"}])] = None,
) -> Response:
    """Call who waits longest for this place or for any; several desks get different patients."""
    call = panel_parts().calling.next(panel, body.place if body else None, by)
    return _announced(request, panel, call) if call else Response(status_code=204)


@router.post(
    "/{id}/recall",
    summary="Call once more",
    status_code=201,
    response_model=PanelCall,
    responses=_SETTLING,
)
async def recall(request: Request, panel: PanelId, call_id: CallId, by: Acting) -> Response:
    """Make a new call with `recall_of`; the old one stays as it is."""
    return _announced(request, panel, panel_parts().calling.recall(panel, call_id, by))


@router.post("/{id}/cancel", summary="Undo a call", response_model=PanelCall, responses=_SETTLING)
async def cancel(panel: PanelId, call_id: CallId, by: Acting) -> Response:
    """Undo a call within 5 seconds; later the room has heard it."""
    return _settled(panel, call_id, "cancel", by)


@router.post(
    "/{id}/attended", summary="The patient came", response_model=PanelCall, responses=_SETTLING
)
async def attended(panel: PanelId, call_id: CallId, by: Acting) -> Response:
    """Note that the patient came."""
    return _settled(panel, call_id, "attended", by)


@router.post(
    "/{id}/no-show",
    summary="The patient did not come",
    response_model=PanelCall,
    responses=_SETTLING,
)
async def no_show(panel: PanelId, call_id: CallId, by: Acting) -> Response:
    """Note that the patient did not come; a recall is still possible."""
    return _settled(panel, call_id, "no_show", by)


@router.post(
    "/{id}/transfer",
    summary="Have the patient wait again",
    response_model=PanelCall,
    responses={**_ACTING, **_SETTLING},
)
async def transfer(
    request: Request,
    panel: PanelId,
    call_id: CallId,
    by: Acting,
    body: Annotated[TransferBody | None, Body(examples=[{"place": "Sala de coleta"}])] = None,
) -> Response:
    """End the call; the patient waits again, in another panel or for another place."""
    to = body or TransferBody()
    to_panel = to.panel or panel
    call = panel_parts().calling.transfer(panel, call_id, to_panel, to.place, by)
    observability.count(observability.CALL_TRANSFERRED)
    patient = Patient(ticket=call.ticket, name=call.name, place=to.place)
    settings = panel_parts().rooms.find(to_panel).settings
    render_ahead([patient], settings, request.scope["correlation_id"])
    return JSONResponse(call.model_dump())


@router.get(
    "/{id}/speech",
    summary="A call's speech",
    response_model=ReadySpeech,
    responses={
        202: {"model": RenderingSpeech, "description": "On its way; ask again."},
        **documented(401, 403, 404, 422, 503),
    },
    dependencies=[Depends(panel_reader)],
)
async def call_speech(request: Request, panel: PanelId, call_id: CallId) -> Response:
    """Deliver a call's speech, waiting for it as long as `Prefer: wait=N` says."""
    settings = panel_parts().rooms.find(panel).settings
    call = panel_parts().calling.find(panel, call_id)
    preference = preferences.parse(request.headers.get("prefer", ""))
    outcome = say(request, spoken(call, settings), preference)
    headers = {"Preference-Applied": preference.applied} if preference.applied else {}
    if isinstance(outcome, Ready):
        return JSONResponse(ready_body(outcome), headers=headers)
    return rendering(outcome, headers)


def _announced(request: Request, panel: str, call: PanelCall) -> Response:
    """Answer with a call whose speech begins to render.

    A fault of queueing must not lose the call: the screen's own request renders it then.
    """
    observability.count(observability.CALL_ANNOUNCED)
    try:
        settings = panel_parts().rooms.find(panel).settings
        desk().say_later(spoken(call, settings), request.scope["correlation_id"])
    except Exception as error:  # noqa: BLE001 - whatever it is, the call stands already
        not_rendered(error)
    return JSONResponse(call.model_dump(), 201)


def _settled(panel: str, call_id: str, action: Settlement, by: Acting) -> Response:
    call = panel_parts().calling.settle(panel, call_id, action, by)
    observability.count(_COUNTED[action])
    return JSONResponse(call.model_dump())


def _etag(head: Head, seq: int) -> str:
    return f'"{seq}-{head.version}"'


def _etags(if_none_match: str) -> set[str]:
    """The tags in the header, without the W/ that a CDN adds as it compresses (RFC 9110, 8.8.3)."""
    return {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}


def _feed_headers(head: Head, seq: int) -> dict[str, str]:
    # Names are not to lie in a browser's cache; screens keep the ETag themselves.
    return {"ETag": _etag(head, seq), "Cache-Control": "no-store"}
