"""Speech for one request: how long it may be waited for, and the answer where it is not ready."""

from __future__ import annotations

from typing import Final

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api.desk import RETRY_AFTER_S, Accepted, NotReadyError, Ready, desk
from api.preferences import Preference
from api.problems import ProblemError
from speech.assembly import assembled
from speech.deadline import Deadline
from speech.request import SpeechRequest

# What is left for queueing and answering once a wait is over.
_ANSWER_MARGIN_S: Final = 1.5


def say(request: Request, speech: SpeechRequest, preference: Preference) -> Ready | Accepted:
    """Have speech delivered as soon as its caller wants it.

    Raises:
        ProblemError: 503, not ready and nowhere to queue it.
        UnknownVoiceError: no such voice.
        HostRejectedError: the host refuses this request for good.
        HostUnavailableError: the host was never seen, so nothing can be named.
    """
    correlation_id = request.scope["correlation_id"]
    wait_s = _longest_wait_s(request, preference.wait_s)
    try:
        if preference.respond_async or wait_s <= 0:
            return desk().say_later(speech, correlation_id)
        return desk().say(speech, Deadline.after(wait_s), correlation_id)
    except NotReadyError:
        raise not_yet() from None


def rendering(accepted: Accepted, headers: dict[str, str]) -> Response:
    """The 202 of speech that is on its way."""
    body = {"status": "rendering", "id": accepted.id, "retry_after_s": accepted.retry_after_s}
    return JSONResponse(body, 202, headers | {"Retry-After": str(accepted.retry_after_s)})


def not_yet() -> ProblemError:
    """The 503 of speech that the same request will find."""
    return ProblemError(
        503, "not ready yet: the same request will find it", retry_after_s=RETRY_AFTER_S
    )


def _longest_wait_s(request: Request, preferred_s: int | None) -> float:
    """The caller's wish, the setting, or what Lambda leaves, whichever is shortest."""
    wait_s = assembled().settings.live_deadline_s
    if preferred_s is not None:
        wait_s = min(wait_s, preferred_s)
    context = request.scope.get("aws.context")
    if context is not None:
        lambda_left_s = context.get_remaining_time_in_millis() / 1000
        wait_s = min(wait_s, lambda_left_s - _ANSWER_MARGIN_S)
    return wait_s
