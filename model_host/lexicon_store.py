"""Where the lexicon is kept: one file, which several hosts may share."""

from __future__ import annotations

import fcntl
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from model_host.errors import LexiconNotKeptError, PreconditionFailedError
from model_host.text.lexicon import Lexicon
from model_host.text.lexicon_document import LexiconDocumentError, read_json, write_json

_log = logging.getLogger(__name__)

_Seen = tuple[int, int, int]


class LexiconStore:
    """A lexicon in a file that is written whole and read again when it has changed."""

    def __init__(self, path: Path) -> None:
        """Keep the lexicon at `path`; a file that is not there is an empty lexicon."""
        self._path = path
        self._lock = Lock()
        self._seen: _Seen | None = None
        self._lexicon = Lexicon()

    @property
    def current(self) -> Lexicon:
        """The lexicon now: one look at the file, and it is read if it is another one.

        A file that is no lexicon is logged, and what held before goes on holding.
        """
        seen = self._status()
        if seen != self._seen:
            with self._lock:
                self._read(seen)
        return self._lexicon

    def replace(self, lexicon: Lexicon, may_replace: Callable[[Lexicon], bool]) -> None:
        """Put another lexicon in place of the present one, as one step for all hosts.

        Args:
            lexicon: what shall hold from now on.
            may_replace: whether the lexicon that is there is the one that the caller knows.

        Raises:
            PreconditionFailedError: it is not.
            LexiconNotKeptError: the place cannot be written.
        """
        try:
            with self._alone():
                if not may_replace(self.current):
                    raise PreconditionFailedError(
                        "The lexicon has changed since it was read: read it again."
                    )
                self._write(write_json(lexicon))
        except OSError as error:
            raise LexiconNotKeptError("The lexicon cannot be written.") from error
        _log.info("the lexicon was replaced", extra={"entries": len(lexicon.entries)})

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep all others out, in this process and in every other that shares the directory.

        The lock has a file of its own: the lexicon's is replaced, and a lock on what was replaced
        holds nobody back.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, content: bytes) -> None:
        descriptor, name = tempfile.mkstemp(".partial", dir=self._path.parent)
        partial = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            partial.chmod(0o644)  # mkstemp's file is its owner's alone; other hosts read it
            partial.replace(self._path)
        finally:
            partial.unlink(missing_ok=True)

    def _status(self) -> _Seen | None:
        """What tells one file from another; the inode, because clocks of volumes are coarse.

        Opened for it: on a volume that pods share over NFS the status of a path is remembered for
        up to a minute, that of a file just opened is asked of the server (nfs(5), "Close-to-open
        cache consistency").
        """
        try:
            with self._path.open("rb") as stream:
                status = os.fstat(stream.fileno())
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _read(self, seen: _Seen | None) -> None:
        try:
            self._lexicon = read_json(self._path.read_bytes()) if seen else Lexicon()
        except (OSError, LexiconDocumentError) as error:
            _log.error("the lexicon cannot be read: %s", type(error).__name__)
        self._seen = seen
