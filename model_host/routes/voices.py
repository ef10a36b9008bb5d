"""The routes that list the voices, add one from a recording, and remove it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from model_host.engines.base import EngineError, EngineUnavailableError, Voice
from model_host.engines.cloning_protocol import (
    VOICE_ID,
    UnknownVoiceError,
    UnusableRecordingError,
    VoiceCloner,
    VoiceExistsError,
    VoicesReadOnlyError,
)
from model_host.errors import (
    CloningUnsupportedError,
    FieldError,
    InvalidFieldsError,
    NotReadyError,
    UnsupportedMediaTypeError,
    UnusableRecordingRefusedError,
    VoiceConflictError,
    VoiceNotFoundError,
    VoicesNotKeptError,
)
from model_host.lifecycle import Host
from model_host.routes.documentation import problem
from model_host.routes.intake import read_body

RECORDING_BYTES_MAX = 30_000_000
"""Five minutes of CD audio; the model hears 30 s."""

_MEDIA_TYPES = ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave")

_Result = TypeVar("_Result")


class VoiceItem(BaseModel):
    """A voice that can be asked for by its id."""

    id: str
    name: str
    language: str
    default: bool


class VoiceList(BaseModel):
    """Every voice, the default first."""

    voices: list[VoiceItem]


_ADDING: dict[int | str, dict[str, Any]] = {
    201: {"description": "The voice can be asked for.", "model": VoiceItem},
    200: {"description": "The same recording had this id already.", "model": VoiceItem},
    409: problem("Another recording has this id, or the id is reserved."),
    413: problem("The recording is larger than 30 MB."),
    415: problem("The recording is not declared as WAV."),
    422: problem("The id is not allowed, or the recording is unreadable, too short, silent or "
                 "clipped."),
    500: problem("Cloning failed; the request may be tried again."),
    501: problem("The engine that speaks cannot learn voices."),
    503: problem("The engine is loading.", retry_after=True),
    507: problem("The directory of voices cannot be written."),
}  # fmt: skip

_REMOVING: dict[int | str, dict[str, Any]] = {
    204: {"description": "The voice and its recording are gone."},
    404: problem("No voice has this id."),
    409: problem("The voice was not added, so it cannot be removed."),
    501: problem("The engine that speaks cannot learn voices."),
    503: problem("The engine is loading.", retry_after=True),
    507: problem("The directory of voices cannot be written."),
}

_RECORDING_BODY = {
    "required": True,
    "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}},
}
_ID_PARAMETER = {
    "name": "id", "in": "query", "required": True,
    "description": "What the voice is asked for by.",
    "schema": {"type": "string", "pattern": f"^{VOICE_ID.pattern}$"},
}  # fmt: skip


def voice_routes(host: Host) -> APIRouter:
    """Make the routes about the voices of `host`."""
    router = APIRouter(tags=["voices"])

    @router.get("/v1/voices", summary="The voices that can be asked for")
    async def voices() -> VoiceList:
        return VoiceList(
            voices=[
                _item(voice, default=number == 0) for number, voice in enumerate(host.engine.voices)
            ]
        )

    @router.post(
        "/v1/voices",
        summary="Clone a voice from a recording",
        status_code=HTTPStatus.CREATED,
        responses=_ADDING,
        openapi_extra={"requestBody": _RECORDING_BODY, "parameters": [_ID_PARAMETER]},
    )
    async def add_voice(request: Request) -> Response:
        cloner = _cloner(host)
        voice_id = _voice_id(request)
        _require_wav(request)
        recording = await read_body(request, RECORDING_BYTES_MAX)
        known = {voice.id for voice in await asyncio.to_thread(lambda: host.engine.voices)}
        voice = await _call(lambda: cloner.add_voice(voice_id, recording))
        return JSONResponse(
            _item(voice, default=False).model_dump(),
            status_code=HTTPStatus.OK if voice.id in known else HTTPStatus.CREATED,
        )

    @router.delete(
        "/v1/voices/{voice_id}",
        summary="Remove an added voice",
        status_code=HTTPStatus.NO_CONTENT,
        response_class=Response,
        responses=_REMOVING,
    )
    async def remove_voice(voice_id: str) -> Response:
        cloner = _cloner(host)
        await _call(lambda: cloner.remove_voice(voice_id))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


def _item(voice: Voice, *, default: bool) -> VoiceItem:
    return VoiceItem(id=voice.id, name=voice.name, language=voice.language, default=default)


def _cloner(host: Host) -> VoiceCloner:
    if not isinstance(host.engine, VoiceCloner):
        raise CloningUnsupportedError("The engine that speaks here cannot learn voices.")
    if not host.loaded:
        raise host.unready_reason() or NotReadyError("The engine is loading.", 1)
    return host.engine


def _voice_id(request: Request) -> str:
    voice_id = request.query_params.get("id", "")
    if not VOICE_ID.fullmatch(voice_id):
        message = "must be 1-40 small letters, digits and hyphens, no hyphen first"
        raise InvalidFieldsError(
            "The voice's id is not allowed.", [FieldError("id", message, (VOICE_ID.pattern,))]
        )
    return voice_id


def _require_wav(request: Request) -> None:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in _MEDIA_TYPES:
        raise UnsupportedMediaTypeError(
            "The recording must be WAV.",
            [FieldError("Content-Type", "is not supported", _MEDIA_TYPES)],
        )


async def _call(change: Callable[[], _Result]) -> _Result:
    """Run a change of voices in a worker thread; its errors become the host's.

    Raises:
        HostError: what the caller can do about it.
        EngineError: cloning failed; it may be tried again.
    """
    try:
        return await asyncio.to_thread(change)
    except UnusableRecordingError as error:
        # Without its path, which is nobody's business outside.
        found = FieldError("body", f"is {error.defect.value}", _USABLE)
        raise UnusableRecordingRefusedError(
            "No voice can be made of this recording.", [found]
        ) from error
    except VoiceExistsError as error:
        raise VoiceConflictError(f"{error}.".capitalize()) from error
    except UnknownVoiceError as error:
        raise VoiceNotFoundError("No voice has this id.") from error
    except VoicesReadOnlyError as error:
        raise VoicesNotKeptError("The directory of voices cannot be written.") from error
    except EngineUnavailableError as error:
        raise EngineError(str(error)) from error


_USABLE = ("a WAV of 3 s to 10 min, one person speaking, not clipped",)
