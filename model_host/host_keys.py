"""The keys that callers of the host may present, read from a file that changes under it.

The file is a Kubernetes Secret, mounted as a directory: the kubelet replaces it by swapping a
symbolic link (https://kubernetes.io/docs/concepts/configuration/secret/), which shows as another
inode behind the same path. Two keys hold while one replaces the other.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

_LOOK_AGAIN_S = 1.0
# RFC 6750's b64token; 32 characters of it are more than anybody can try out.
_KEY = re.compile(r"[A-Za-z0-9._~+/-]{32,512}=*")
_ROLES = ({"current"}, {"current", "next"}, {"current", "previous"})
_Identity = tuple[int, int, int]
_log = logging.getLogger(__name__)


class HostKeysError(Exception):
    """The file of keys cannot be used; the message never quotes it."""


class HostKeys:
    """Every key that is accepted now.

    A file that becomes unusable is told and otherwise ignored: the last good keys stay, for calls
    must go on. One that cannot be used at the start is an error, for nothing else is known.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.monotonic) -> None:
        """Read the file.

        Args:
            path: JSON with `current` and, while one key replaces another, `next` or `previous`.
            now: a clock in seconds.

        Raises:
            HostKeysError: it cannot be read, or is not such a file.
        """
        self._path = path
        self._now = now
        self._lock = Lock()
        self._seen = _identity(path)
        self._keys = _read(path)
        self._stale = False
        self._look_at = now() + _LOOK_AGAIN_S

    def accepts(self, presented: bytes) -> bool:
        """Whether `presented` is one of the keys, in a time that does not tell how nearly."""
        self._look_again()
        # Every key is compared, so that the time does not tell which one it was either.
        return sum(hmac.compare_digest(presented, key) for key in self._keys) > 0

    @property
    def accepted(self) -> int:
        """How many keys are accepted: two while one replaces the other."""
        self._look_again()
        return len(self._keys)

    @property
    def stale(self) -> bool:
        """Whether the file has become unusable, so that keys of before are accepted."""
        self._look_again()
        return self._stale

    def _look_again(self) -> None:
        """Read the file if it has changed; asks the file system at most once a second."""
        with self._lock:
            if self._now() < self._look_at:
                return
            self._look_at = self._now() + _LOOK_AGAIN_S
            try:
                self._take_up_change()
            except HostKeysError as error:
                if not self._stale:
                    _log.error("the host's keys are stale", extra={"reason": str(error)})
                self._stale = True

    def _take_up_change(self) -> None:
        identity = _identity(self._path)
        if identity == self._seen and not self._stale:
            return
        keys = _read(self._path)
        if keys != self._keys:
            _log.info("the host's keys changed", extra={"accepted": len(keys)})
        self._seen, self._keys, self._stale = identity, keys, False


def _identity(path: Path) -> _Identity:
    try:
        found = path.stat()
    except OSError as error:
        raise HostKeysError(f"HOST_KEYS_FILE cannot be read: {error.strerror}") from None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read(path: Path) -> tuple[bytes, ...]:
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise HostKeysError(f"HOST_KEYS_FILE cannot be read: {error.strerror}") from None
    except ValueError:
        raise HostKeysError("HOST_KEYS_FILE is not JSON") from None
    if not isinstance(document, dict) or set(document) not in _ROLES:
        raise HostKeysError("HOST_KEYS_FILE holds no current key, or more than two keys")
    if not all(isinstance(key, str) and _KEY.fullmatch(key) for key in document.values()):
        raise HostKeysError(
            "HOST_KEYS_FILE holds a key that is not 32-512 of A-Z a-z 0-9 . _ ~ + / -"
        )
    return tuple(key.encode() for key in document.values())
