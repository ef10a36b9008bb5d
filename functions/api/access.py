"""Who asks and what they may do, as FastAPI dependencies.

    router = APIRouter()

    @router.post("/v1/panels/{panel}/calls")
    async def announce(panel: PanelId, caller: Annotated[Caller, Depends(operator)]): ...

The authorizer has recognised the caller before API Gateway passes a request on; here the scopes
are held against the route. `panel_reader` and `panel_device` go by the route's own `{panel}`.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from access.caller import Caller, caller_in
from access.refusals import RefusedError
from access.scopes import OPERATOR, PREWARM, SPEECH, panel_scope
from access.telling import tell
from api.problems import ProblemError
from speech import observability

# For the API's description only: API Gateway has read the header already.
_Bearer = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(
        HTTPBearer(
            scheme_name="key",
            description=(
                "An API key (`python -m infra.access`), a paired device's token, or a JWT of the "
                "configured identity provider."
            ),
            auto_error=False,
        )
    ),
]
_CHALLENGES: Final = {401: "Bearer", 403: 'Bearer error="insufficient_scope"'}


async def speaker(request: Request, _: _Bearer) -> Caller:
    """Whoever may have speech made: scope `speech` or `operator`.

    Raises:
        ProblemError: 401 without a caller, 403 without the scope; so all of these.
    """
    return _caller(request, SPEECH, OPERATOR)


async def prewarmer(request: Request, _: _Bearer) -> Caller:
    """Whoever may have speech made ahead of time: scope `prewarm`."""
    return _caller(request, PREWARM)


async def operator(request: Request, _: _Bearer) -> Caller:
    """Whoever sits at a desk: scope `operator`."""
    return _caller(request, OPERATOR)


async def panel_reader(request: Request, _: _Bearer) -> Caller:
    """An operator, or whoever reads the route's panel: scope `panel:{panel}`."""
    return _caller(request, OPERATOR, panel_scope(request.path_params["panel"]))


async def panel_device(request: Request, _: _Bearer) -> Caller:
    """A paired device of the route's panel; a key has no TV that could speak."""
    caller = _caller(request, panel_scope(request.path_params["panel"]))
    if caller.device is None:
        raise _forbidden(caller)
    return caller


def device_taken_out(caller: Caller) -> ProblemError:
    """The 401 for a device that is gone while its token is still remembered."""
    tell(RefusedError("unknown", caller.token_id))
    return ProblemError(
        401,
        "this device was taken out: pair it again",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


def _caller(request: Request, *scopes: str) -> Caller:
    """The caller, if it has one of these scopes."""
    caller = caller_in(request.scope.get("aws.event") or {})
    if caller is None:
        # API Gateway refuses these itself: a route of the template lacks its authorizer.
        tell(RefusedError("missing"))
        raise ProblemError(
            401, "send Authorization: Bearer <key>", headers={"WWW-Authenticate": _CHALLENGES[401]}
        )
    observability.logger.append_keys(token_id=caller.token_id)
    if caller.scopes.isdisjoint(scopes):
        raise _forbidden(caller)
    return caller


def _forbidden(caller: Caller) -> ProblemError:
    tell(RefusedError("scope", caller.token_id))
    return ProblemError(
        403,
        "this key may not do this: it lacks the scope",
        headers={"WWW-Authenticate": _CHALLENGES[403]},
    )
