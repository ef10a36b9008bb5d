"""What the API does with a request for speech: deliver it, or accept it for later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from speech import observability
from speech.assembly import Assembly, assembled
from speech.cache import CachedSpeech, Tier
from speech.deadline import Deadline, DeadlineExceededError
from speech.host import HostBusyError, HostUnavailableError, Priority
from speech.jobs import Job
from speech.key import SpeechKey, parse_id
from speech.queues import RenderMessage
from speech.request import Manner, Said, SpeechRequest, Utterance

# When a caller should ask again: about what a call takes to render.
RETRY_AFTER_S = 2


@dataclass(frozen=True, slots=True)
class Ready:
    """Speech that plays now."""

    speech: CachedSpeech
    cached: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """Speech that will be rendered."""

    id: str
    retry_after_s: int = RETRY_AFTER_S


class NotReadyError(Exception):
    """Not ready in time, and there is no queue to leave it to (CACHE_BACKEND=memory)."""


class SpeechDesk:
    """Takes requests; each answer is speech that is ready, or a promise that is queued."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts

    def say(
        self, request: SpeechRequest, deadline: Deadline, correlation_id: str
    ) -> Ready | Accepted:
        """Deliver within the deadline, else queue for rendering ahead of all bulk work.

        Raises:
            UnknownVoiceError: no such voice.
            HostRejectedError: the host refuses this request for good.
            HostUnavailableError: the host was never seen, so nothing can be named.
            NotReadyError: not in time, and there is no queue.
        """
        utterance = self._utterance(request, request.said)
        key = self._parts.renderer.key(utterance)
        try:
            rendered = self._parts.renderer.render(
                utterance,
                key=key,
                deadline=deadline,
                priority="live",
                correlation_id=correlation_id,
            )
        except (HostBusyError, HostUnavailableError, DeadlineExceededError):
            _count_look(None)
            return self._accept(utterance, key, correlation_id)
        _count_look(rendered.tier)
        return Ready(rendered.speech, rendered.cached)

    def say_later(self, request: SpeechRequest, correlation_id: str) -> Ready | Accepted:
        """Deliver what is in the cache, queue what is not.

        Raises:
            UnknownVoiceError: no such voice.
            HostUnavailableError: the host was never seen, so nothing can be named.
            NotReadyError: not in the cache, and there is no queue.
        """
        utterance = self._utterance(request, request.said)
        key = self._parts.renderer.key(utterance)
        hit = self._parts.renderer.find(key)
        _count_look(hit.tier if hit else None)
        return (
            Ready(hit.speech, cached=True) if hit else self._accept(utterance, key, correlation_id)
        )

    def prewarm(
        self, manner: Manner, wanted: Sequence[Said], correlation_id: str
    ) -> tuple[str, ...]:
        """Queue texts and calls behind all live work.

        Returns:
            Their ids, in order.

        Raises:
            UnknownVoiceError: no such voice.
            HostUnavailableError: the host was never seen, so nothing can be named.
            NotReadyError: there is no queue.
        """
        utterances = [self._utterance(manner, said) for said in wanted]
        ids = tuple(self._parts.renderer.key(utterance).id for utterance in utterances)
        by_id = dict(zip(ids, utterances, strict=True))
        self._queue(by_id, "bulk", correlation_id)
        return ids

    def find(self, speech_id: str) -> Ready | Accepted | Job | None:
        """What has become of an id: ready, on its way, failed, or unknown (None).

        Raises:
            InvalidSpeechIdError: not an id.
        """
        key = parse_id(speech_id)
        if hit := self._parts.cache.verify(key):
            _count_look(hit.tier)
            return Ready(hit.speech, cached=True)
        job = None if self._parts.in_process else self._parts.jobs.get(speech_id)
        if job is None or job.status == "failed":
            return job
        if job.status == "rendering":
            return Accepted(speech_id)
        moved = self._parts.cache.verify(parse_id(job.rendered_as))
        return Ready(moved.speech, cached=True) if moved else None

    def _utterance(self, manner: Manner, said: Said) -> Utterance:
        manifest = self._parts.manifests.current()
        return manner.utterance(said, manifest.voice_ids, manifest.default_voice)

    def _accept(self, utterance: Utterance, key: SpeechKey, correlation_id: str) -> Accepted:
        self._queue({key.id: utterance}, "live", correlation_id)
        return Accepted(key.id)

    def _queue(
        self, utterances: dict[str, Utterance], priority: Priority, correlation_id: str
    ) -> None:
        if self._parts.in_process:
            raise NotReadyError
        # The job comes first: the render function forgets it when the speech is ready.
        self._parts.jobs.accept(tuple(utterances))
        messages = (
            RenderMessage(
                id=speech_id, request=utterance, priority=priority, correlation_id=correlation_id
            )
            for speech_id, utterance in utterances.items()
        )
        self._parts.queues.send(messages, priority)


@cache
def desk() -> SpeechDesk:
    """This process's desk."""
    return SpeechDesk(assembled())


def _count_look(tier: Tier | None) -> None:
    if tier:
        observability.count(observability.CACHE_HIT, tier=tier)
    else:
        observability.count(observability.CACHE_MISS)
