"""What the panels' routes share: their path's parts, who acts, and what is rendered ahead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request

from access.caller import Caller
from api.access import operator
from api.desk import NotReadyError, desk
from panels.announcing import manner, said_ahead
from panels.audit import Author
from panels.calling import CALL_ID
from panels.calls import ENTRY_ID, Patient
from panels.idempotency import Once
from panels.panel_settings import PANEL_ID, PanelSettings
from speech import observability
from speech.assembly import assembled
from speech.host import HostUnavailableError
from speech.key import keyed_digest
from speech.request import UnknownVoiceError

PanelId = Annotated[str, Path(pattern=PANEL_ID, description="The panel's id.")]
CallId = Annotated[str, Path(alias="id", pattern=CALL_ID, description="The call's id.")]
EntryId = Annotated[str, Path(alias="id", pattern=ENTRY_ID, description="The entry's id.")]

PATIENT_EXAMPLE: dict[str, Any] = {
    "ticket": "A042",
    "name": "Maria da Silva",
    "place": "Consultório 3",
}


async def author(caller: Annotated[Caller, Depends(operator)]) -> Author:
    """The operator who acts, by a method that may be repeated anyway (RFC 9110, 9.2.2)."""
    return Author(caller.label, caller.token_id)


async def author_once(
    request: Request,
    caller: Annotated[Caller, Depends(operator)],
    idempotency_key: Annotated[
        str | None,
        Header(
            pattern=r"^[!-~]{1,64}$",
            description="The same key with the same request within a day gets the first answer.",
        ),
    ] = None,
) -> Author:
    """The operator who acts, and which of this operator's requests this is."""
    if idempotency_key is None:
        return Author(caller.label, caller.token_id)
    line = f"{request.method} {request.scope['path']}\n".encode()
    digest = keyed_digest(assembled().key_secret, line + await request.body())
    once = Once.of(caller.token_id, idempotency_key, digest)
    return Author(caller.label, caller.token_id, once)


Operating = Annotated[Author, Depends(author)]
Acting = Annotated[Author, Depends(author_once)]


def render_ahead(patients: Iterable[Patient], settings: PanelSettings, correlation_id: str) -> None:
    """Queue what the later calls of these patients will say, behind all live work.

    A fault of queueing must not lose who checked in: the call renders what is missing then.
    """
    wanted = [said for patient in patients for said in said_ahead(patient, settings)]
    try:
        desk().prewarm(manner(settings), wanted, correlation_id)
    except Exception as error:  # noqa: BLE001 - whatever it is, the patient waits already
        not_rendered(error)


def not_rendered(error: Exception) -> None:
    """Tell that speech could not be queued; whoever asks for it will have it rendered."""
    observability.count(observability.NOT_RENDERED_AHEAD)
    if not isinstance(error, HostUnavailableError | UnknownVoiceError | NotReadyError):
        observability.log_fault("speech was not queued", error)
