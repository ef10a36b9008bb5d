"""Who asks: bearer tokens and their scopes (RFC 6750), as FastAPI dependencies.

    router = APIRouter()

    @router.post("/v1/panels/{panel}/calls")
    async def announce(panel: PanelId, caller: Annotated[Caller, Depends(operator)]) -> Response: ...

`panel_reader` and `panel_device` check the scope against the route's own `{panel}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import Request


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


async def operator(request: Request) -> Caller:
    """The operator who asks.

    Raises:
        ProblemError: 401 without a valid token, 403 with a device's.
    """
    raise NotImplementedError


async def panel_reader(request: Request) -> Caller:
    """An operator, or a device of the route's panel.

    Raises:
        ProblemError: 401 without a valid token, 403 with another panel's.
    """
    raise NotImplementedError


async def panel_device(request: Request) -> Caller:
    """A device of the route's panel.

    Raises:
        ProblemError: 401 without a valid token, 403 with any other.
    """
    raise NotImplementedError
