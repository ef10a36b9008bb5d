"""Pairing a TV: POST /v1/device/authorize and /v1/device/token (RFC 8628), for TVs.

The RFC's forms are JSON here, as everything else of this API is.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.bodies import JsonRoute
from api.problems import ProblemError, documented
from panels.assembly import panel_parts
from panels.pairing import NotPairedError, TooManyCodesError

router = APIRouter(tags=["pairing"], route_class=JsonRoute)

# RFC 6749 §5.1: what holds a credential is kept by nobody on its way.
_NO_STORE: Final = {"Cache-Control": "no-store"}
_REASONS: Final = {
    "authorization_pending": "nobody has typed the code yet: ask again after the interval",
    "slow_down": "asked too soon: wait 5 seconds longer from now on",
    "expired_token": "the code has expired or was used: start again",
    "access_denied": "an operator has taken this device out: start again",
}
_TOKEN_EXAMPLES: dict[str, Any] = {
    "device": {"value": {"device_code": "Zb0Bsc7dXmRzJxEXbGq9Kc4fVvCq2xJ6yqf1T0mJ3hM"}}
}


class DeviceAuthorization(BaseModel):
    """What a TV shows, and what it asks for its token with (RFC 8628 §3.2)."""

    device_code: str = Field(description="For this TV alone.")
    user_code: str = Field(description="To be shown, and typed at the desk.")
    expires_in: int = Field(description="Seconds that both codes are good for.")
    interval: int = Field(description="Seconds to wait between two questions.")


class DeviceTokenRequest(BaseModel):
    """The body of a TV's question for its token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    device_code: str = Field(max_length=200, description="As the authorization gave it.")


class DeviceToken(BaseModel):
    """A TV's token, given out once."""

    access_token: str
    token_type: Literal["Bearer"]
    panel: str
    device: str


@router.post(
    "/v1/device/authorize",
    summary="Ask for a code to be paired with",
    response_model=DeviceAuthorization,
    responses=documented(429, 503),
)
async def authorize(request: Request) -> Response:
    """Give a TV two codes: one to show, and one to ask for its token with."""
    try:
        codes = panel_parts().pairing.begin(_address(request))
    except TooManyCodesError as error:
        raise ProblemError(
            429,
            "too many codes were asked for from this address",
            retry_after_s=error.retry_after_s,
        ) from None
    return JSONResponse(
        {
            "device_code": codes.device_code,
            "user_code": codes.user_code,
            "expires_in": codes.expires_in_s,
            "interval": codes.interval_s,
        },
        headers=_NO_STORE,
    )


@router.post(
    "/v1/device/token",
    summary="Ask whether the code was typed",
    response_model=DeviceToken,
    responses=documented(400, 413, 415, 422, 503),
)
async def token(
    question: Annotated[DeviceTokenRequest, Body(openapi_examples=_TOKEN_EXAMPLES)],
) -> Response:
    """Give a paired TV its token, once; until then a 400 whose `error` says how it stands."""
    try:
        paired = panel_parts().pairing.redeem(question.device_code)
    except NotPairedError as error:
        raise ProblemError(400, _REASONS[error.code], headers=_NO_STORE, code=error.code) from None
    return JSONResponse(
        {
            "access_token": paired.token,
            "token_type": "Bearer",
            "panel": paired.panel,
            "device": paired.device,
        },
        headers=_NO_STORE,
    )


def _address(request: Request) -> str:
    """Where a request comes from, as API Gateway saw it.

    X-Forwarded-For would name whom the caller wants it to name.
    """
    event: dict[str, Any] = request.scope.get("aws.event") or {}
    if address := event.get("requestContext", {}).get("identity", {}).get("sourceIp"):
        return str(address)
    return request.client.host if request.client else ""
