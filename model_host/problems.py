"""The one place where errors become HTTP: problem details of RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from model_host.engines.base import EngineError
from model_host.errors import (
    BodyTooLargeError,
    BusyError,
    ClientGoneError,
    CloningUnsupportedError,
    DeadlineExceededError,
    FieldError,
    HostError,
    InvalidFieldsError,
    InvalidHeaderError,
    LexiconNotKeptError,
    MalformedBodyError,
    NotReadyError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RefusedRequestError,
    UnauthorizedError,
    UnavailableError,
    UnsupportedMediaTypeError,
    UnusableRecordingRefusedError,
    VoiceConflictError,
    VoiceNotFoundError,
    VoicesNotKeptError,
)
from model_host.observability.record import Outcome, record_of
from model_host.verification.findings import UnsoundSpeechError

MEDIA_TYPE = "application/problem+json"
OPENAI_ROUTE = "/v1/audio/speech"
_CLIENT_CLOSED_REQUEST = 499  # nginx's number for an answer that nobody was there to read


@dataclass(frozen=True, slots=True)
class _Kind:
    status: int
    slug: str
    title: str
    outcome: Outcome


_KINDS: Mapping[type[Exception], _Kind] = {
    MalformedBodyError: _Kind(400, "malformed-body", "Malformed body", Outcome.REFUSED),
    InvalidHeaderError: _Kind(400, "invalid-header", "Invalid header", Outcome.REFUSED),
    UnauthorizedError: _Kind(401, "unauthorized", "Unauthorized", Outcome.REFUSED),
    BodyTooLargeError: _Kind(413, "body-too-large", "Body too large", Outcome.REFUSED),
    UnsupportedMediaTypeError: _Kind(
        415, "unsupported-media-type", "Unsupported media type", Outcome.REFUSED
    ),
    InvalidFieldsError: _Kind(422, "invalid-fields", "Invalid fields", Outcome.REFUSED),
    VoiceNotFoundError: _Kind(404, "unknown-voice", "Unknown voice", Outcome.REFUSED),
    VoiceConflictError: _Kind(409, "voice-conflict", "Voice conflict", Outcome.REFUSED),
    UnusableRecordingRefusedError: _Kind(
        422, "unusable-recording", "Unusable recording", Outcome.REFUSED
    ),
    CloningUnsupportedError: _Kind(
        501, "cloning-unsupported", "Cloning unsupported", Outcome.REFUSED
    ),
    VoicesNotKeptError: _Kind(507, "voices-not-kept", "Voices not kept", Outcome.UNAVAILABLE),
    LexiconNotKeptError: _Kind(507, "lexicon-not-kept", "Lexicon not kept", Outcome.UNAVAILABLE),
    PreconditionFailedError: _Kind(
        412, "precondition-failed", "Precondition failed", Outcome.REFUSED
    ),
    PreconditionRequiredError: _Kind(
        428, "precondition-required", "Precondition required", Outcome.REFUSED
    ),
    BusyError: _Kind(503, "busy", "Busy", Outcome.UNAVAILABLE),
    NotReadyError: _Kind(503, "not-ready", "Not ready", Outcome.UNAVAILABLE),
    DeadlineExceededError: _Kind(504, "deadline", "Deadline exceeded", Outcome.DEADLINE),
    EngineError: _Kind(500, "engine-failed", "Engine failed", Outcome.ENGINE_FAILED),
    UnsoundSpeechError: _Kind(500, "unsound-speech", "Unsound speech", Outcome.UNSOUND),
    ClientGoneError: _Kind(
        _CLIENT_CLOSED_REQUEST, "client-gone", "Client gone", Outcome.DISCONNECT
    ),
}
_ENGINE_DETAIL = "The engine could not speak this request; it may be tried again."
_UNSOUND_DETAIL = "What the engine said did not pass the checks; the request may be tried again."


def outcome_of(error: Exception) -> Outcome:
    """Return how a request that ended with `error` is written down."""
    kind = _KINDS.get(type(error))
    return kind.outcome if kind else Outcome.ERROR


def install(app: FastAPI) -> None:
    """Make `app` answer every error with a problem document."""
    app.add_exception_handler(HostError, answer)
    app.add_exception_handler(EngineError, answer)
    app.add_exception_handler(HTTPException, _on_http_exception)


def internal_error(request_id: str) -> Response:
    """Answer an error that nobody foresaw."""
    return _respond(
        _Kind(500, "internal", "Internal error", Outcome.ERROR),
        "The host failed; the request may be tried again.",
        request_id,
    )


def answer(request: Request, error: Exception) -> Response:
    """Answer `error`, one of those that this module knows, and write its outcome down."""
    record = record_of(request)
    kind = _KINDS[type(error)]
    record.outcome = kind.outcome
    headers = {}
    if isinstance(error, UnavailableError):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, UnauthorizedError):
        headers["WWW-Authenticate"] = error.challenge
    return _respond(
        kind,
        _detail(error),
        record.request_id,
        errors=error.errors if isinstance(error, RefusedRequestError) else (),
        headers=headers,
        for_openai=request.url.path == OPENAI_ROUTE,
    )


def _detail(error: Exception) -> str:
    if isinstance(error, UnsoundSpeechError):
        return _UNSOUND_DETAIL
    # An engine's message may quote what it was asked to say.
    return _ENGINE_DETAIL if isinstance(error, EngineError) else str(error)


def _on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: unknown paths (404) and methods (405 with Allow)."""
    if not isinstance(error, HTTPException):
        raise TypeError("registered for HTTPException only")
    record = record_of(request)
    record.outcome = Outcome.REFUSED
    status = HTTPStatus(error.status_code)
    kind = _Kind(status, status.phrase.lower().replace(" ", "-"), status.phrase, Outcome.REFUSED)
    return _respond(kind, status.description, record.request_id, headers=error.headers)


def _respond(  # noqa: PLR0913 - the members of a problem document
    kind: _Kind,
    detail: str,
    request_id: str,
    *,
    errors: tuple[FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
    for_openai: bool = False,
) -> Response:
    document: dict[str, Any] = {
        "type": f"urn:c-tv:problem:{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "request_id": request_id,
    }
    if errors:
        document["errors"] = [_field_member(error) for error in errors]
    if for_openai:
        document["error"] = _openai_member(kind, detail, errors)
    return JSONResponse(
        document, status_code=kind.status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


def _field_member(error: FieldError) -> dict[str, Any]:
    member: dict[str, Any] = {"field": error.field, "message": error.message}
    if error.allowed is not None:
        member["allowed"] = error.allowed
    return member


def _openai_member(kind: _Kind, detail: str, errors: tuple[FieldError, ...]) -> dict[str, Any]:
    """Make the `error` object that OpenAI's clients show."""
    told = "; ".join(
        f"{error.field} {error.message}"
        + (f" (allowed: {_listed(error.allowed)})" if error.allowed is not None else "")
        for error in errors
    )
    client_error = kind.status < HTTPStatus.INTERNAL_SERVER_ERROR
    return {
        "message": told or detail,
        "type": "invalid_request_error" if client_error else "server_error",
        "param": errors[0].field if errors else None,
        "code": kind.slug.replace("-", "_"),
    }


def _listed(allowed: Sequence[str] | Mapping[str, float]) -> str:
    if isinstance(allowed, Mapping):
        return ", ".join(f"{name} {value:g}" for name, value in allowed.items())
    return ", ".join(allowed)
