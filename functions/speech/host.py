"""The model host: text in, audio out.

A host that fails is not tried again here: the queue does that, with a memory of how often.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from speech import observability
from speech.deadline import Deadline, DeadlineExceededError
from speech.host_connection import (
    HostConnection,
    HostError,
    HostRequest,
    HostUnauthorizedError,
    HostUnavailableError,
)
from speech.host_keys import HostKey
from speech.observability import HOST_ERROR
from speech.request import Utterance

if TYPE_CHECKING:
    import urllib3

__all__ = [
    "DoubtfulSpeechError",
    "HostAnswer",
    "HostBusyError",
    "HostClient",
    "HostError",
    "HostLexicon",
    "HostRejectedError",
    "HostUnavailableError",
    "Priority",
    "SpokenAudio",
]

Priority = Literal["live", "bulk"]

_STATUS_S = 1.5
# 5000 entries are read, checked and written whole.
_LEXICON_S = 10.0
# The host must give up a little before this side does, so that its answer still arrives.
_ANSWER_MARGIN_S = 0.2


class HostBusyError(HostError):
    """The host's queue is full, or it is still warming up."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"the host is busy, retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s


class HostRejectedError(HostError):
    """The host will never speak this request.

    Attributes:
        status: its HTTP status, 4xx.
        errors: the problem's `errors` members (RFC 9457), without anything the caller sent.
    """

    def __init__(self, status: int, errors: tuple[dict[str, Any], ...]) -> None:
        super().__init__(f"the host rejected the request with {status}")
        self.status = status
        self.errors = errors


class DoubtfulSpeechError(HostError):
    """The host spoke, but is in doubt whether it spoke well: the next attempt may be better."""


@dataclass(frozen=True, slots=True)
class HostLexicon:
    """The host's pronunciation lexicon.

    Attributes:
        etag: names this state, as `/info` does.
        entries: `written`, `spoken` and `scope` of each.
    """

    etag: str
    entries: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """An answer as the host gave it, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def detail(self) -> str:
        """What a problem (RFC 9457) says; empty where the answer is none."""
        try:
            return str(json.loads(self.body)["detail"])
        except (ValueError, KeyError, TypeError):
            return ""

    @property
    def errors(self) -> tuple[dict[str, Any], ...]:
        """The fields that a problem names, without anything the caller sent."""
        return _problem_errors(self.body)


@dataclass(frozen=True, slots=True)
class SpokenAudio:
    """Encoded audio as the host made it.

    Attributes:
        fingerprint: of the host that spoke.
        lexicon_digest: of the lexicon's entries that touch what was said; empty for none.
        doubtful: whether the host's own checks left it in doubt that all was said well.
    """

    body: bytes
    content_type: str
    duration_s: float
    fingerprint: str
    lexicon_digest: str = ""
    doubtful: bool = False


class HostClient:
    """One model host behind one base URL."""

    def __init__(self, base_url: str, key: HostKey | None = None) -> None:
        self._connection = HostConnection(base_url, key)

    def synthesize(
        self, utterance: Utterance, deadline: Deadline, priority: Priority, correlation_id: str
    ) -> SpokenAudio:
        """Have an utterance spoken.

        Raises:
            HostBusyError: it has no room now.
            HostUnavailableError: it cannot be reached, or failed.
            HostRejectedError: it refuses this request for good.
            DeadlineExceededError: it did not finish in time.
        """
        began_s = time.monotonic()
        try:
            spoken = self._synthesize(utterance, deadline, priority, correlation_id)
        except (HostError, DeadlineExceededError) as error:
            kind = _KINDS[type(error)]
            if not isinstance(error, HostUnauthorizedError):  # counted already, for every route
                observability.count(HOST_ERROR, kind=kind)
            _log_exchange("the host did not speak", began_s, kind=kind)
            raise
        _log_exchange("the host spoke", began_s, audio_s=spoken.duration_s)
        return spoken

    def _synthesize(
        self, utterance: Utterance, deadline: Deadline, priority: Priority, correlation_id: str
    ) -> SpokenAudio:
        if deadline.remaining_s <= _ANSWER_MARGIN_S:
            raise DeadlineExceededError
        body = utterance.model_dump(exclude={"retention"}, exclude_none=True)
        body |= body.pop("call", {})  # the host takes the parts of a call beside the manner
        headers = {
            "Content-Type": "application/json",
            "CTV-Priority": priority,
            "CTV-Timeout": f"{deadline.remaining_s - _ANSWER_MARGIN_S:.3f}",
            "X-Request-Id": correlation_id,
        }
        request = HostRequest("POST", "/synthesize", json.dumps(body).encode(), headers)
        status, answered, content = self._connection.exchange(request, deadline)
        if status != 200:  # noqa: PLR2004 - the one status that carries audio
            raise _error(status, answered, content)
        try:
            duration_s = float(answered["CTV-Duration"])
            fingerprint, content_type = answered["CTV-Fingerprint"], answered["Content-Type"]
        except (KeyError, ValueError):
            raise HostUnavailableError("the answer lacks what the contract promises") from None
        if not content:
            raise HostUnavailableError("the answer has no audio")
        return SpokenAudio(
            content,
            content_type,
            duration_s,
            fingerprint,
            lexicon_digest=answered.get("CTV-Lexicon", ""),
            doubtful=answered.get("CTV-Quality") == "doubtful",
        )

    def info(self) -> dict[str, Any]:
        """What the host says of itself at GET /info.

        Raises:
            HostUnavailableError: no sound answer within 1.5 s.
        """
        return self._status("/info")[0]

    def health(self) -> dict[str, Any]:
        """What the host says at GET /health.

        Raises:
            HostUnavailableError: no sound answer within 1.5 s.
        """
        return self._status("/health")[0]

    def lexicon(self) -> HostLexicon:
        """The lexicon at GET /v1/lexicon.

        Raises:
            HostUnavailableError: no sound answer within 1.5 s.
        """
        answer, headers = self._status("/v1/lexicon")
        entries = answer.get("entries")
        if not isinstance(entries, list):
            raise HostUnavailableError("/v1/lexicon is not as agreed: entries")
        return HostLexicon(headers.get("ETag", "").strip('"'), tuple(entries))

    def ask_lexicon(self, headers: Mapping[str, str]) -> HostAnswer:
        """GET /v1/lexicon with a client's own headers.

        Raises:
            HostUnavailableError: no answer within 10 s.
        """
        return self._pass_on("GET", None, headers)

    def replace_lexicon(self, document: bytes, headers: Mapping[str, str]) -> HostAnswer:
        """PUT /v1/lexicon with a client's own headers.

        If the connection ends before the answer, it is sent again: where the first did arrive, the
        host answers 412, and the client finds its own lexicon there.

        Raises:
            HostUnavailableError: no answer within 10 s.
        """
        return self._pass_on("PUT", document, headers)

    def _pass_on(self, method: str, body: bytes | None, headers: Mapping[str, str]) -> HostAnswer:
        request = HostRequest(method, "/v1/lexicon", body, headers)
        try:
            answer = self._connection.exchange(request, Deadline.after(_LEXICON_S))
        except DeadlineExceededError:
            raise HostUnavailableError("no answer from /v1/lexicon") from None
        return HostAnswer(*answer)

    def _status(self, path: str) -> tuple[dict[str, Any], urllib3.HTTPHeaderDict]:
        try:
            status, headers, content = self._connection.exchange(
                HostRequest("GET", path), Deadline.after(_STATUS_S)
            )
            answer = json.loads(content) if status == 200 else None  # noqa: PLR2004
        except (DeadlineExceededError, ValueError):
            raise HostUnavailableError(f"no answer from {path}") from None
        if not isinstance(answer, dict):
            raise HostUnavailableError(f"{path} answered {status}")
        return answer, headers


_KINDS: Mapping[type[Exception], str] = {
    HostBusyError: "busy",
    HostUnauthorizedError: "unauthorized",
    HostUnavailableError: "unavailable",
    HostRejectedError: "rejected",
    DeadlineExceededError: "deadline",
}


def _log_exchange(message: str, began_s: float, **fields: str | float) -> None:
    took_s = round(time.monotonic() - began_s, 3)
    observability.logger.info(message, extra={**fields, "took_s": took_s})


def _error(status: int, headers: urllib3.HTTPHeaderDict, content: bytes) -> Exception:
    if status == 503:  # noqa: PLR2004
        return HostBusyError(_retry_after_s(headers.get("Retry-After", "")))
    if status == 504:  # noqa: PLR2004
        return DeadlineExceededError()
    if status in {400, 413, 415, 422}:
        return HostRejectedError(status, _problem_errors(content))
    return HostUnavailableError(f"the host answered {status}")


def _retry_after_s(value: str) -> int:
    return max(1, math.ceil(float(value))) if value.replace(".", "", 1).isdigit() else 5


def _problem_errors(content: bytes) -> tuple[dict[str, Any], ...]:
    """The fields a problem names, and only the members that never quote the caller."""
    try:
        errors = json.loads(content)["errors"]
        return tuple(
            {name: error[name] for name in ("field", "message", "allowed") if name in error}
            for error in errors
        )
    except (ValueError, KeyError, TypeError):
        return ()
