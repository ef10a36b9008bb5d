"""A request for speech, as callers write it and as the rest of the functions use it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from speech.invalid import SPEED_MAX, SPEED_MIN, TEXT_CHARS_MAX

PART_CHARS_MAX = 200


class UnknownVoiceError(Exception):
    """The voice asked for is not one of the host's; `allowed` names those that are."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__("no such voice")
        self.allowed = tuple(allowed)


def fold(text: str) -> str:
    """Fold what sounds the same to one spelling: NFC, whitespace runs to one space, trimmed.

    Raises:
        ValueError: a control character or half a surrogate pair, which nothing can speak.
    """
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\n\r" for c in text):
        raise ValueError("must not contain control characters or lone surrogates")
    return " ".join(unicodedata.normalize("NFC", text).split())


def _text(text: str) -> str:
    folded = fold(text)
    if not 1 <= len(folded) <= TEXT_CHARS_MAX:
        raise ValueError(f"must have 1 to {TEXT_CHARS_MAX} characters, has {len(folded)}")
    return folded


def _part(text: str) -> str:
    folded = fold(text)
    if not 1 <= len(folded) <= PART_CHARS_MAX:
        raise ValueError(f"must have 1 to {PART_CHARS_MAX} characters, has {len(folded)}")
    return folded


def _language(language: object) -> object:
    if isinstance(language, str) and language.lower() in {"pt", "pt-br"}:
        return "pt"
    return language


Text = Annotated[str, AfterValidator(_text)]
Part = Annotated[str, AfterValidator(_part)]
Language = Annotated[Literal["pt"], BeforeValidator(_language)]
VoiceId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Format = Literal["wav", "pcm", "flac", "mp3", "opus", "aac"]
Retention = Literal["phrase", "personal"]
Speed = Annotated[float, Field(ge=SPEED_MIN, le=SPEED_MAX, allow_inf_nan=False)]


class Call(BaseModel):
    """A waiting-room call; at least one part is there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ticket: Part | None = Field(None, description="The ticket as printed, e.g. A042.")
    name: Part | None = Field(None, description="The (social) name to be called.")
    place: Part | None = Field(None, description="Where to go, e.g. Consultório 03.")

    @model_validator(mode="after")
    def _has_a_part(self) -> Self:
        if self.ticket is None and self.name is None and self.place is None:
            raise PydanticCustomError("empty_call", "needs a ticket, a name or a place")
        return self

    def announcement(self) -> str:
        """The words that are spoken: "Atenção, {name}, senha {ticket}, {place}"."""
        ticket = f"senha {self.ticket}" if self.ticket else None
        return ", ".join(part for part in ("Atenção", self.name, ticket, self.place) if part)


class Utterance(BaseModel):
    """Exactly one way of saying exactly one text: all that decides how the audio sounds.

    Attributes:
        text: what is said, folded, 1-1000 characters.
        language: always "pt" (Brazilian).
        voice: id of one of the host's voices.
        format: container and codec.
        speed: rate of speech relative to the voice's own.
        retention: how long the audio may be kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Text
    language: Language
    voice: VoiceId
    format: Format
    speed: Speed
    retention: Retention


class Manner(BaseModel):
    """How something is said, for one text or for many."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Language = Field("pt", description="pt or pt-BR, in any case; both mean pt-BR.")
    voice: VoiceId | None = Field(None, description="A voice's id; none means the default voice.")
    format: Format = Field("wav", description="Container and codec of the audio.")
    speed: Speed = Field(1.0, description="Rate of speech; 1.0 is the voice's own.")
    retention: Retention = Field(
        "personal",
        description="personal: kept a day (the default, since a text may name someone). "
        "phrase: names nobody, kept 30 days.",
    )

    def utterance(self, text: str, voices: Sequence[str], default_voice: str) -> Utterance:
        """Say `text` in this manner with one of `voices`.

        Raises:
            UnknownVoiceError: the voice asked for is none of them.
        """
        voice = self.voice or default_voice
        if voice not in voices:
            raise UnknownVoiceError(voices)
        return Utterance.model_construct(
            text=text,
            language=self.language,
            voice=voice,
            format=self.format,
            speed=self.speed,
            retention=self.retention,
        )


class SpeechRequest(Manner):
    """One thing to say: a free text or a call."""

    text: Text | None = Field(None, description="What to say, 1-1000 characters after folding.")
    call: Call | None = Field(None, description="A call to announce, instead of `text`.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.text is None) == (self.call is None):
            raise PydanticCustomError("text_or_call", "exactly one of text and call is needed")
        return self

    def spoken_text(self) -> str:
        """The text that is sent to the host."""
        if self.call is not None:
            return self.call.announcement()
        if self.text is None:
            raise AssertionError("validated: one of text and call is there")
        return self.text
