"""POST /v1/speech, GET /v1/speech/{id}, POST /v1/prewarm and OpenAI's POST /v1/audio/speech.

The routes are `async def` around blocking boto3 and urllib3 calls on purpose: a Lambda process
serves one request at a time, so there is nothing else to run, and a plain `def` would pay for a
hop to a thread.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Request, Response
from fastapi.responses import JSONResponse

from api import preferences
from api.access import prewarmer, speaker
from api.answers import (
    FailedSpeech,
    OpenAISpeechRequest,
    PrewarmAccepted,
    PrewarmRequest,
    ReadySpeech,
    RenderingSpeech,
    ready_body,
)
from api.bodies import JsonRoute
from api.delivery import not_yet, rendering, say
from api.desk import Accepted, NotReadyError, Ready, desk
from api.problems import OPENAI_PATH, ProblemError, documented, response
from speech.request import SpeechRequest

router = APIRouter(tags=["speech"], route_class=JsonRoute)

_CALL_EXAMPLE = {"call": {"ticket": "A042", "name": "João da Silva", "place": "Consultório 03"}}
_SPEECH_EXAMPLES: dict[str, Any] = {
    "call": {"summary": "A call with a name, kept a day", "value": _CALL_EXAMPLE},
    "text": {
        "summary": "A phrase that names nobody, kept 30 days",
        "value": {"text": "Mantenha seu documento em mãos.", "retention": "phrase"},
    },
}
_PREWARM_EXAMPLES: dict[str, Any] = {
    "calls": {
        "summary": "Patients who have just checked in",
        "value": {"calls": [_CALL_EXAMPLE["call"]], "format": "wav"},
    }
}
_OPENAI_EXAMPLES: dict[str, Any] = {
    "speech": {
        "summary": "As the openai client sends it",
        "value": {"model": "tts-1", "input": "Bom dia.", "voice": "default"},
    }
}


@router.post(
    "/v1/speech",
    summary="Speak a text or a call",
    response_model=ReadySpeech,
    responses={
        202: {"model": RenderingSpeech, "description": "Accepted; ask again at `Location`."},
        **documented(400, 401, 403, 413, 415, 422, 503),
    },
    dependencies=[Depends(speaker)],
)
async def speak(
    request: Request,
    speech: Annotated[SpeechRequest, Body(openapi_examples=_SPEECH_EXAMPLES)],
) -> Response:
    """Deliver speech, from the cache or freshly rendered, or accept it for later.

    `Prefer: respond-async` never waits for rendering; `Prefer: wait=5` waits at most 5 seconds.
    """
    preference = preferences.parse(request.headers.get("prefer", ""))
    outcome = say(request, speech, preference)
    headers = {"Preference-Applied": preference.applied} if preference.applied else {}
    if isinstance(outcome, Ready):
        return JSONResponse(ready_body(outcome), headers=headers)
    return rendering(outcome, headers | {"Location": f"speech/{outcome.id}"})


@router.get(
    "/v1/speech/{id}",
    summary="What became of speech",
    response_model=ReadySpeech | FailedSpeech,
    responses={
        202: {"model": RenderingSpeech, "description": "Still on its way."},
        **documented(401, 403, 404, 422, 503),
    },
    dependencies=[Depends(speaker)],
)
async def find(request: Request, speech_id: Annotated[str, Path(alias="id")]) -> Response:
    """Deliver accepted speech, or say how it stands."""
    found = desk().find(speech_id)
    if found is None:
        raise ProblemError(404, "no such speech: never asked for, or expired")
    if isinstance(found, Ready):
        return JSONResponse(ready_body(found))
    if isinstance(found, Accepted):
        return rendering(found, {})
    problem = response(
        request.scope["path"], request.scope["correlation_id"], status=422, detail=found.reason
    ).body
    return Response(
        b'{"status":"failed","id":"%s","problem":%s}' % (found.id.encode(), bytes(problem)),
        media_type="application/json",
    )


@router.post(
    "/v1/prewarm",
    summary="Render many texts or calls ahead of time",
    status_code=202,
    response_model=PrewarmAccepted,
    responses=documented(400, 401, 403, 413, 415, 422, 503),
    dependencies=[Depends(prewarmer)],
)
async def prewarm(
    request: Request,
    wanted: Annotated[PrewarmRequest, Body(openapi_examples=_PREWARM_EXAMPLES)],
) -> Response:
    """Queue 1 to 500 texts and calls behind all live work."""
    try:
        ids = desk().prewarm(wanted, wanted.said(), request.scope["correlation_id"])
    except NotReadyError:
        raise ProblemError(503, "this process has no render queue") from None
    return JSONResponse({"accepted": len(ids), "ids": ids}, 202)


@router.post(
    OPENAI_PATH,
    summary="OpenAI's speech route",
    status_code=303,
    response_class=Response,
    responses={
        303: {"description": "Ready: `Location` plays the audio (clients follow it)."},
        **documented(400, 401, 403, 413, 415, 422, 503),
    },
    dependencies=[Depends(speaker)],
)
async def speak_openai(
    request: Request,
    wanted: Annotated[OpenAISpeechRequest, Body(openapi_examples=_OPENAI_EXAMPLES)],
) -> Response:
    """Speak for clients of OpenAI's API, which follow redirects and retry a 503 by themselves."""
    outcome = say(request, wanted.speech_request(), preferences.Preference())
    if isinstance(outcome, Accepted):
        raise not_yet()
    url = outcome.speech.url
    if url.startswith("data:"):  # the one-process cache; no client follows a redirect to data
        return Response(b64decode(url.partition(",")[2]), media_type=outcome.speech.content_type)
    return Response(status_code=303, headers={"Location": url})
