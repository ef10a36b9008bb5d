"""From an HTTP request to decoded, bounded values: headers, media type, body."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from model_host.dispatch import Priority
from model_host.errors import (
    BodyTooLargeError,
    ClientGoneError,
    FieldError,
    InvalidHeaderError,
    MalformedBodyError,
    UnsupportedMediaTypeError,
)
from model_host.observability.access import REQUEST_ID_HEADER, is_request_id
from model_host.settings import Settings

PRIORITY_HEADER = "CTV-Priority"
TIMEOUT_HEADER = "CTV-Timeout"
_JSON_MEDIA_TYPES = ("application/json",)


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms the caller waits."""

    priority: Priority
    timeout_s: float


def read_terms(request: Request, settings: Settings) -> Terms:
    """Read the host's own headers.

    Raises:
        InvalidHeaderError: names each header that is not allowed.
    """
    errors: list[FieldError] = []
    priority_given = request.headers.get(PRIORITY_HEADER, Priority.LIVE).strip().lower()
    if priority_given not in tuple(Priority):
        errors.append(FieldError(PRIORITY_HEADER, "is not a priority", tuple(Priority)))
    timeout_s = _seconds(request.headers.get(TIMEOUT_HEADER, str(settings.default_timeout_s)))
    if not 0 < timeout_s <= settings.max_timeout_s:
        bounds = {"above": 0.0, "maximum": settings.max_timeout_s}
        errors.append(FieldError(TIMEOUT_HEADER, "is not a number of seconds in bounds", bounds))
    if not is_request_id(request.headers.get(REQUEST_ID_HEADER, "absent")):
        errors.append(
            FieldError(REQUEST_ID_HEADER, "is not an id", ("1-128 of A-Z a-z 0-9 . _ -",))
        )
    if errors:
        raise InvalidHeaderError("One or more headers are not allowed.", errors)
    return Terms(Priority(priority_given), timeout_s)


def _seconds(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


async def read_json_object(request: Request, max_body_bytes: int) -> dict[str, Any]:
    """Read the body as a JSON object (RFC 8259).

    Raises:
        UnsupportedMediaTypeError: it is not declared as JSON in UTF-8.
        BodyTooLargeError: it is longer than `max_body_bytes`, however it is framed.
        MalformedBodyError: it is not a JSON object.
        ClientGoneError: the client left before it had sent all.
    """
    _check_media_type(request.headers)
    body = await read_body(request, max_body_bytes)
    try:
        decoded = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    # A deeply nested body exhausts the parser's stack; a number of 5000 digits is a ValueError.
    except (ValueError, RecursionError):
        raise MalformedBodyError("The body is not valid JSON in UTF-8.") from None
    if not isinstance(decoded, dict):
        raise MalformedBodyError("The body is JSON but not an object.")
    return decoded


def _refuse_constant(name: str) -> float:
    """Refuse what Python's parser accepts beyond RFC 8259: NaN and the infinities."""
    raise ValueError(name)


def _check_media_type(headers: Mapping[str, str]) -> None:
    media_type, *parameters = headers.get("content-type", "").lower().split(";")
    charset = next(
        (value.strip().strip('"') for key, _, value in (p.partition("=") for p in parameters)
         if key.strip() == "charset"),
        "utf-8",
    )  # fmt: skip
    if media_type.strip() not in _JSON_MEDIA_TYPES or charset not in {"utf-8", "utf8"}:
        raise UnsupportedMediaTypeError(
            "The body must be JSON in UTF-8.",
            [FieldError("Content-Type", "is not supported", _JSON_MEDIA_TYPES)],
        )


async def read_body(request: Request, max_body_bytes: int) -> bytes:
    """Read the body as it is.

    Raises:
        BodyTooLargeError: it is longer than `max_body_bytes`, however it is framed.
        ClientGoneError: the client left before it had sent all.
    """
    too_large = BodyTooLargeError(
        f"The body is longer than {max_body_bytes} bytes.",
        [FieldError("Content-Length", "is too large", {"maximum": max_body_bytes})],
    )
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > max_body_bytes:
        raise too_large
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError("the client left while it sent its body")
        body += message.get("body", b"")
        if len(body) > max_body_bytes:
            raise too_large
        if not message.get("more_body", False):
            return bytes(body)
