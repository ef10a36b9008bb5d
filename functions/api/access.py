"""Who asks: bearer tokens and their scopes (RFC 6750), as FastAPI dependencies.

    router = APIRouter()

    @router.post("/v1/panels/{panel}/calls")
    async def announce(panel: PanelId, caller: Annotated[Caller, Depends(operator)]): ...

`panel_reader` and `panel_device` check the scope against the route's own `{panel}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.problems import ProblemError
from panels.assembly import panel_parts
from panels.tokens import OPERATOR, panel_scope

_Credentials = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(
        HTTPBearer(
            scheme_name="token",
            description="An operator's token (`python -m infra.access`) or a paired device's.",
            auto_error=False,
        )
    ),
]


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a token stands for.

    Attributes:
        token_id: names the token in audits and lists; no secret.
        label: what people call it, such as "Recepção".
        scope: "operator", or "panel:" and the panel's id.
        device: the paired device's id; None for an operator.
    """

    token_id: str
    label: str
    scope: str
    device: str | None

    @property
    def kind(self) -> Literal["operator", "device"]:
        """Which of the two it is."""
        return "operator" if self.device is None else "device"


async def operator(credentials: _Credentials) -> Caller:
    """The operator who asks.

    Raises:
        ProblemError: 401 without a valid token, 403 with a device's.
    """
    return _bearer(credentials, OPERATOR)


async def panel_reader(request: Request, credentials: _Credentials) -> Caller:
    """An operator, or a device of the route's panel.

    Raises:
        ProblemError: 401 without a valid token, 403 with another panel's.
    """
    return _bearer(credentials, OPERATOR, panel_scope(request.path_params["panel"]))


async def panel_device(request: Request, credentials: _Credentials) -> Caller:
    """A device of the route's panel.

    Raises:
        ProblemError: 401 without a valid token, 403 with any other.
    """
    return _bearer(credentials, panel_scope(request.path_params["panel"]))


def invalid_token() -> ProblemError:
    """The 401 for a token that is wrong, expired or revoked (RFC 6750 §3.1)."""
    return ProblemError(
        401,
        "the token is wrong, expired or revoked",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def _bearer(credentials: HTTPAuthorizationCredentials | None, *scopes: str) -> Caller:
    if credentials is None:
        raise ProblemError(
            401, "send Authorization: Bearer <token>", headers={"WWW-Authenticate": "Bearer"}
        )
    token = panel_parts().tokens.find(credentials.credentials)
    if token is None:
        raise invalid_token()
    if token.scope not in scopes:
        raise ProblemError(
            403,
            "this token may not do this",
            headers={"WWW-Authenticate": 'Bearer error="insufficient_scope"'},
        )
    return Caller(token.id, token.label, token.scope, token.device)
