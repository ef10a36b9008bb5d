"""Errors as RFC 9457 problems: the one place where an error's type meets an HTTP status.

A problem names fields and allowed values and never repeats what the caller sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from panels.errors import (
    KeyReusedError,
    NoPanelsError,
    NotPossibleError,
    PanelContendedError,
    PanelError,
    StaleSettingsError,
    UnknownCallError,
    UnknownEntryError,
    UnknownPanelError,
)
from speech.host import HostRejectedError, HostUnavailableError
from speech.invalid import FieldProblem, field_problems
from speech.key import InvalidSpeechIdError
from speech.request import Call, UnknownVoiceError

MEDIA_TYPE: Final = "application/problem+json"
OPENAI_PATH: Final = "/v1/audio/speech"
RETRY_AFTER_S: Final = 5

_TITLES: Final = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Precondition failed",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Invalid field",
    428: "Precondition required",
    429: "Too many requests",
    500: "Internal error",
    503: "Not ready",
}


class Problem(BaseModel):
    """The body of every error (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="A URN of the kind of problem.")
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = Field(
        None, description="Each invalid field: `field`, `message` and, where fixed, `allowed`."
    )
    error: str | None = Field(None, description="RFC 8628's code, where a device asks for a token.")
    request_id: str


class ProblemError(Exception):
    """An answer that is an error.

    `code` becomes the problem's `error` member, where an RFC names one.
    """

    def __init__(  # noqa: PLR0913 - the parts of an answer
        self,
        status: int,
        detail: str,
        errors: tuple[FieldProblem, ...] = (),
        retry_after_s: int | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.retry_after_s = retry_after_s
        self.headers = headers
        self.code = code


def install(app: FastAPI) -> None:
    """Answer every error of this app with a problem."""
    for error_type in (
        ProblemError,
        RequestValidationError,
        HTTPException,
        UnknownVoiceError,
        InvalidSpeechIdError,
        HostRejectedError,
        HostUnavailableError,
        PanelError,
    ):
        app.add_exception_handler(error_type, _answer)


async def _answer(request: Request, error: Exception) -> JSONResponse:
    problem = _as_problem(error)
    headers = dict(getattr(error, "headers", None) or {})
    if problem.retry_after_s is not None:
        headers["Retry-After"] = str(problem.retry_after_s)
    fields = [_member(field) for field in problem.errors]
    if isinstance(error, HostRejectedError):
        fields = [_as_the_caller_wrote(one) for one in error.errors]
    return response(
        request.scope["path"],
        request.scope["correlation_id"],
        status=problem.status,
        detail=problem.detail,
        fields=fields,
        headers=headers,
        code=problem.code,
    )


def _as_problem(error: Exception) -> ProblemError:  # noqa: PLR0911 - a table, one row a type
    match error:
        case ProblemError():
            return error
        case RequestValidationError():
            return _invalid_request(error)
        case UnknownVoiceError(allowed=allowed):
            voice = FieldProblem("voice", "no such voice", allowed)
            return ProblemError(422, "voice: no such voice", (voice,))
        case InvalidSpeechIdError():
            bad_id = FieldProblem("id", "not an id that this API gives out")
            return ProblemError(422, "id: not an id that this API gives out", (bad_id,))
        case HostRejectedError():
            return ProblemError(422, "the model host cannot speak this")
        case HostUnavailableError():
            detail = "the model host is down and was never seen up"
            return ProblemError(503, detail, retry_after_s=RETRY_AFTER_S)
        case PanelError():
            return _panel_problem(error)
        case HTTPException(status_code=status):
            return ProblemError(status, _TITLES.get(status, "Error"))
        case _:
            return ProblemError(500, "something failed here; the same request may succeed later")


def _panel_problem(error: PanelError) -> ProblemError:  # noqa: PLR0911 - a table as above
    match error:
        case UnknownPanelError():
            return ProblemError(404, "no such panel: PUT /v1/panels/{panel} makes one")
        case UnknownCallError():
            return ProblemError(404, "no such call in this panel: it may have expired")
        case UnknownEntryError():
            return ProblemError(404, "nobody waits under this id: called or removed meanwhile")
        case NotPossibleError(status=status, possible=possible):
            detail = f"the call is {status}; possible now: {', '.join(possible) or 'nothing'}"
            return ProblemError(409, detail, (FieldProblem("status", detail, possible),))
        case StaleSettingsError():
            return ProblemError(412, "the settings changed meanwhile: read them again")
        case KeyReusedError():
            detail = "Idempotency-Key: came before with another request; take a new key"
            return ProblemError(422, detail, (FieldProblem("Idempotency-Key", detail),))
        case PanelContendedError():
            detail = "too many desks act at this moment: send the same request again"
            return ProblemError(503, detail, retry_after_s=1)
        case NoPanelsError():
            return ProblemError(503, "CACHE_BACKEND=memory has no panels: they need a state table")
        case _:
            return ProblemError(500, "something failed here; the same request may succeed later")


def _invalid_request(error: RequestValidationError) -> ProblemError:
    errors = error.errors()
    if any(one["type"] == "json_invalid" for one in errors):
        return ProblemError(400, "the body is not JSON")
    fields = field_problems(errors)
    detail = "; ".join(f"{field.field}: {field.message}" for field in fields[:5])
    return ProblemError(422, detail, fields)


def response(  # noqa: PLR0913 - the members of a problem
    path: str,
    request_id: str,
    *,
    status: int,
    detail: str,
    fields: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
    code: str | None = None,
) -> JSONResponse:
    """Make a problem's response; on OpenAI's route it also has OpenAI's `error` member."""
    content: dict[str, Any] = {
        "type": f"urn:c-tv:problem:{_TITLES.get(status, 'Error').lower().replace(' ', '-')}",
        "title": _TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "request_id": request_id,
    }
    if fields:
        content["errors"] = fields
    if code:
        content["error"] = code
    if path == OPENAI_PATH:
        content["error"] = {
            "message": detail,
            "type": "server_error" if status >= 500 else "invalid_request_error",  # noqa: PLR2004
            "param": fields[0].get("field") if fields else None,
            "code": None,
        }
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def fault(path: str, request_id: str) -> JSONResponse:
    """The answer to an error nobody foresaw."""
    return response(path, request_id, status=500, detail=_as_problem(Exception()).detail)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI `responses` of a route that may answer with these errors (and 500)."""
    return {
        status: {
            "description": _TITLES[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in (*statuses, 500)
    }


def _as_the_caller_wrote(error: Mapping[str, Any]) -> dict[str, Any]:
    """The host takes the parts of a call beside `text`; this API's callers put them in `call`."""
    field = error.get("field")
    return {**error, "field": f"call.{field}"} if field in Call.model_fields else dict(error)


def _member(field: FieldProblem) -> dict[str, Any]:
    member: dict[str, Any] = {"field": field.field, "message": field.message}
    if field.allowed:
        member["allowed"] = list(field.allowed)
    return member
