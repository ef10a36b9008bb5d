"""What can go wrong between a request and its audio, as types that say what the caller can do.

`model_host.problems` is the one place that turns them into HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field that was refused.

    Attributes:
        field: name of the body field or header as the caller wrote it.
        message: what is wrong; never the value itself, which may be a patient's name.
        allowed: the values or bounds that would have been accepted.
    """

    field: str
    message: str
    allowed: Sequence[str] | dict[str, float] | None = None


class HostError(Exception):
    """A request that got no audio."""


class RefusedRequestError(HostError):
    """The request is wrong and will stay wrong: the caller must change it."""

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class MalformedBodyError(RefusedRequestError):
    """The body is not a JSON object."""


class InvalidHeaderError(RefusedRequestError):
    """A header of ours carries a value that is not allowed."""


class BodyTooLargeError(RefusedRequestError):
    """The body is longer than the host reads."""


class UnsupportedMediaTypeError(RefusedRequestError):
    """The body is not declared as UTF-8 JSON."""


class InvalidFieldsError(RefusedRequestError):
    """One or more fields of the body are not allowed."""


class UnauthorizedError(RefusedRequestError):
    """The caller presented no key of the host's.

    Attributes:
        challenge: the value of `WWW-Authenticate` (RFC 6750 §3).
    """

    def __init__(self, *, presented_key: bool) -> None:
        super().__init__(
            "Send a key that the host accepts: Authorization: Bearer KEY.",
            [FieldError("Authorization", "is not accepted" if presented_key else "is missing")],
        )
        self.challenge = 'Bearer error="invalid_token"' if presented_key else "Bearer"


class UnusableRecordingRefusedError(RefusedRequestError):
    """No voice can be made of the recording that was sent."""


class VoiceConflictError(RefusedRequestError):
    """The voice's id belongs to another recording, or to a voice that was not added."""


class PreconditionRequiredError(RefusedRequestError):
    """The request would overwrite what the caller may not have seen (RFC 6585)."""


class PreconditionFailedError(RefusedRequestError):
    """What the caller would overwrite is no longer what it has seen."""


class VoiceNotFoundError(RefusedRequestError):
    """No voice has this id."""


class CloningUnsupportedError(HostError):
    """The engine that speaks cannot learn voices."""


class VoicesNotKeptError(HostError):
    """The place for recordings cannot be written: the operator must provide one."""


class LexiconNotKeptError(HostError):
    """The place for the lexicon cannot be written: the operator must provide one."""


class UnavailableError(HostError):
    """The host cannot take the request now; the same request may be sent again later.

    Attributes:
        retry_after_s: when to try again, in whole seconds.
    """

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BusyError(UnavailableError):
    """The queue has no room for this priority."""


class NotReadyError(UnavailableError):
    """The engine is loading, or the process is going down."""


class DeadlineExceededError(HostError):
    """The request's own deadline passed before its audio was made."""


class ClientGoneError(HostError):
    """The client closed the connection: nobody is left to answer."""
