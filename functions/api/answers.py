"""The bodies that the API takes and gives, beside the request for speech itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from api.desk import Ready
from api.problems import Problem
from speech.request import Call, Format, Manner, Said, SpeechRequest, Speed, Text

PREWARM_MAX = 500


class ReadySpeech(BaseModel):
    """Speech that plays now from `url`."""

    status: Literal["ready"]
    id: str
    url: str = Field(description="Plays the audio; needs no header, works until `url_expires_at`.")
    duration_s: float
    cached: bool = Field(description="Whether it was there already.")
    quality: Literal["verified", "doubtful"] = Field(
        description="doubtful: the host is not sure that it said it well; kept for an hour at most."
    )
    expires_at: datetime = Field(description="When the audio itself is deleted.")
    url_expires_at: datetime


class RenderingSpeech(BaseModel):
    """Speech that is on its way; ask again at GET /v1/speech/{id}."""

    status: Literal["rendering"]
    id: str
    retry_after_s: int


class FailedSpeech(BaseModel):
    """Speech that the host refused for good."""

    status: Literal["failed"]
    id: str
    problem: Problem


class PrewarmRequest(Manner):
    """Many things to say, ahead of time, in one manner."""

    texts: list[Text] = Field(default_factory=list, description="Free texts.")
    calls: list[Call] = Field(default_factory=list, description="Calls to announce.")

    @model_validator(mode="after")
    def _within_bounds(self) -> Self:
        if not 1 <= len(self.texts) + len(self.calls) <= PREWARM_MAX:
            raise PydanticCustomError(
                "prewarm_size", f"texts and calls together must be 1 to {PREWARM_MAX}"
            )
        return self

    def said(self) -> list[Said]:
        """The texts, then the calls."""
        return [*self.texts, *self.calls]


class PrewarmAccepted(BaseModel):
    """What was queued; `ids` in the order of texts, then calls."""

    accepted: int
    ids: list[str]


class OpenAISpeechRequest(BaseModel):
    """The body of OpenAI's `POST /v1/audio/speech`.

    https://platform.openai.com/docs/api-reference/audio/createSpeech
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(description="Any name: there is one model.")
    input: Text = Field(description="What to say, 1-1000 characters after folding.")
    voice: str = Field("default", description="A voice's id, or `default`.")
    response_format: Format = Field("mp3", description="Container and codec of the audio.")
    speed: Speed = Field(1.0, description="Rate of speech; 1.0 is the voice's own.")
    stream_format: Literal["audio"] = Field("audio", description="Only `audio`.")
    instructions: str | None = Field(None, description="Accepted and ignored.")

    def speech_request(self) -> SpeechRequest:
        """The same request in this API's own words."""
        return SpeechRequest.model_construct(
            language="pt",
            voice=None if self.voice == "default" else self.voice,
            format=self.response_format,
            speed=self.speed,
            retention="personal",
            text=self.input,
            call=None,
        )


def ready_body(ready: Ready) -> dict[str, Any]:
    """A `ReadySpeech`, written by hand because hits count in microseconds."""
    speech = ready.speech
    return {
        "status": "ready",
        "id": speech.id,
        "url": speech.url,
        "duration_s": speech.duration_s,
        "cached": ready.cached,
        "quality": "doubtful" if speech.doubtful else "verified",
        "expires_at": _iso(speech.expires_at),
        "url_expires_at": _iso(speech.url_expires_at),
    }


def _iso(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="seconds")
