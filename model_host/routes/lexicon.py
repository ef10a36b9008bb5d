"""The routes that read and replace the pronunciation lexicon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from model_host.errors import (
    FieldError,
    InvalidFieldsError,
    MalformedBodyError,
    PreconditionRequiredError,
    UnsupportedMediaTypeError,
)
from model_host.lexicon_store import LexiconStore
from model_host.routes.conditional import is_known, may_change
from model_host.routes.documentation import problem
from model_host.routes.intake import read_body
from model_host.text import pls
from model_host.text.lexicon import ENTRIES_MAX, Lexicon
from model_host.text.lexicon_document import (
    InvalidEntriesError,
    LexiconDocument,
    MalformedDocumentError,
    read_json,
    write_json,
)

LEXICON_HEADER = "CTV-Lexicon"
"""Says by which entries a spoken answer was shaped: `Lexicon.digest`."""
LEXICON_BYTES_MAX = 4 * 1024 * 1024
"""More than `ENTRIES_MAX` of the longest entries that names are."""

_JSON = "application/json"
_READERS: Mapping[str, Callable[[bytes], Lexicon]] = {
    _JSON: read_json,
    pls.MEDIA_TYPE: pls.read_pls,
}
_WRITERS: Mapping[str, Callable[[Lexicon], bytes]] = {
    _JSON: write_json,
    pls.MEDIA_TYPE: pls.write_pls,
}


class KeptLexicon(BaseModel):
    """What is kept now.

    Attributes:
        entries: how many.
        etag: names this state, as `/info` does; without quotes.
    """

    entries: int
    etag: str


_EXAMPLE_JSON = {
    "entries": [
        {"written": "UTI", "spoken": "u tê i", "scope": "acronym"},
        {"written": "Wesley", "spoken": "uésli", "scope": "name"},
    ]
}
_EXAMPLE_PLS = (
    '<lexicon version="1.0" alphabet="ipa" xml:lang="pt-BR" '
    'xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" xmlns:ctv="urn:c-tv:lexicon">'
    '<lexeme ctv:scope="name"><grapheme>Wesley</grapheme><alias>uésli</alias></lexeme></lexicon>'
)
_CONTENT: dict[str, Any] = {
    _JSON: {"schema": LexiconDocument.model_json_schema(), "example": _EXAMPLE_JSON},
    pls.MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EXAMPLE_PLS},
}
_READING: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Every entry.",
        "content": _CONTENT,
        "headers": {"ETag": {"description": "Names this state of this representation.",
                             "schema": {"type": "string"}}},
    },
    304: {"description": "The representation that the client has is the present one."},
}  # fmt: skip
_REPLACING: dict[int | str, dict[str, Any]] = {
    200: {"description": "This lexicon holds from now on.", "model": KeptLexicon},
    400: problem("The body is not JSON, not XML, or has a document type or entities."),
    412: problem("The lexicon has changed since it was read."),
    413: problem("The body is larger than 4 MiB."),
    415: problem("The body is neither JSON nor PLS."),
    422: problem(f"An entry is not allowed, or there are more than {ENTRIES_MAX}; `errors` says "
                 "which."),
    428: problem("If-Match is needed, so that nobody's changes are overwritten unseen."),
    507: problem("The lexicon cannot be written."),
}  # fmt: skip
_IF_MATCH = {
    "name": "If-Match", "in": "header", "required": True,
    "description": "The ETag of the lexicon that this one replaces; `*` for whichever is there.",
    "schema": {"type": "string"},
}  # fmt: skip


def lexicon_routes(store: LexiconStore) -> APIRouter:
    """Make the routes about the lexicon in `store`."""
    router = APIRouter(tags=["lexicon"])

    @router.get(
        "/v1/lexicon",
        summary="How particular words are said",
        response_class=Response,
        responses=_READING,
    )
    async def read(request: Request) -> Response:
        lexicon = await asyncio.to_thread(lambda: store.current)
        media_type = _wanted(request.headers.get("accept", "*/*"))
        etag = _etag(lexicon, media_type)
        headers = {"ETag": etag, "Vary": "Accept", "Cache-Control": "no-cache"}
        if is_known(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
        content = await asyncio.to_thread(_WRITERS[media_type], lexicon)
        return Response(content, media_type=media_type, headers=headers)

    @router.put(
        "/v1/lexicon",
        summary="Replace the lexicon",
        responses=_REPLACING,
        openapi_extra={
            "requestBody": {"required": True, "content": _CONTENT},
            "parameters": [_IF_MATCH],
        },
    )
    async def replace(request: Request) -> Response:
        if_match = request.headers.get("if-match")
        if if_match is None:
            raise PreconditionRequiredError(
                "If-Match is needed: read the lexicon and send the ETag that came with it."
            )
        parse = _reader(request.headers.get("content-type", ""))
        body = await read_body(request, LEXICON_BYTES_MAX)
        lexicon = await asyncio.to_thread(_parsed, parse, body)
        await asyncio.to_thread(
            store.replace, lexicon, lambda current: may_change(if_match, _etags(current))
        )
        # Without an ETag header: what was sent is not byte for byte what is kept (RFC 9110 §9.3.4).
        kept = KeptLexicon(entries=len(lexicon.entries), etag=lexicon.etag)
        return JSONResponse(kept.model_dump())

    return router


def _etag(lexicon: Lexicon, media_type: str) -> str:
    """A strong entity tag: another representation has another one (RFC 9110 §8.8.1)."""
    return f'"{lexicon.etag}"' if media_type == _JSON else f'"{lexicon.etag}-pls"'


def _etags(lexicon: Lexicon) -> set[str]:
    return {_etag(lexicon, media_type) for media_type in _WRITERS}


def _wanted(accept: str) -> str:
    """PLS where `Accept` prefers it, else JSON; never 406, as RFC 9110 §12.5.1 leaves open."""
    qualities = dict(_quality(item) for item in accept.lower().split(","))
    fallback = qualities.get("application/*", qualities.get("*/*", 0.0))
    wanted = qualities.get(pls.MEDIA_TYPE, fallback) > qualities.get(_JSON, fallback)
    return pls.MEDIA_TYPE if wanted else _JSON


def _quality(item: str) -> tuple[str, float]:
    media_type, *parameters = (part.strip() for part in item.split(";"))
    given = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    return media_type, float(given) if given.replace(".", "", 1).isdecimal() else 0.0


def _reader(content_type: str) -> Callable[[bytes], Lexicon]:
    try:
        return _READERS[content_type.partition(";")[0].strip().lower()]
    except KeyError:
        raise UnsupportedMediaTypeError(
            "The lexicon must be JSON or PLS.",
            [FieldError("Content-Type", "is not supported", tuple(_READERS))],
        ) from None


def _parsed(parse: Callable[[bytes], Lexicon], body: bytes) -> Lexicon:
    try:
        return parse(body)
    except MalformedDocumentError as error:
        raise MalformedBodyError(f"The lexicon cannot be read: {error}.") from None
    except InvalidEntriesError as error:
        raise InvalidFieldsError(
            "One or more entries are not allowed.",
            [FieldError(one.where, one.message, one.allowed) for one in error.problems],
        ) from None
