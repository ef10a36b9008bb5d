"""The routes that speak."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from model_host.errors import DeadlineExceededError
from model_host.lifecycle import Host
from model_host.observability.record import record_of
from model_host.problems import OPENAI_ROUTE
from model_host.request import Say, SpeechRequest, parse_speech_request
from model_host.routes.delivery import deliver
from model_host.routes.documentation import SPEECH_RESPONSES, speech_operation
from model_host.routes.intake import read_json_object, read_terms
from model_host.routes.openai_contract import OpenAISpeechBody, parse_openai_speech

Parse = Callable[[Mapping[str, object], Sequence[str], Say], SpeechRequest]


def speech_routes(host: Host) -> APIRouter:
    """Make the routes that speak with `host`."""
    router = APIRouter(tags=["speech"])

    @router.post(
        "/synthesize",
        summary="Speak a text or a call",
        response_class=Response,
        responses=SPEECH_RESPONSES,
        openapi_extra=speech_operation(SpeechRequest),
    )
    async def synthesize(request: Request) -> Response:
        return await _speak(request, host, parse_speech_request)

    @router.post(
        OPENAI_ROUTE,
        summary="Speak a text (OpenAI's contract)",
        response_class=Response,
        responses=SPEECH_RESPONSES,
        openapi_extra=speech_operation(OpenAISpeechBody),
    )
    async def create_speech(request: Request) -> Response:
        return await _speak(request, host, parse_openai_speech)

    return router


async def _speak(request: Request, host: Host, parse: Parse) -> Response:
    record = record_of(request)
    terms = read_terms(request, host.settings)
    record.priority = terms.priority
    try:
        async with asyncio.timeout_at(record.arrived_at + terms.timeout_s):
            fields = await read_json_object(request, host.settings.max_body_bytes)
    except TimeoutError:
        raise DeadlineExceededError("The deadline passed before the body had arrived.") from None
    speech = parse(fields, [voice.id for voice in host.engine.voices], host.say)
    return await deliver(request, host, speech, terms)
