"""A panel's TVs: which there are, pairing and revoking them, and their heartbeats."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Depends, Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from access.caller import Caller
from api.access import device_taken_out, operator, panel_device
from api.bodies import JsonRoute
from api.panel_requests import Acting, Operating, PanelId
from api.problems import ProblemError, documented
from panels.assembly import panel_parts
from panels.devices import DEVICE_ID, Device, UnknownDeviceError
from panels.pairing import UnknownCodeError
from panels.voice import LEASE_S, Heartbeat, Sound
from speech.invalid import FieldProblem

router = APIRouter(prefix="/v1/panels/{panel}", tags=["devices"], route_class=JsonRoute)

DeviceId = Annotated[str, Path(alias="id", pattern=DEVICE_ID, description="The device's id.")]

_NO_STORE: Final = {"Cache-Control": "no-store"}
_PAIRING_EXAMPLE: Final[dict[str, Any]] = {"user_code": "BCDF-GHJK", "label": "TV da entrada"}
_HEARTBEAT_EXAMPLE: Final[dict[str, Any]] = {"sound": "on", "spoken": 57, "version": "0.1.0"}


class Devices(BaseModel):
    """A panel's devices, in the order in which they were paired."""

    devices: list[Device]


class PairingRequest(BaseModel):
    """The code that a TV shows, and a name for the TV."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    user_code: str = Field(max_length=20, description="In either case, with or without hyphen.")
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] = (
        Field(description="Where it hangs, as people say; 1-60 characters.")
    )


class HeartbeatRequest(BaseModel):
    """What a TV says of itself every 5 seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sound: Sound = Field(description="blocked: the browser waits for a click before it plays.")
    spoken: int = Field(
        ge=0, le=2**53 - 1, description="`seq` of the last event it finished speaking; 0 for none."
    )
    version: str = Field(pattern=r"^[A-Za-z0-9._+-]{1,40}$", description="Of the page it runs.")


class HeartbeatAnswer(BaseModel):
    """What a TV is to do until the next heartbeat."""

    voice: bool = Field(description="Whether it is the one that speaks.")
    spoken: int = Field(description="`seq` of the last event that the room has heard.")
    devices: int = Field(description="How many could speak: sound on, seen within a minute.")
    lease_s: int = Field(description="Seconds that `voice` is good for.")


@router.get(
    "/devices",
    summary="A panel's TVs",
    response_model=Devices,
    responses=documented(401, 403, 404, 422),
    dependencies=[Depends(operator)],
)
async def devices(panel: PanelId) -> Response:
    """List the paired TVs, how they do, and which of them speaks."""
    panel_parts().rooms.find(panel)
    store = panel_parts().devices
    listed = [device.model_dump() for device in store.all(panel, store.voice(panel))]
    return JSONResponse({"devices": listed}, headers=_NO_STORE)


@router.post(
    "/devices",
    summary="Pair a TV",
    status_code=201,
    response_model=Device,
    responses=documented(400, 401, 403, 404, 413, 415, 422, 503),
)
async def pair(
    panel: PanelId,
    wanted: Annotated[PairingRequest, Body(examples=[_PAIRING_EXAMPLE])],
    by: Acting,
) -> Response:
    """Pair the TV that shows the code; it fetches its token within seconds."""
    try:
        device = panel_parts().pairing.approve(panel, wanted.user_code, wanted.label, by)
    except UnknownCodeError:
        message = "no TV shows this code: mistyped, expired or used already"
        field = FieldProblem("user_code", message)
        raise ProblemError(422, f"user_code: {message}", (field,)) from None
    except UnknownDeviceError:
        raise _no_such_device() from None
    return JSONResponse(device.model_dump(), 201, _NO_STORE)


@router.delete(
    "/devices/{id}",
    summary="Take a TV out",
    status_code=204,
    responses=documented(401, 403, 404, 422, 503),
)
async def revoke(panel: PanelId, device_id: DeviceId, by: Operating) -> Response:
    """Revoke the TV's token; it stops working within 10 s."""
    try:
        panel_parts().devices.revoke(panel, device_id, by)
    except UnknownDeviceError:
        raise _no_such_device() from None
    return Response(status_code=204)


@router.post(
    "/heartbeat",
    summary="A TV is there",
    response_model=HeartbeatAnswer,
    responses=documented(400, 401, 403, 413, 415, 422, 503),
)
async def heartbeat(
    panel: PanelId,
    said: Annotated[HeartbeatRequest, Body(examples=[_HEARTBEAT_EXAMPLE])],
    caller: Annotated[Caller, Depends(panel_device)],
) -> Response:
    """Renew or take the voice, the right to speak, for 15 s; one device of a panel has it."""
    beat = Heartbeat(str(caller.device), said.sound, said.spoken, said.version)
    try:
        standing = panel_parts().devices.beat(panel, beat)
    except UnknownDeviceError:
        raise device_taken_out(caller) from None
    return JSONResponse(
        {
            "voice": standing.voice,
            "spoken": standing.spoken,
            "devices": standing.devices,
            "lease_s": LEASE_S,
        },
        headers=_NO_STORE,
    )


def _no_such_device() -> ProblemError:
    return ProblemError(404, "no such device: never paired, or taken out")
