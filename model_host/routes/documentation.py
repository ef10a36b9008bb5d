"""What the OpenAPI document says about bodies, audio answers and every error."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from model_host.audio.formats import MEDIA_TYPES
from model_host.problems import MEDIA_TYPE
from model_host.routes.intake import PRIORITY_HEADER, TIMEOUT_HEADER


class FieldProblem(BaseModel):
    """One refused field."""

    field: str
    message: str
    allowed: list[str] | dict[str, float] | None = None


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(examples=["urn:c-tv:problem:invalid-fields"])
    title: str = Field(examples=["Invalid fields"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["One or more fields are not allowed."])
    request_id: str = Field(examples=["1f0c9a8e"])
    errors: list[FieldProblem] = Field(
        default=[],
        examples=[
            [
                {
                    "field": "speed",
                    "message": "Input should be less than or equal to 2",
                    "allowed": {"minimum": 0.5, "maximum": 2.0},
                }
            ]
        ],
    )


_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


def problem(description: str, *, retry_after: bool = False) -> dict[str, Any]:
    """Describe an error response."""
    response: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}},
    }
    if retry_after:
        response["headers"] = _RETRY_AFTER
    return response


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


SPEECH_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The audio. Streamed answers have neither Content-Length nor CTV-Duration.",
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in MEDIA_TYPES.values()
        },
        "headers": {
            "CTV-Engine": _header("Which engine spoke."),
            "CTV-Voice": _header("Which voice spoke."),
            "CTV-Fingerprint": _header("16 hex digits; changes when the same text would sound "
                                       "different."),
            "CTV-Lexicon": _header("16 hex digits: which entries of the lexicon, as they are "
                                   "now, touch what was written; absent where none does."),
            "CTV-Quality": _header("`verified`; `doubtful`: the best of several attempts, none "
                                   "of which passed every check; `streamed`: checked as it was "
                                   "sent; `basic`: audible, and no more was asked."),
            "CTV-Duration": _header("Length of the audio in seconds.", "number"),
            "X-Request-Id": _header("The request's correlation id."),
        },
    },
    400: problem("The body is not a JSON object, or a header is not allowed."),
    413: problem("The body is too large."),
    415: problem("The body is not declared as JSON in UTF-8."),
    422: problem("A field is not allowed; `errors` names it and what it allows."),
    500: problem("The engine failed; the request may be tried again."),
    503: problem("The queue is full or the engine is loading.", retry_after=True),
    504: problem("The deadline passed before the audio was made."),
}  # fmt: skip


def speech_operation(body: type[BaseModel]) -> dict[str, Any]:
    """Describe the body and the headers of a route that speaks."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": body.model_json_schema()}},
        },
        "parameters": [
            _parameter(PRIORITY_HEADER, "Live calls go before bulk work.",
                       {"type": "string", "enum": ["live", "bulk"], "default": "live"}),
            _parameter(TIMEOUT_HEADER, "Deadline of the whole request in seconds.",
                       {"type": "number", "exclusiveMinimum": 0}),
            _parameter("X-Request-Id", "Correlation id; echoed.",
                       {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"}),
        ],
    }  # fmt: skip


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name, "in": "header", "required": False,
        "description": description, "schema": schema,
    }  # fmt: skip
