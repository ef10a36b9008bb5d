"""The one validated request for speech, shared by every route that speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from model_host.audio.formats import AudioFormat
from model_host.errors import FieldError, InvalidFieldsError
from model_host.text.folding import TEXT_CHARS_MAX, UnspeakableTextError, fold_speakable

SPEED_MIN = 0.5
SPEED_MAX = 2.0
LANGUAGES = ("pt", "pt-BR")
SEED_MAX = 2**32 - 1
"""Largest seed that every sampling engine takes."""
CANDIDATES_MAX = 8
"""More would fill half of a batch with one sentence."""

_CANONICAL_LANGUAGES = {language.casefold(): language for language in LANGUAGES}


def _speakable(text: str) -> str:
    try:
        return fold_speakable(text)
    except UnspeakableTextError as error:
        raise PydanticCustomError("unspeakable", "{reason}", {"reason": str(error)}) from None


def _canonical_language(language: object) -> object:
    if isinstance(language, str):
        return _CANONICAL_LANGUAGES.get(language.casefold(), language)
    return language


class SpeechRequest(BaseModel):
    """What to say and how. Unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {"text": "Senha A 42, consultório três."},
                {"text": "Maria da Silva, guichê dois.", "format": "mp3", "speed": 0.9},
            ]
        },
    )

    text: Annotated[
        str,
        AfterValidator(_speakable),
        Field(
            description=f"What to say: 1-{TEXT_CHARS_MAX} characters after folding "
            "(NFC, white space runs to one space), no control characters, "
            "at least one letter or digit."
        ),
    ]
    language: Annotated[
        Literal["pt", "pt-BR"],
        BeforeValidator(_canonical_language),
        Field(description="Language tag, in any case. Both mean Brazilian Portuguese."),
    ] = "pt"
    voice: Annotated[
        str | None,
        Field(validate_default=True, description="Id from `/v1/voices`; null is the default."),
    ] = None
    format: Annotated[
        AudioFormat, Field(strict=False, description="Container and codec of the answer.")
    ] = AudioFormat.WAV
    speed: Annotated[
        float,
        Field(
            ge=SPEED_MIN,
            le=SPEED_MAX,
            allow_inf_nan=False,
            description="Rate of speech relative to the voice's own; the pitch stays.",
        ),
    ] = 1.0
    seed: Annotated[
        int | None,
        Field(ge=0, le=SEED_MAX, description="Makes a sampling engine repeatable."),
    ] = None
    stream: Annotated[
        bool, Field(description="Send the audio while it is made, without a Content-Length.")
    ] = False
    candidates: Annotated[
        int | None,
        Field(
            ge=1,
            le=CANDIDATES_MAX,
            description="How often a sampling engine tries each sentence, to keep the best; null: "
            "once, or as often as the host does for bulk work. A stream has one.",
        ),
    ] = None

    @field_validator("voice")
    @classmethod
    def _known_voice(cls, voice: str | None, info: ValidationInfo) -> str:
        if info.context is None:
            raise TypeError("a SpeechRequest is made by parse_speech_request")
        voices: Sequence[str] = info.context["voices"]
        if voice is None:
            return voices[0]
        if voice not in voices:
            raise PydanticCustomError("unknown_voice", "is not one of this host's voices")
        return voice

    @field_validator("candidates")
    @classmethod
    def _one_for_a_stream(cls, candidates: int | None, info: ValidationInfo) -> int | None:
        if candidates is not None and candidates > 1 and info.data.get("stream"):
            raise PydanticCustomError("one_for_a_stream", "must be 1 where stream is true")
        return candidates

    @property
    def voice_id(self) -> str:
        """The voice after the default has been put in."""
        if self.voice is None:
            raise ValueError("a SpeechRequest is made by parse_speech_request")
        return self.voice


def parse_speech_request(
    fields: Mapping[str, object],
    voices: Sequence[str],
    *,
    field_names: Mapping[str, str] | None = None,
) -> SpeechRequest:
    """Validate the body of a request.

    Args:
        fields: the decoded JSON object.
        voices: ids of the voices that can be asked for, the default first.
        field_names: what the caller calls our fields, where a route has other names.

    Raises:
        InvalidFieldsError: names each refused field and what it allows; never echoes a value.
    """
    try:
        return SpeechRequest.model_validate(fields, context={"voices": tuple(voices)})
    except ValidationError as error:
        raise InvalidFieldsError(
            "One or more fields are not allowed.",
            field_errors(error, voices, field_names or {}),
        ) from None


def field_errors(
    error: ValidationError, voices: Sequence[str], field_names: Mapping[str, str]
) -> list[FieldError]:
    """Say what pydantic found, without the input it found it in."""
    found = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        name = str(item["loc"][0]) if item["loc"] else ""
        unknown = item["type"] == "extra_forbidden"
        found.append(
            FieldError(
                field=field_names.get(name, name)[:100],
                message="is not a field of this request" if unknown else item["msg"],
                allowed=None if unknown else allowed_values(name, voices),
            )
        )
    return found


def allowed_values(field: str, voices: Sequence[str]) -> Sequence[str] | dict[str, float] | None:
    """Return what `field` of a `SpeechRequest` accepts: a list of values, or bounds."""
    allowed: dict[str, Sequence[str] | dict[str, float]] = {
        "text": {"length_min": 1, "length_max": TEXT_CHARS_MAX},
        "language": LANGUAGES,
        "voice": tuple(voices),
        "format": tuple(AudioFormat),
        "speed": {"minimum": SPEED_MIN, "maximum": SPEED_MAX},
        "seed": {"minimum": 0, "maximum": SEED_MAX},
        "candidates": {"minimum": 1, "maximum": CANDIDATES_MAX},
    }
    return allowed.get(field)
