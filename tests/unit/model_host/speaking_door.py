"""The door that speech goes through in the host, for tests: a request in, PCM out."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import Any

import numpy as np

from model_host.audio.levelling import Leveller
from model_host.engines.base import Engine, Samples
from model_host.request import Said, SpeechRequest, parse_speech_request
from model_host.script import Effort
from model_host.speaking import Speaker
from model_host.speaking_report import SpeakingReport
from model_host.verification.checks import Checks, FullChecks

VOICES = ["default", "second", "female"]


def request(text: str = "maria", **fields: Any) -> SpeechRequest:
    """A request for exactly this text, which is in words already."""
    asked = {"text": text, "format": "pcm", **fields}
    return parse_speech_request(asked, VOICES, lambda written: Said(str(written)))


def decoded(pcm: bytes) -> Samples:
    """16-bit samples as float32, shape (n,)."""
    samples: Samples = (np.frombuffer(pcm, "<i2") / 32767).astype(np.float32)
    return samples


@dataclass
class Door:
    """A speaker and what it was last asked to report."""

    engine: Engine
    checks: Checks = field(default_factory=lambda: FullChecks(attempts=3))
    effort: Effort = field(default_factory=Effort)
    report: SpeakingReport = field(default_factory=SpeakingReport)
    cancelled: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.speaker = Speaker(self.engine, self.checks, Leveller(-23.0))

    def pieces(self, asked: SpeechRequest) -> Any:
        """The bytes as they come."""
        self.report = SpeakingReport()
        speak = self.speaker.stream if asked.stream else self.speaker.whole
        return speak(asked, self.effort, self.report, self.cancelled)

    def say(self, text: str = "maria", **fields: Any) -> Samples:
        """All of it."""
        return decoded(b"".join(self.pieces(request(text, **fields))))
