"""From a request to its answer: submit, watch the client and the clock, send the audio."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from model_host.audio.formats import MEDIA_TYPES
from model_host.dispatch import Job
from model_host.engines.base import EngineError
from model_host.errors import ClientGoneError, DeadlineExceededError, HostError
from model_host.lifecycle import Host
from model_host.observability.record import Outcome, RequestRecord, record_of
from model_host.problems import outcome_of
from model_host.request import SpeechRequest
from model_host.routes.intake import Terms
from model_host.routes.lexicon import LEXICON_HEADER


async def deliver(request: Request, host: Host, speech: SpeechRequest, terms: Terms) -> Response:
    """Speak `speech` and return the response that carries it.

    Nothing has been sent when this returns, so every error up to the first audible chunk (of a
    stream) or up to the end (of a whole recording) still is a status of its own.

    Raises:
        HostError: there is no audio, for one of the reasons that problems.py knows.
        EngineError: the engine failed.
    """
    record = record_of(request)
    record.speech = speech
    record.engine = host.description.engine if host.description else ""
    job = host.submit(speech, terms.priority, record.report)
    record.job = job
    guard = _Guard(host, job, request.receive, record.arrived_at + terms.timeout_s)
    try:
        first = await job.channel.get()
    except BaseException:
        guard.release()
        raise
    record.mark_first_audio()
    headers = {
        "CTV-Engine": record.engine,
        "CTV-Voice": speech.voice_id,
        "CTV-Fingerprint": host.fingerprint,
    }
    if speech.said.lexicon:
        headers[LEXICON_HEADER] = speech.said.lexicon
    if record.report.quality is not None:
        headers["CTV-Quality"] = record.report.quality.value
    media_type = MEDIA_TYPES[speech.format]
    if speech.stream:
        return _StreamedSpeech(_Stream(host, job, record, guard), first, media_type, headers)
    guard.release()
    headers["CTV-Duration"] = f"{record.report.sent_s:.3f}"
    return Response(first, media_type=media_type, headers=headers)


class _Guard:
    """Cancels a job when its deadline passes or its client leaves, until it is released."""

    def __init__(self, host: Host, job: Job, receive: Receive, deadline: float) -> None:
        self._host = host
        self._job = job
        self._watch = asyncio.create_task(self._cancel_when_gone(receive))
        # `deadline` is in time.monotonic's seconds, which is the event loop's clock.
        self._timer = asyncio.get_running_loop().call_at(deadline, self._expire)

    @property
    def client_gone(self) -> bool:
        """Whether the client has closed the connection."""
        return self._watch.done()

    def release(self) -> None:
        """Stop watching; a job that is not done by now is wanted by nobody."""
        self._watch.cancel()
        self._timer.cancel()
        self._host.cancel(self._job, ClientGoneError("the request was abandoned"))

    async def _cancel_when_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
        self._host.cancel(self._job, ClientGoneError("the client left before its audio was made"))

    def _expire(self) -> None:
        late = DeadlineExceededError("The deadline passed before the audio was made.")
        self._host.cancel(self._job, late)


@dataclass(frozen=True, slots=True)
class _Stream:
    """One stream under way: where it comes from, who watches its client, what is noted of it."""

    host: Host
    job: Job
    record: RequestRecord
    guard: _Guard


class _StreamedSpeech(Response):
    """Sends a job's bytes as they come.

    An error after the first byte can no longer be a status: the connection is then closed without
    the last chunk, which every HTTP client reports as an incomplete body.
    """

    def __init__(
        self, stream: _Stream, first: bytes | None, media_type: str, headers: dict[str, str]
    ) -> None:
        # Not through super(): a body known beforehand would add its Content-Length.
        self.status_code = HTTPStatus.OK
        self.background = None
        self.media_type = media_type
        self.init_headers(headers)
        self._stream = stream
        self._first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send all of it, or as much as there is before something ends it."""
        try:
            await self._send_all(send)
        except TimeoutError:
            self._stream.record.outcome = Outcome.STALLED
        except (HostError, EngineError) as error:
            self._stream.record.outcome = outcome_of(error)
        else:
            if self._stream.guard.client_gone:
                self._stream.record.outcome = Outcome.DISCONNECT
        finally:
            self._stream.guard.release()

    async def _send_all(self, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        data = self._first
        while data is not None and not self._stream.guard.client_gone:
            # Returns when the client has room again; a client that takes nothing has stalled.
            async with asyncio.timeout(self._stream.host.settings.stream_stall_timeout_s):
                await send({"type": "http.response.body", "body": data, "more_body": True})
            # Neither call waits while both sides keep up; others must have their turn all the same,
            # the news that the client has left among them.
            await asyncio.sleep(0)
            data = await self._stream.job.channel.get()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
