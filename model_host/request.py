"""The validated requests: what is written, and how it is to be spoken."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from model_host.audio.formats import AudioFormat
from model_host.errors import FieldError, InvalidFieldsError
from model_host.text.calls import Call
from model_host.text.folding import TEXT_CHARS_MAX, UnspeakableTextError, fold_speakable
from model_host.text.normalizer import Written

SPEED_MIN = 0.5
SPEED_MAX = 2.0
LANGUAGES = ("pt", "pt-BR")
SEED_MAX = 2**32 - 1
"""Largest seed that every sampling engine takes."""
CANDIDATES_MAX = 8
"""More would fill half of a batch with one sentence."""

CALL_FIELDS = ("ticket", "name", "place")
CALL_FIELD_CHARS_MAX = 200

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


@dataclass(frozen=True, slots=True)
class Said:
    """What will be said.

    Attributes:
        text: lower-case Portuguese words and `, . ? !`; "" where nothing can be said.
        lexicon: digest of the lexicon's entries that touch what is written; "" for none.
    """

    text: str
    lexicon: str = ""


Say = Callable[[Written], Said]
"""How what is written becomes what is said."""

_Text = Annotated[str, AfterValidator(_speakable)]


class WrittenRequest(BaseModel):
    """What is written: a free text, or a call in typed fields. Unknown fields are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {"text": "Retorno em 01/05 às 14h30, sala 2A."},
                {"ticket": "A042", "name": "MARIA DA SILVA", "place": "CONSULTÓRIO 03"},
            ]
        },
    )

    text: Annotated[
        _Text | None,
        Field(
            description=f"What to say: 1-{TEXT_CHARS_MAX} characters after folding "
            "(NFC, white space runs to one space), no control characters, "
            "at least one letter or digit. Either this, or a call: ticket, name, place."
        ),
    ] = None
    ticket: Annotated[_Text | None, Field(description="A call's ticket as printed: A042.")] = None
    name: Annotated[_Text | None, Field(description="Who is called, by the (social) name.")] = None
    place: Annotated[_Text | None, Field(description="Where to go: Consultório 03.")] = None

    @field_validator(*CALL_FIELDS)
    @classmethod
    def _short_enough(cls, text: str | None) -> str | None:
        if text is not None and len(text) > CALL_FIELD_CHARS_MAX:
            raise PydanticCustomError(
                "too_long",
                "is {length} characters long; at most {most} are spoken",
                {"length": len(text), "most": CALL_FIELD_CHARS_MAX},
            )
        return text

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        called = any(getattr(self, field) is not None for field in CALL_FIELDS)
        if called == (self.text is not None):
            raise PydanticCustomError(
                "one_thing",
                "must be given alone, or one or more of ticket, name and place without it",
            )
        return self

    @property
    def written(self) -> Written:
        """The text, or the call."""
        if self.text is not None:
            return self.text
        return Call(ticket=self.ticket, name=self.name, place=self.place)


class SpeechRequest(WrittenRequest):
    """What to say and how. Unknown fields are refused."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"ticket": "A042", "name": "MARIA DA SILVA", "place": "CONSULTÓRIO 03"},
                {"text": "Maria da Silva, guichê dois.", "format": "mp3", "speed": 0.9},
            ]
        },
    )

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

    _said: Said = PrivateAttr()

    @field_validator("voice")
    @classmethod
    def _known_voice(cls, voice: str | None, info: ValidationInfo) -> str:
        voices: Sequence[str] = _context(info).voices
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

    @model_validator(mode="after")
    def _says_something(self, info: ValidationInfo) -> Self:
        self._said = _context(info).say(self.written)
        if not self._said.text:
            raise PydanticCustomError("unspeakable", "has nothing that can be said")
        return self

    @property
    def said(self) -> Said:
        """What the engine is to say, and by which entries of the lexicon."""
        return self._said

    @property
    def voice_id(self) -> str:
        """The voice after the default has been put in."""
        if self.voice is None:
            raise ValueError("a SpeechRequest is made by parse_speech_request")
        return self.voice


@dataclass(frozen=True, slots=True)
class _Context:
    """What a request is validated against."""

    voices: Sequence[str]
    say: Say


def _context(info: ValidationInfo) -> _Context:
    if not isinstance(info.context, _Context):
        raise TypeError("a SpeechRequest is made by parse_speech_request")
    return info.context


def parse_speech_request(
    fields: Mapping[str, object],
    voices: Sequence[str],
    say: Say,
    *,
    field_names: Mapping[str, str] | None = None,
) -> SpeechRequest:
    """Validate the body of a request.

    Args:
        fields: the decoded JSON object.
        voices: ids of the voices that can be asked for, the default first.
        say: how what is written becomes what is said.
        field_names: what the caller calls our fields, where a route has other names.

    Raises:
        InvalidFieldsError: names each refused field and what it allows; never echoes a value.
    """
    try:
        return SpeechRequest.model_validate(fields, context=_Context(tuple(voices), say))
    except ValidationError as error:
        raise InvalidFieldsError(
            "One or more fields are not allowed.",
            field_errors(error, voices, field_names or {}),
        ) from None


def parse_written_request(fields: Mapping[str, object]) -> WrittenRequest:
    """Validate a body that holds nothing but what is written.

    Raises:
        InvalidFieldsError: names each refused field and what it allows; never echoes a value.
    """
    try:
        return WrittenRequest.model_validate(fields)
    except ValidationError as error:
        raise InvalidFieldsError(
            "One or more fields are not allowed.", field_errors(error, (), {})
        ) from None


def field_errors(
    error: ValidationError, voices: Sequence[str], field_names: Mapping[str, str]
) -> list[FieldError]:
    """Say what pydantic found, without the input it found it in."""
    found = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        # Of the whole body: that it says one thing, and something.
        name = str(item["loc"][0]) if item["loc"] else "text"
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
        **{name: {"length_min": 1, "length_max": CALL_FIELD_CHARS_MAX} for name in CALL_FIELDS},
        "language": LANGUAGES,
        "voice": tuple(voices),
        "format": tuple(AudioFormat),
        "speed": {"minimum": SPEED_MIN, "maximum": SPEED_MAX},
        "seed": {"minimum": 0, "maximum": SEED_MAX},
        "candidates": {"minimum": 1, "maximum": CANDIDATES_MAX},
    }
    return allowed.get(field)
