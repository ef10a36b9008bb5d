"""The directory in which a pack grows, and the journal of the steps that are done.

A step writes into a directory of its own; its files move beside the others and into the journal
only when all of them are on the disk. So whatever interrupts a run, what the journal names is
whole.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from model_host.engines.base import EngineUnavailableError
from model_host.engines.xtts.pack_format import PackedFile, file_sha256

_JOURNAL_NAME = "journal.json"
_STEP_DIRECTORY_NAME = "step"
_LOCK_NAME = "lock"


class Journal:
    """Finished steps and their files; a context that keeps other processes out."""

    def __init__(
        self,
        directory: Path,
        key: Mapping[str, str],
        steps: dict[str, dict[str, PackedFile]],
        lock: IO[bytes],
    ) -> None:
        """Use `resume`."""
        self._directory = directory
        self._key = dict(key)
        self._steps = steps
        self._lock = lock

    @classmethod
    def resume(cls, directory: Path, key: Mapping[str, str]) -> Journal:
        """Go on where a run with the same key stopped, or start afresh.

        Args:
            directory: made if absent.
            key: what the finished steps depend on.

        Raises:
            EngineUnavailableError: another process is at it, or the place cannot be written.
        """
        try:
            directory.mkdir(parents=True, exist_ok=True)
            lock = (directory / _LOCK_NAME).open("wb")
        except OSError as error:
            message = f"{directory} cannot be written: {error.strerror}"
            raise EngineUnavailableError(message) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            message = f"another process is writing {directory}; wait for it"
            raise EngineUnavailableError(message) from error
        steps = _read_steps(directory, key)
        _remove_all_but(
            directory, {_LOCK_NAME, _JOURNAL_NAME} | {n for s in steps.values() for n in s}
        )
        return cls(directory, key, steps, lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if not self._steps:
            shutil.rmtree(self._directory, ignore_errors=True)  # nothing to go on from
        self._lock.close()

    @property
    def files(self) -> dict[str, PackedFile]:
        """The files of all finished steps, by their path inside the directory."""
        return {name: packed for step in self._steps.values() for name, packed in step.items()}

    def is_done(self, step: str) -> bool:
        """Whether a step was finished, in this run or in an earlier one."""
        return step in self._steps

    def do(self, step: str, run: Callable[[Path], object]) -> None:
        """Run a step and take its files in.

        Args:
            step: its name.
            run: writes files below the directory it is given.
        """
        workplace = self._directory / _STEP_DIRECTORY_NAME
        shutil.rmtree(workplace, ignore_errors=True)
        workplace.mkdir()
        run(workplace)
        taken: dict[str, PackedFile] = {}
        for path in sorted(path for path in workplace.rglob("*") if path.is_file()):
            name = path.relative_to(workplace).as_posix()
            _sync(path)
            taken[name] = PackedFile(bytes=path.stat().st_size, sha256=file_sha256(path))
            target = self._directory / name
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        shutil.rmtree(workplace)
        _sync(self._directory)
        self._steps[step] = taken
        document = {
            "key": self._key,
            "steps": {
                name: {file: packed.model_dump() for file, packed in files.items()}
                for name, files in self._steps.items()
            },
        }
        self.write(_JOURNAL_NAME, json.dumps(document, indent=1).encode())

    def write(self, name: str, content: bytes) -> None:
        """Write a small file atomically."""
        fresh = self._directory / f"{name}.fresh"
        fresh.write_bytes(content)
        _sync(fresh)
        fresh.replace(self._directory / name)
        _sync(self._directory)

    def forget(self, directory: Path) -> None:
        """Remove the journal's own files from the directory under its new name."""
        for name in (_JOURNAL_NAME, _LOCK_NAME):
            (directory / name).unlink(missing_ok=True)


def _read_steps(directory: Path, key: Mapping[str, str]) -> dict[str, dict[str, PackedFile]]:
    """The steps of a journal with this key whose files are still whole; none otherwise."""
    try:
        document = json.loads((directory / _JOURNAL_NAME).read_bytes())
        if document["key"] != key:
            return {}
        steps = {
            step: {name: PackedFile.model_validate(packed) for name, packed in files.items()}
            for step, files in document["steps"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {step: files for step, files in steps.items() if _are_whole(directory, files)}


def _are_whole(directory: Path, files: Mapping[str, PackedFile]) -> bool:
    paths = {directory / name: packed.bytes for name, packed in files.items()}
    return all(path.is_file() and path.stat().st_size == size for path, size in paths.items())


def _remove_all_but(directory: Path, kept: set[str]) -> None:
    """Clear what a broken run or one with another key left behind."""
    for path in sorted(directory.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(directory).as_posix() not in kept:
            path.unlink()


def _sync(path: Path) -> None:
    """Have a file's bytes, or a directory's names, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
