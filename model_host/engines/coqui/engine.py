"""`CoquiEngine`: the unmodified XTTS-v2 behind the `Engine` protocol."""

from __future__ import annotations

import importlib.metadata
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from model_host.engines.base import (
    AudioChunk,
    EngineDescription,
    EngineError,
    EngineUnavailableError,
    Utterance,
    Voice,
)
from model_host.engines.coqui.checkpoint import CheckpointFiles, short_sha256
from model_host.text.full_stops import set_off_full_stops

if TYPE_CHECKING:
    from model_host.engines.coqui.xtts import XttsVoice

_MODEL = "tts_models/multilingual/multi-dataset/xtts_v2"
_PACKAGES = ("coqui-tts", "torch", "transformers")

_logger = logging.getLogger(__name__)


class CoquiEngine:
    """Speaks Brazilian Portuguese with XTTS-v2 and one cloned voice, on the CPU."""

    def __init__(self, model_dir: Path, reference_audio: Path) -> None:
        """Name the files; nothing is read before `load`.

        Args:
            model_dir: an XTTS-v2 checkpoint directory; only ever read.
            reference_audio: a recording of the voice; WAV, mono, more than 3 s.
        """
        self._model_dir = model_dir
        self._reference_audio = reference_audio
        self._speaker: XttsVoice | None = None
        self._versions: dict[str, str] = {}

    @property
    def voices(self) -> tuple[Voice, ...]:
        """The one voice of the reference recording."""
        return (Voice(id="reference", name="Reference recording", language="pt-BR"),)

    @property
    def max_concurrency(self) -> int:
        """One: the model keeps the state of the utterance it is speaking."""
        return 1

    @property
    def live_reserve(self) -> int:
        """None: with one at a time there is nothing to share out."""
        return 0

    @property
    def stochastic(self) -> bool:
        """Yes: every token is drawn."""
        return True

    def fits(self, text: str) -> bool:
        """Whether the model can say a text in one go: at most 203 characters and its tokens.

        Raises:
            EngineError: not loaded, or the tokenizer failed.
        """
        with _quoting_nothing():
            return self._speaking().fits(set_off_full_stops(text))

    def load(self) -> None:
        """Load the checkpoint and the voice.

        Raises:
            EngineUnavailableError: a file or a package is missing or of no use.
        """
        started_s = time.monotonic()
        files = CheckpointFiles.locate(self._model_dir)
        if not self._reference_audio.is_file():
            message = (
                f"the reference audio {self._reference_audio} is missing; "
                "provide a recording of the voice there: WAV, mono, more than 3 s"
            )
            raise EngineUnavailableError(message)
        speaker = _load_speaker(files, self._reference_audio)
        loaded_s = time.monotonic()
        self._versions = {
            **{package: importlib.metadata.version(package) for package in _PACKAGES},
            "model_sha256": short_sha256(files.weights),
            "config_sha256": short_sha256(files.config),
            "vocabulary_sha256": short_sha256(files.vocabulary),
            "reference_audio_sha256": short_sha256(self._reference_audio),
        }
        self._speaker = speaker
        _logger.info(
            "XTTS-v2 loaded in %.1f s, hashed in %.1f s",
            loaded_s - started_s,
            time.monotonic() - loaded_s,
        )

    def describe(self) -> EngineDescription:
        """Say what speaks: package versions and hashes of the checkpoint and of the recording."""
        return EngineDescription(
            engine="coqui",
            model=_MODEL,
            device="cpu",
            reference_audio=str(self._reference_audio),
            versions=dict(self._versions),
        )

    def synthesize(self, utterance: Utterance, cancelled: Event) -> Iterator[AudioChunk]:
        """Speak, one chunk for each piece.

        Raises:
            EngineError: not loaded, or the model failed.
        """
        speaker = self._speaking()
        with _quoting_nothing():
            speaker.reseed(utterance.seed)
            for index, piece in enumerate(utterance.pieces):
                samples = speaker.speak(set_off_full_stops(piece), utterance.speed, cancelled)
                if samples is None:
                    return
                yield AudioChunk(samples, speaker.sample_rate_hz, index)

    def close(self) -> None:
        """Forget the model; the next garbage collection frees its memory."""
        self._speaker = None

    def _speaking(self) -> XttsVoice:
        if self._speaker is None:
            raise EngineError("the engine is not loaded")
        return self._speaker


@contextmanager
def _quoting_nothing() -> Iterator[None]:
    """Turn whatever four packages raise, none of it documented, into the engine's own error.

    Its type only, and no chain: the packages' messages may quote the text, so a name.
    """
    try:
        yield
    except EngineError:
        raise
    except Exception as error:  # noqa: BLE001
        message = f"XTTS failed: {type(error).__name__}"
        raise EngineError(message) from None


def _load_speaker(files: CheckpointFiles, reference_audio: Path) -> XttsVoice:
    """Import torch and TTS here, not above: they take seconds and most hosts lack them."""
    try:
        from model_host.engines.coqui.xtts import XttsVoice  # noqa: PLC0415
    except ImportError as error:
        message = (
            f"ENGINE=coqui lacks Python packages: pip install -r requirements/coqui.txt ({error})"
        )
        raise EngineUnavailableError(message) from error
    return XttsVoice(files, reference_audio)
