"""What is known about one request when it is over: the source of its log line and its metrics."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum

from starlette.requests import HTTPConnection

from model_host.dispatch import Job, Priority
from model_host.observability.trace_context import TraceParent
from model_host.request import SpeechRequest
from model_host.speaking_report import SpeakingReport


class Outcome(StrEnum):
    """How a request ended."""

    OK = "ok"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    DEADLINE = "deadline"
    DISCONNECT = "disconnect"
    STALLED = "stalled"
    ENGINE_FAILED = "engine_failed"
    UNSOUND = "unsound"
    ERROR = "error"


@dataclass(slots=True)
class RequestRecord:
    """Filled on the way through the host; `text` is only ever counted.

    Attributes:
        request_id: correlation id, the caller's or a new one.
        caller: the caller's place in a trace, if it told one.
        method: HTTP method; `_OTHER` for one that HTTP does not know.
        engine: which engine spoke; empty where none was asked.
        first_audio_s: seconds from the request's arrival to the first byte of audio.
    """

    request_id: str
    caller: TraceParent | None = None
    method: str = "_OTHER"
    arrived_at: float = field(default_factory=time.monotonic)
    route: str = "other"
    status: int = 500
    outcome: Outcome = Outcome.OK
    priority: Priority = Priority.LIVE
    speech: SpeechRequest | None = None
    engine: str = ""
    job: Job | None = None
    report: SpeakingReport = field(default_factory=SpeakingReport)
    first_audio_s: float | None = None

    def mark_first_audio(self) -> None:
        """Note that the first byte of audio is ready for the client."""
        self.first_audio_s = time.monotonic() - self.arrived_at

    def ids(self) -> dict[str, str]:
        """Return what finds the request in other logs."""
        ids = {"request_id": self.request_id}
        return ids | {"trace_id": self.caller.trace_id} if self.caller else ids

    def log_fields(self) -> dict[str, str | int | float]:
        """Return what the request's log line says."""
        fields: dict[str, str | int | float] = {
            **self.ids(),
            "route": self.route,
            "status": self.status,
            "outcome": self.outcome.value,
            "duration_s": round(time.monotonic() - self.arrived_at, 4),
        }
        if self.speech is not None:
            fields |= {
                "format": self.speech.format.value,
                "voice": self.speech.voice_id,
                "priority": self.priority.value,
                "stream": self.speech.stream,
                "text_chars": len(self.speech.said.text),
            }
        if self.job is not None and self.job.queue_wait_s is not None:
            fields["queue_wait_s"] = round(self.job.queue_wait_s, 4)
            fields |= self._spoken_fields()
        if self.first_audio_s is not None:
            fields["first_audio_s"] = round(self.first_audio_s, 4)
        if self.report.rtf is not None:
            fields["rtf"] = round(self.report.rtf, 4)
        return fields

    def _spoken_fields(self) -> dict[str, str | int | float]:
        report = self.report
        fields: dict[str, str | int | float] = {
            "synthesis_s": round(report.synthesis_s, 4),
            "check_s": round(report.check_s, 4),
            "audio_s": round(report.audio_s, 3),
            "sent_s": round(report.sent_s, 3),
            "retries": report.retries,
            "run_ons": report.run_ons,
        }
        if self.first_audio_s is not None and report.quality is not None:
            fields["quality"] = report.quality.value
        return fields


def record_of(connection: HTTPConnection) -> RequestRecord:
    """Return the record that the access middleware opened for this request."""
    record = connection.scope["ctv.record"]
    if not isinstance(record, RequestRecord):
        raise TypeError("the access middleware is not installed")
    return record
