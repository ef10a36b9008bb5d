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
    """A waiting-room call; at least one part is there. In which words is the host's to decide."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ticket: Part | None = Field(None, description="The ticket as printed, e.g. A042.")
    name: Part | None = Field(None, description="The (social) name to be called.")
    place: Part | None = Field(None, description="Where to go, e.g. Consultório 03.")

    @model_validator(mode="after")
    def _has_a_part(self) -> Self:
        if self.ticket is None and self.name is None and self.place is None:
            raise PydanticCustomError("empty_call", "needs a ticket, a name or a place")
        return self


Said = str | Call
"""What is to be said: a text, folded, or a call."""


class OneThing(BaseModel):
    """A text or a call."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Text | None = Field(None, description="What to say, 1-1000 characters after folding.")
    call: Call | None = Field(None, description="A call to announce, instead of `text`.")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.text is None) == (self.call is None):
            raise PydanticCustomError("text_or_call", "exactly one of text and call is needed")
        return self

    @property
    def said(self) -> Said:
        """Whichever of the two it is."""
        if self.text is not None:
            return self.text
        if self.call is not None:
            return self.call
        raise AssertionError("validated: one of text and call is there")


class Utterance(OneThing):
    """Exactly one way of saying exactly one thing: all that decides how the audio sounds.

    Attributes:
        text: what is said, folded, 1-1000 characters; None if it is a call.
        call: what is announced; None if it is a text.
        language: always "pt" (Brazilian).
        voice: id of one of the host's voices.
        format: container and codec.
        speed: rate of speech relative to the voice's own.
        retention: how long the audio may be kept.
    """

    language: Language
    voice: VoiceId
    format: Format
    speed: Speed
    retention: Retention

    @property
    def written(self) -> tuple[str, ...]:
        """Every text in it: the text, or the call's parts."""
        said = self.said
        if isinstance(said, str):
            return (said,)
        return tuple(part for part in (said.ticket, said.name, said.place) if part is not None)


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

    def utterance(self, said: Said, voices: Sequence[str], default_voice: str) -> Utterance:
        """Say a text or a call in this manner with one of `voices`.

        Raises:
            UnknownVoiceError: the voice asked for is none of them.
        """
        voice = self.voice or default_voice
        if voice not in voices:
            raise UnknownVoiceError(voices)
        return Utterance.model_construct(
            text=said if isinstance(said, str) else None,
            call=said if isinstance(said, Call) else None,
            language=self.language,
            voice=voice,
            format=self.format,
            speed=self.speed,
            retention=self.retention,
        )


class SpeechRequest(Manner, OneThing):
    """One thing to say and how."""
