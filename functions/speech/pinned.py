"""The phrases that are always kept rendered: every row of `phrases/pinned.*`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from speech import observability
from speech.jobs import JobStore
from speech.key import SpeechKey
from speech.manifest import ManifestStore
from speech.phrase_files import PhraseFiles
from speech.phrases import Row, UnreadableFileError, read_rows
from speech.queues import RenderMessage, RenderQueues
from speech.rendering import Renderer
from speech.request import UnknownVoiceError, Utterance

# A phrase queued this recently is on its way; a message that was lost is sent anew afterwards.
_QUIET_S = 900


@dataclass(frozen=True, slots=True)
class PinnedPhrase:
    """A pinned phrase under its present key."""

    key: SpeechKey
    utterance: Utterance


class PinnedPhrases:
    """Knows the pinned phrases and queues those that are missing."""

    def __init__(
        self,
        files: PhraseFiles,
        manifests: ManifestStore,
        renderer: Renderer,
        jobs: JobStore,
        queues: RenderQueues,
    ) -> None:
        self._files = files
        self._manifests = manifests
        self._renderer = renderer
        self._jobs = jobs
        self._queues = queues

    def current(self) -> dict[SpeechKey, PinnedPhrase]:
        """The pinned phrases by key. Bad rows are left out; the upload's report names them.

        A personal row is left out as well: what names someone is never kept alive.
        """
        phrases = (
            PinnedPhrase(self._renderer.key(utterance), utterance)
            for key in self._files.pinned_keys()
            for utterance in self._utterances(key)
            if utterance.retention == "phrase"
        )
        return {phrase.key: phrase for phrase in phrases}

    def queue(self, phrases: list[PinnedPhrase], correlation_id: str) -> int:
        """Queue phrases for rendering, except those queued a moment ago.

        Returns:
            How many were queued.
        """
        messages = (
            RenderMessage(
                id=phrase.key.id,
                request=phrase.utterance,
                priority="bulk",
                correlation_id=correlation_id,
            )
            for phrase in phrases
            if self._jobs.claim(phrase.key.id, _QUIET_S)
        )
        queued = self._queues.send(messages, "bulk")
        if queued:
            observability.count(observability.PINNED_QUEUED, queued)
        return queued

    def _utterances(self, key: str) -> Iterator[Utterance]:
        manifest = self._manifests.current()
        try:
            for row in read_rows(key, self._files.lines(key)):
                if isinstance(row, Row):
                    try:
                        yield row.request.utterance(
                            row.request.said, manifest.voice_ids, manifest.default_voice
                        )
                    except UnknownVoiceError:
                        continue
        except (UnreadableFileError, FileNotFoundError) as error:
            observability.log_fault("a pinned file cannot be read", error)
