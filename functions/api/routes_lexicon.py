"""GET and PUT /v1/lexicon: the host's own routes, for the console, in JSON."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, Field

from api.access import operator
from api.problems import RETRY_AFTER_S, ProblemError, documented
from speech import observability
from speech.assembly import assembled
from speech.host import HostAnswer, HostUnavailableError
from speech.invalid import FieldProblem

router = APIRouter(tags=["lexicon"], dependencies=[Depends(operator)])

_JSON: Final = "application/json"
# What the host says of a request; anything else it says is about itself.
_CARRIED_OVER: Final = frozenset({400, 412, 413, 415, 422, 428})
_EXAMPLE: Final[dict[str, Any]] = {
    "entries": [
        {"written": "UTI", "spoken": "u tê i", "scope": "acronym"},
        {"written": "Wesley", "spoken": "uésli", "scope": "name"},
    ]
}
_DOCUMENT: Final[dict[str, Any]] = {
    _JSON: {
        "schema": {
            "type": "object",
            "required": ["entries"],
            "properties": {
                "entries": {
                    "type": "array",
                    "maxItems": 5000,
                    "items": {
                        "type": "object",
                        "required": ["written", "spoken"],
                        "properties": {
                            "written": {"type": "string", "maxLength": 100},
                            "spoken": {"type": "string", "maxLength": 200},
                            "scope": {
                                "type": "string",
                                "enum": ["any", "name", "place", "acronym"],
                                "default": "any",
                            },
                        },
                    },
                }
            },
        },
        "example": _EXAMPLE,
    }
}


class KeptLexicon(BaseModel):
    """What is kept now."""

    entries: int = Field(description="How many.")
    etag: str = Field(description="Names this state, without quotes.")


@router.get(
    "/v1/lexicon",
    summary="How particular words are said",
    response_class=Response,
    responses={
        200: {"description": "Every entry.", "content": _DOCUMENT},
        304: {"description": "The lexicon that the client has is the present one."},
        **documented(401, 403, 503),
    },
)
async def read(
    if_none_match: Annotated[
        str | None, Header(description="The ETag that the client has.")
    ] = None,
) -> Response:
    """Read the host's pronunciation lexicon as a whole."""
    known = {} if if_none_match is None else {"If-None-Match": if_none_match}
    try:
        answer = assembled().host.ask_lexicon({"Accept": _JSON, **known})
    except HostUnavailableError:
        raise _host_down() from None
    if answer.status not in {200, 304}:
        raise _host_down()
    headers = {"ETag": answer.headers["ETag"], "Cache-Control": "no-cache"}
    if answer.status == 304:  # noqa: PLR2004 - as the host said
        return Response(status_code=304, headers=headers)
    return Response(answer.body, media_type=_JSON, headers=headers)


@router.put(
    "/v1/lexicon",
    summary="Replace the lexicon",
    response_model=KeptLexicon,
    responses=documented(400, 401, 403, 412, 413, 415, 422, 428, 503),
    openapi_extra={"requestBody": {"required": True, "content": _DOCUMENT}},
)
async def replace(
    request: Request,
    if_match: Annotated[
        str | None, Header(description="The ETag of the lexicon that this one replaces, or `*`.")
    ] = None,
) -> Response:
    """Replace it as a whole; what it touches is spoken anew from the next request on."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _JSON:
        raise ProblemError(415, f"the media type must be {_JSON}")
    condition = {} if if_match is None else {"If-Match": if_match}
    try:
        answer = assembled().host.replace_lexicon(
            await request.body(), {"Content-Type": _JSON, **condition}
        )
    except HostUnavailableError:
        raise _host_down() from None
    if answer.status != 200:  # noqa: PLR2004 - the one status of success
        raise _as_problem(answer)
    _publish()
    return Response(answer.body, media_type=_JSON)


def _publish() -> None:
    """Have keys follow at once; a host that is gone by now is asked at the next warm-up."""
    try:
        assembled().manifests.refresh()
    except HostUnavailableError as error:
        observability.log_fault("the new lexicon is not published yet", error)


def _as_problem(answer: HostAnswer) -> ProblemError:
    if answer.status not in _CARRIED_OVER:
        return _host_down()
    fields = tuple(
        FieldProblem(
            str(error.get("field")), str(error.get("message")), tuple(error.get("allowed", ()))
        )
        for error in answer.errors
    )
    return ProblemError(answer.status, answer.detail, fields)


def _host_down() -> ProblemError:
    return ProblemError(
        503,
        "the model host, which keeps the lexicon, does not answer as it should",
        retry_after_s=RETRY_AFTER_S,
    )
