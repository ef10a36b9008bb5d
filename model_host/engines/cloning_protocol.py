"""What an engine offers that can learn new voices while it serves, and what may go wrong then.

It is optional: `isinstance(engine, VoiceCloner)` tells whether an engine is one.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Protocol, runtime_checkable

from model_host.engines.base import EngineUnavailableError, Voice

VOICE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""What an added voice may be called; it becomes a file name and a part of an object key."""


class Defect(Enum):
    """Why a recording cannot serve as a voice."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    SILENT = "silent"
    CLIPPED = "clipped"


class UnusableRecordingError(EngineUnavailableError):
    """A recording cannot serve as a voice; the message says what to provide instead.

    Attributes:
        defect: why.
    """

    def __init__(self, defect: Defect, message: str) -> None:
        super().__init__(message)
        self.defect = defect


class VoiceExistsError(Exception):
    """Another recording already has this id, or the id is reserved."""


class UnknownVoiceError(Exception):
    """No added voice has this id."""


class VoicesReadOnlyError(Exception):
    """The directory of voices cannot be written; the message says why."""


@runtime_checkable
class VoiceCloner(Protocol):
    """An engine to which voices can be added. Its methods block: call them from a worker thread."""

    def add_voice(self, voice_id: str, recording: bytes) -> Voice:
        """Learn a voice from a recording; it can be asked for when this returns.

        Adding the same recording under the same id again changes nothing.

        Args:
            voice_id: matches `VOICE_ID`.
            recording: a WAV file.

        Raises:
            UnusableRecordingError: no voice can be made of the recording.
            VoiceExistsError: the id belongs to another recording.
            VoicesReadOnlyError: it cannot be kept.
            EngineError: cloning failed; it may be tried again.
            EngineUnavailableError: the engine's files do not let it clone.
        """
        ...

    def remove_voice(self, voice_id: str) -> None:
        """Forget an added voice and delete its recording.

        Raises:
            UnknownVoiceError: there is none of this id.
            VoiceExistsError: the voice is there but not an added one.
            VoicesReadOnlyError: its recording cannot be deleted.
        """
        ...
