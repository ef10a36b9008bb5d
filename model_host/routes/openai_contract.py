"""OpenAI's `POST /v1/audio/speech` body, translated into the host's own request.

Source: https://platform.openai.com/docs/api-reference/audio/createSpeech
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from model_host.audio.formats import AudioFormat
from model_host.errors import FieldError, InvalidFieldsError
from model_host.request import Say, SpeechRequest, field_errors, parse_speech_request

_OUR_NAMES = {"input": "text", "voice": "voice", "response_format": "format", "speed": "speed"}
_THEIR_NAMES = {ours: theirs for theirs, ours in _OUR_NAMES.items()}
_ALLOWED: dict[str, Sequence[str]] = {"stream_format": ("audio",)}


class OpenAISpeechBody(BaseModel):
    """What OpenAI's clients send. Fields shared with `SpeechRequest` are validated by it."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {"model": "c-tv", "input": "Senha A 42, consultório três.", "voice": "default"}
            ]
        },
    )

    model: Annotated[
        str, Field(min_length=1, description="Any name: the host speaks with the engine it has.")
    ]
    input: Annotated[Any, Field(description="What to say; `text` of /synthesize.")]
    voice: Annotated[str, Field(description="Id from /v1/voices.")]
    response_format: Annotated[
        Any, Field(description="wav, pcm, flac, mp3, opus or aac; `format` of /synthesize.")
    ] = AudioFormat.MP3
    speed: Annotated[Any, Field(description="0.5-2.0; `speed` of /synthesize.")] = 1.0
    stream_format: Annotated[
        Literal["audio"], Field(description="Only plain audio is streamed, no events.")
    ] = "audio"
    instructions: Annotated[str | None, Field(description="Accepted and ignored.")] = None


def parse_openai_speech(
    fields: Mapping[str, object], voices: Sequence[str], say: Say
) -> SpeechRequest:
    """Validate OpenAI's body and translate it; the answer streams, as OpenAI's does.

    Raises:
        InvalidFieldsError: names each refused field as OpenAI calls it.
    """
    errors = _envelope_errors(fields, voices)
    try:
        speech = parse_speech_request(
            {"format": AudioFormat.MP3, "stream": True}
            | {ours: fields[theirs] for theirs, ours in _OUR_NAMES.items() if theirs in fields},
            voices,
            say,
            field_names=_THEIR_NAMES,
        )
    except InvalidFieldsError as error:
        errors += [found for found in error.errors if found not in errors]
    if errors:
        raise InvalidFieldsError("One or more fields are not allowed.", errors)
    return speech


def _envelope_errors(fields: Mapping[str, object], voices: Sequence[str]) -> list[FieldError]:
    """Check what only OpenAI's body has, and that what it requires is there."""
    try:
        OpenAISpeechBody.model_validate(fields)
    except ValidationError as error:
        return [
            FieldError(found.field, found.message, _ALLOWED.get(found.field, found.allowed))
            for found in field_errors(error, voices, {})
        ]
    return []
