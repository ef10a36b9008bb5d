"""The voices by name: the reference recording, and every WAV in the directory of voices."""

from __future__ import annotations

import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from model_host.engines.base import Voice
from model_host.engines.cloning_protocol import (
    VOICE_ID,
    UnknownVoiceError,
    VoiceExistsError,
    VoicesReadOnlyError,
)
from model_host.engines.xtts.reference_audio import read_recording, require_unclipped
from model_host.engines.xtts.voice_latents import VoiceLatents
from model_host.engines.xtts.voices import VoiceStore, recording_sha256

REFERENCE_ID = "reference"
_LANGUAGE = "pt-BR"
_RESERVED_IDS = frozenset({REFERENCE_ID, "default"})

_HEARD_MAX = 64
"""Voices held in memory, 130 kB each."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HeardVoice:
    """A voice that can speak.

    Attributes:
        content_sha256: of its recording, 64 hex digits.
        latents: what the model knows of it.
    """

    content_sha256: str
    latents: VoiceLatents


class VoiceLibrary:
    """Names voices, and adds and removes them. Thread-safe.

    The directory is looked at whenever its time of change differs, so that a recording that an
    operator or another host puts there becomes a voice without a restart.
    """

    def __init__(self, reference_audio: Path, voices_dir: Path, store: VoiceStore) -> None:
        """Name the places.

        Args:
            reference_audio: recording of the default voice, id "reference".
            voices_dir: every `<id>.wav` in it is a voice; it may be absent or read-only.
            store: knows the latents of recordings.
        """
        self._reference_audio = reference_audio
        self._voices_dir = voices_dir
        self._store = store
        self._lock = Lock()
        self._seen_at_ns: int | None = None
        self._added: tuple[str, ...] = ()
        self._heard: dict[str, HeardVoice] = {}
        self._reference: HeardVoice | None = None
        self._hashes: dict[Path, tuple[tuple[int, int], str]] = {}

    @property
    def voices(self) -> tuple[Voice, ...]:
        """The voices that can be asked for: the reference recording, then by id."""
        reference = Voice(REFERENCE_ID, "Reference recording", _LANGUAGE)
        return (reference, *(_voice(voice_id) for voice_id in self._added_ids()))

    def heard(self, voice_id: str) -> HeardVoice:
        """A voice to speak with; seconds the first time a recording is heard.

        The reference recording is read once. Were it replaced under a running host, audio of the
        new voice would be kept under the old one's fingerprint, which the host found at its start.

        Raises:
            UnknownVoiceError: there is no such voice (any more).
            UnusableRecordingError, EngineUnavailableError, EngineError: as `VoiceStore.latents`.
        """
        if voice_id == REFERENCE_ID and self._reference is not None:
            return self._reference
        recording = self._recording(voice_id)
        sha256 = self._content_sha256(recording)
        known = self._heard.get(sha256)
        if known is None:
            known = HeardVoice(sha256, self._store.latents(recording, sha256))
            with self._lock:
                while len(self._heard) >= _HEARD_MAX:
                    self._heard.pop(next(iter(self._heard)))
                self._heard[sha256] = known
        if voice_id == REFERENCE_ID:
            self._reference = known
        return known

    def add(self, voice_id: str, recording: bytes) -> Voice:
        """Keep a recording under an id and clone it; see `VoiceCloner.add_voice`.

        The recording gets its name last, so that a voice that is listed can speak at once.
        """
        if voice_id in _RESERVED_IDS or not VOICE_ID.fullmatch(voice_id):
            raise VoiceExistsError(f"the id {voice_id} is reserved")
        target = self._voices_dir / f"{voice_id}.wav"
        partial = self._write_partial(recording)
        try:
            require_unclipped(read_recording(partial))
            if not _is_same(target, recording):
                self._store.latents(partial)
                with self._lock:
                    if not _is_same(target, recording):
                        partial.replace(target)
                    self._seen_at_ns = None
        except OSError as error:
            raise _read_only(self._voices_dir, error) from error
        finally:
            partial.unlink(missing_ok=True)
        return _voice(voice_id)

    def remove(self, voice_id: str) -> None:
        """Delete an added voice's recording; see `VoiceCloner.remove_voice`."""
        if voice_id in _RESERVED_IDS:
            raise VoiceExistsError(f"the voice {voice_id} was not added and cannot be removed")
        if not VOICE_ID.fullmatch(voice_id):
            raise UnknownVoiceError(voice_id)
        try:
            with self._lock:
                (self._voices_dir / f"{voice_id}.wav").unlink()
                self._seen_at_ns = None
        except FileNotFoundError as error:
            raise UnknownVoiceError(voice_id) from error
        except OSError as error:
            raise _read_only(self._voices_dir, error) from error

    def _recording(self, voice_id: str) -> Path:
        if voice_id == REFERENCE_ID:
            return self._reference_audio
        if voice_id not in self._added_ids():
            raise UnknownVoiceError(voice_id)
        return self._voices_dir / f"{voice_id}.wav"

    def _content_sha256(self, recording: Path) -> str:
        """As `recording_sha256`, reading the file again only when it changes."""
        try:
            status = recording.stat()
        except OSError:
            return recording_sha256(recording)  # whose error says what to provide
        signature = (status.st_mtime_ns, status.st_size)
        known = self._hashes.get(recording)
        if known is None or known[0] != signature:
            known = self._hashes[recording] = (signature, recording_sha256(recording))
        return known[1]

    def _added_ids(self) -> tuple[str, ...]:
        with self._lock:
            try:
                changed_at_ns = self._voices_dir.stat().st_mtime_ns
                if changed_at_ns != self._seen_at_ns:
                    self._added = _ids_in(self._voices_dir)
                    self._seen_at_ns = changed_at_ns
            except OSError:
                self._added, self._seen_at_ns = (), None
            return self._added

    def _write_partial(self, recording: bytes) -> Path:
        try:
            self._voices_dir.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(".partial", dir=self._voices_dir)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(recording)
        except OSError as error:
            raise _read_only(self._voices_dir, error) from error
        return Path(name)


def _voice(voice_id: str) -> Voice:
    return Voice(voice_id, voice_id.replace("-", " ").capitalize(), _LANGUAGE)


def _ids_in(directory: Path) -> tuple[str, ...]:
    """The ids of the recordings in a directory, sorted; others are told of and left out."""
    names = sorted(path.stem for path in directory.glob("*.wav"))
    taken = [name for name in names if VOICE_ID.fullmatch(name) and name not in _RESERVED_IDS]
    for name in set(names) - set(taken):
        _logger.warning("%s.wav is no voice: its name must match %s", name, VOICE_ID.pattern)
    return tuple(taken)


def _is_same(target: Path, recording: bytes) -> bool:
    """Whether the recording is there already.

    Raises:
        VoiceExistsError: another one is.
    """
    try:
        kept = target.read_bytes()
    except FileNotFoundError:
        return False
    if kept != recording:
        raise VoiceExistsError("another recording has this id; remove it first")
    return True


def _read_only(directory: Path, error: OSError) -> VoicesReadOnlyError:
    return VoicesReadOnlyError(f"the directory of voices {directory}: {error.strerror}")
