"""The wire to the model host: one exchange at a time, within a deadline, with a key and a trace.

urllib3 because botocore has loaded it already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.exceptions import TimeoutError as HostTimeoutError

from speech import observability, trace_context
from speech.deadline import Deadline, DeadlineExceededError
from speech.host_keys import HostKey, HostKeyError

Answer = tuple[int, urllib3.HTTPHeaderDict, bytes]
"""Status, headers, body."""

_CHUNK_BYTES = 64 * 1024
_CONNECT_S = 2.0
_UNAUTHORIZED = 401


class HostError(Exception):
    """The host did not speak."""


class HostUnavailableError(HostError):
    """The host refused, reset, timed out or failed: the same request may succeed later."""


class HostUnauthorizedError(HostUnavailableError):
    """The host accepts no key that the secret holds: an operator must bring the two together."""


@dataclass(frozen=True, slots=True)
class HostRequest:
    """What the host is asked; `path` is below its base URL."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class HostConnection:
    """Exchanges with one model host behind one base URL."""

    def __init__(self, base_url: str, key: HostKey | None) -> None:
        """Connect when first asked.

        Args:
            base_url: where the host is, with or without a slash at its end.
            key: what to present; None where the host is open.
        """
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=4, retries=False)

    def exchange(self, request: HostRequest, deadline: Deadline) -> Answer:
        """Ask, and read the answer to its end.

        A key that is refused may have been replaced since it was read: then the request is sent
        once more with the one that has.

        Raises:
            HostUnauthorizedError: the host accepts no key of ours.
            HostUnavailableError: it cannot be reached, or the answer broke off.
            DeadlineExceededError: the answer was not there in time.
        """
        try:
            presented = self._key.current() if self._key else None
            answer = self._ask(request, presented, deadline)
            if answer[0] == _UNAUTHORIZED and self._key:
                renewed = self._key.renewed()
                if renewed != presented:
                    answer = self._ask(request, renewed, deadline)
        except HostKeyError:
            raise HostUnavailableError("there is no key to present") from None
        if answer[0] == _UNAUTHORIZED:
            observability.count(observability.HOST_ERROR, kind="unauthorized")
            raise HostUnauthorizedError("the host accepts no key of ours")
        return answer

    def _ask(self, request: HostRequest, key: str | None, deadline: Deadline) -> Answer:
        headers = {**request.headers, "traceparent": trace_context.current().traceparent}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        try:
            response = self._open(replace(request, headers=headers), deadline)
            try:
                content = _read(response, deadline)
            except BaseException:
                response.close()  # a half-read connection cannot be used again
                raise
            response.release_conn()
        except HostTimeoutError as error:
            if isinstance(error, urllib3.exceptions.ConnectTimeoutError):
                raise HostUnavailableError("connection timed out") from None
            raise DeadlineExceededError from None
        except (HTTPError, OSError) as error:
            raise HostUnavailableError(type(error).__name__) from None
        return response.status, response.headers, content

    def _open(self, request: HostRequest, deadline: Deadline) -> urllib3.BaseHTTPResponse:
        """Send a request, once more if the connection ends before the answer begins.

        A kept connection may have been closed by a host that restarted since; asking again is
        safe, as all that is asked here has the same effect twice as once (RFC 9110 §9.2.2).
        """
        send = partial(
            self._pool.request,
            request.method,
            self._base_url + request.path,
            body=request.body,
            headers=request.headers,
            preload_content=False,
            redirect=False,
        )
        try:
            return send(timeout=_timeout(deadline))
        except ProtocolError:
            return send(timeout=_timeout(deadline))


def _timeout(deadline: Deadline) -> urllib3.Timeout:
    left_s = max(0.05, deadline.remaining_s)
    return urllib3.Timeout(connect=min(_CONNECT_S, left_s), read=left_s)


def _read(response: urllib3.BaseHTTPResponse, deadline: Deadline) -> bytes:
    """Read to the end; a time-out bounds each piece only, so the whole is watched here."""
    pieces = []
    for piece in response.stream(_CHUNK_BYTES):
        if deadline.remaining_s <= 0:
            raise DeadlineExceededError
        pieces.append(piece)
    return b"".join(pieces)
