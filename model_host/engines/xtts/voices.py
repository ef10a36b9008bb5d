"""The latents of recordings: packed along, kept from before, or cloned in a process of its own.

A recording is known by its contents: whatever it is called, it is cloned once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Lock

from model_host.engines.base import EngineError, EngineUnavailableError
from model_host.engines.cloning_protocol import Defect, UnusableRecordingError
from model_host.engines.xtts.pack_format import Pack, file_sha256
from model_host.engines.xtts.tensors import TensorFileError
from model_host.engines.xtts.voice_latents import VoiceLatents, read_voice

_logger = logging.getLogger(__name__)

_CLONING_TIMEOUT_S = 120
"""A recording takes about two seconds; a busy machine some more."""

_PACKAGE_ROOT = Path(__file__).parents[3]
_NAME_DIGITS = 16


class VoiceStore:
    """Finds or makes the latents of recordings. Thread-safe; one recording is cloned at a time."""

    def __init__(self, pack: Pack, cache_dir: Path) -> None:
        """Name the places; nothing is read before `latents`.

        Args:
            pack: the model. Its own voices are only ever read.
            cache_dir: where cloned voices are kept, made when needed. Voices of other models may
                be kept there too.
        """
        self._pack = pack
        self._cache_dir = cache_dir / _listener(pack)
        self._one_at_a_time = Lock()

    def latents(self, recording: Path, sha256: str | None = None) -> VoiceLatents:
        """The latents of a recording; takes a millisecond, or seconds the first time.

        Args:
            recording: any audio file that `read_recording` reads.
            sha256: of its contents, where the caller knows it.

        Raises:
            UnusableRecordingError: no voice can be made of the recording.
            EngineUnavailableError: the pack cannot clone.
            EngineError: the cloning process ended in an unforeseen way.
        """
        name = _voice_file_name(sha256 or recording_sha256(recording))
        known = self._look_up(name)
        if known is not None:
            return known
        with self._one_at_a_time:
            # Whoever waited here for the same recording finds it cloned.
            return self._look_up(name) or self._clone(recording, name)

    def _look_up(self, name: str) -> VoiceLatents | None:
        for directory in (self._pack.voices, self._cache_dir):
            try:
                return self._read(directory / name)
            except FileNotFoundError:
                continue
            except (TensorFileError, OSError) as error:
                _logger.warning("a kept voice is of no use and is cloned again: %s", error)
        return None

    def _read(self, path: Path) -> VoiceLatents:
        dims = self._pack.manifest.dims
        return read_voice(path, dims.voice_positions, dims.width)

    def _clone(self, recording: Path, name: str) -> VoiceLatents:
        started_s = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="voice-") as directory:
            made = Path(directory) / name
            _run_cloner(self._pack.directory, recording, made)
            if _voice_file_name(recording_sha256(recording)) != name:
                raise EngineError("the recording was replaced while it was cloned")
            voice = self._read(made)
            self._keep(made, name)
        _logger.info("voice cloned in %.1f s", time.monotonic() - started_s)
        return voice

    def _keep(self, made: Path, name: str) -> None:
        """Copy a voice into the cache; without one it is cloned again at the next start."""
        try:
            self._cache_dir.mkdir(parents=True, exist_ok=True)
            descriptor, partial = tempfile.mkstemp(prefix=f"{name}.", dir=self._cache_dir)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    stream.write(made.read_bytes())
                Path(partial).replace(self._cache_dir / name)
            finally:
                Path(partial).unlink(missing_ok=True)
        except OSError as error:
            _logger.warning("the cloned voice could not be kept in %s: %s", self._cache_dir, error)


def recording_sha256(recording: Path) -> str:
    """SHA-256 of a recording's file, 64 hex digits.

    Raises:
        UnusableRecordingError: it cannot be read; the message says what to provide.
    """
    try:
        return file_sha256(recording)
    except OSError as error:
        message = (
            f"the recording {recording} cannot be read ({error.strerror}); "
            "provide a WAV, mono, more than 3 s"
        )
        missing = isinstance(error, FileNotFoundError)
        defect = Defect.MISSING if missing else Defect.UNREADABLE
        raise UnusableRecordingError(defect, message) from error


def _voice_file_name(sha256: str) -> str:
    return f"{sha256[:_NAME_DIGITS]}.safetensors"


def _listener(pack: Pack) -> str:
    """16 hex digits that differ whenever the same recording would become another voice."""
    manifest = pack.manifest
    encoders = {
        name: packed.sha256 for name, packed in manifest.files.items() if name.startswith("cloner_")
    }
    canonical = json.dumps([encoders, manifest.cloning.model_dump()], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:_NAME_DIGITS]


def _run_cloner(pack_dir: Path, recording: Path, out: Path) -> None:
    """Run `model_host.engines.xtts.cloning` as a process."""
    arguments = [pack_dir.resolve(), recording.resolve(), out.resolve()]
    try:
        finished = subprocess.run(  # noqa: S603 - this interpreter, this package, no shell
            [sys.executable, "-m", "model_host.engines.xtts.cloning", *map(str, arguments)],
            cwd=_PACKAGE_ROOT,
            capture_output=True,
            check=False,
            text=True,
            timeout=_CLONING_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"cloning a voice took more than {_CLONING_TIMEOUT_S} s") from error
    if finished.returncode == 0:
        return
    try:
        told = json.loads(finished.stdout)
        message = str(told["message"])
        defect = Defect(told["defect"]) if "defect" in told else None
    except (ValueError, KeyError, TypeError) as error:
        last_line = (finished.stderr.strip().splitlines() or [""])[-1]
        message = f"cloning a voice failed (exit status {finished.returncode}) {last_line}"
        raise EngineError(message) from error
    if defect is not None:
        raise UnusableRecordingError(defect, message)
    raise EngineUnavailableError(message)
