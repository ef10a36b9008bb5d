"""Where a key becomes an object: look, lease, look again, speak, publish, release.

Every path to the host goes through here, so one key is spoken once however many ask for it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from speech import observability
from speech.cache import Cache, CachedSpeech, Tier
from speech.deadline import Deadline
from speech.host import DoubtfulSpeechError, HostClient, HostError, Priority
from speech.key import SpeechKey, make_key
from speech.lease import Leases
from speech.manifest import ManifestStore
from speech.request import Utterance

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 1.0
_PAUSE_GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class Rendered:
    """Speech that is ready.

    Attributes:
        speech: under its own key: another than the wanted one if the host changed meanwhile, or
            if a phrase served a personal request.
        tier: where it was found; None if it was spoken now.
        render_s: what the host took, in seconds; 0.0 if it was found.
    """

    speech: CachedSpeech
    tier: Tier | None
    render_s: float

    @property
    def cached(self) -> bool:
        """Whether it was there already."""
        return self.tier is not None


class Renderer:
    """Finds an utterance's audio, or has it made exactly once."""

    def __init__(
        self,
        cache: Cache,
        leases: Leases,
        host: HostClient,
        manifests: ManifestStore,
        secret: bytes,
    ) -> None:
        self._cache = cache
        self._leases = leases
        self._host = host
        self._manifests = manifests
        self._secret = secret

    def key(self, utterance: Utterance) -> SpeechKey:
        """The key of an utterance as the present host would speak it.

        Raises:
            HostUnavailableError: no manifest was ever published and the host is down.
        """
        manifest = self._manifests.current()
        return make_key(
            self._secret, utterance, manifest.fingerprint, manifest.lexicon_digest(utterance)
        )

    def render(
        self,
        utterance: Utterance,
        *,
        key: SpeechKey,
        deadline: Deadline,
        priority: Priority,
        correlation_id: str,
    ) -> Rendered:
        """Return the speech of `key`, from the cache or freshly spoken.

        While another caller holds the lease, this one waits for that caller's result, and takes
        over if it fails.

        Raises:
            HostBusyError: the host has no room now.
            HostUnavailableError: the host cannot be reached, or failed.
            HostRejectedError: the host refuses this request for good.
            DoubtfulSpeechError: bulk work was spoken, but perhaps not well.
            DeadlineExceededError: not ready in time.
        """
        pause_s = _FIRST_PAUSE_S
        while True:
            if found := self._find_for(key, priority):
                return found
            if lease := self._leases.acquire(key, deadline):
                try:
                    return self._find_for(key, priority) or self._speak(
                        utterance, key, deadline, priority, correlation_id
                    )
                finally:
                    self._leases.release(lease)
            deadline.sleep(pause_s)
            pause_s = min(pause_s * _PAUSE_GROWTH, _LONGEST_PAUSE_S)

    def find(self, key: SpeechKey) -> Rendered | None:
        """The speech of `key`, if it is in the cache.

        What was kept as a phrase serves a personal request too: it sounds the same and is kept
        already. The reverse would let a phrase vanish after a day.
        """
        keys = [key]
        if key.retention == "personal":
            keys.append(replace(key, retention="phrase"))
        hit = self._cache.find(*keys)
        return Rendered(hit.speech, hit.tier, 0.0) if hit else None

    def _find_for(self, key: SpeechKey, priority: Priority) -> Rendered | None:
        """What is found, unless it is doubtful and nobody waits: then it can be made better."""
        found = self.find(key)
        return None if found and found.speech.doubtful and priority == "bulk" else found

    def _speak(
        self,
        utterance: Utterance,
        key: SpeechKey,
        deadline: Deadline,
        priority: Priority,
        correlation_id: str,
    ) -> Rendered:
        started_s = time.monotonic()
        audio = self._host.synthesize(utterance, deadline, priority, correlation_id)
        render_s = time.monotonic() - started_s
        observability.count(observability.RENDER)
        observability.seconds(observability.RENDER_SECONDS, render_s)
        # What was heard decides the key, not what was expected: during a rolling update two
        # fingerprints answer, and audio under the wrong one would be found for a month.
        heard_key = make_key(self._secret, utterance, audio.fingerprint, audio.lexicon_digest)
        if heard_key != key:
            self._learn_of_change()
        if audio.doubtful:
            heard_key = _doubtful_key(heard_key, priority)
        return Rendered(self._cache.publish(heard_key, audio), None, render_s)

    def _learn_of_change(self) -> None:
        try:
            self._manifests.refresh()
        except HostError as error:
            # The audio is good and has its key; warm-up will publish the manifest later.
            observability.log_fault("the manifest could not be refreshed", error)


def _doubtful_key(key: SpeechKey, priority: Priority) -> SpeechKey:
    """Where audio goes that may not have been said well: a live caller gets it rather than none.

    It is filed as personal, so that no phrase is believed to be rendered for a month because of it.

    Raises:
        DoubtfulSpeechError: it is bulk work, which can wait for a better attempt.
    """
    observability.count(observability.SPEECH_DOUBTFUL, priority=priority)
    if priority == "bulk":
        raise DoubtfulSpeechError("the host is in doubt of what it spoke")
    return replace(key, retention="personal")
