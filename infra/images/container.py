"""Runs an image as Kubernetes' restricted pods are run, by runc."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.images.build import STORAGE, Image
from infra.images.tools import ImageError, run

_NAMESPACES = ("pid", "ipc", "uts", "mount")  # the network is this machine's, to ask it by HTTP
_HIDDEN = ("/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware")
_STOP_TIMEOUT_S = 60


@dataclass(frozen=True)
class Mount:
    """A folder of this machine inside the container."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True)
class Run:
    """How an image is run.

    Attributes:
        command: replaces the image's entry point.
        arguments: after the entry point.
        environment: beyond the image's own.
        mounts: folders of this machine.
        scratch: folders in memory; all else cannot be written.
    """

    command: Sequence[str] | None = None
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] | None = None
    mounts: Sequence[Mount] = ()
    scratch: Sequence[str] = ("/tmp",)  # noqa: S108 - in the container


@dataclass
class Container:
    """A running container."""

    name: str
    log_path: Path
    _process: subprocess.Popen[bytes]

    def log(self) -> str:
        """Return what it wrote so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def execute(self, command: Sequence[str]) -> int:
        """Run a command inside, as the image's user; return its exit code."""
        argv = ["runc", *_state(), "exec", self.name, *command]
        return subprocess.run(argv, check=False, capture_output=True).returncode  # noqa: S603

    def wait(self, timeout_s: float) -> int:
        """Wait for its end; return its exit code.

        Raises:
            ImageError: it goes on.
        """
        try:
            return self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise ImageError(f"{self.name} does not end:\n{self.log()[-2000:]}") from None

    def stop(self) -> tuple[int, float]:
        """Send SIGTERM; return the exit code and the seconds until the end.

        Raises:
            ImageError: it goes on.
        """
        begun = time.monotonic()
        run(["runc", *_state(), "kill", self.name, "TERM"])
        return self.wait(_STOP_TIMEOUT_S), time.monotonic() - begun


def _state() -> tuple[str, str]:
    return ("--root", str(STORAGE / "runc"))


@contextmanager
def running(image: Image, root: Path, how: Run) -> Iterator[Container]:
    """Run `image`, whose files are in `root`, until the block is left."""
    name = f"c-tv-{uuid.uuid4().hex[:8]}"
    with TemporaryDirectory() as bundle:
        config = Path(bundle) / "config.json"
        config.write_text(json.dumps(_specification(image, root, how)), encoding="utf-8")
        log_path = Path(bundle) / "log"
        with log_path.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - a fixed program
                [shutil.which("runc") or "runc", *_state(), "run", "--bundle", bundle, name],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            yield Container(name, log_path, process)
        finally:
            if process.poll() is None:
                run(["runc", *_state(), "kill", name, str(int(signal.SIGKILL))])
                process.wait(_STOP_TIMEOUT_S)


def _specification(image: Image, root: Path, how: Run) -> dict[str, Any]:
    """The runtime's `config.json`; github.com/opencontainers/runtime-spec/blob/main/config.md."""
    uid, _, gid = image.config["User"].partition(":")
    environment = {**(how.environment or {})}
    return {
        "ociVersion": "1.0.2",
        "root": {"path": str(root), "readonly": True},
        "process": {
            "user": {"uid": int(uid), "gid": int(gid)},
            "args": [*(how.command or image.config["Entrypoint"]), *how.arguments],
            "env": [
                *image.config["Env"],
                *(f"{name}={value}" for name, value in environment.items()),
            ],
            "cwd": image.config["WorkingDir"],
            "noNewPrivileges": True,
            "capabilities": {},
        },
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"]},
            _in_memory("/dev/shm"),  # noqa: S108 - in the container
            *(_in_memory(folder) for folder in how.scratch),
            *(_bound(mount) for mount in how.mounts),
        ],
        "linux": {
            "namespaces": [{"type": namespace} for namespace in _NAMESPACES],
            "maskedPaths": list(_HIDDEN),
        },
    }


def _in_memory(folder: str) -> dict[str, Any]:
    options = ["nosuid", "nodev", "mode=1777", "size=1g"]
    return {"destination": folder, "type": "tmpfs", "source": "tmpfs", "options": options}


def _bound(mount: Mount) -> dict[str, Any]:
    return {
        "destination": mount.target,
        "type": "bind",
        "source": str(mount.source),
        "options": ["rbind", "rw" if mount.writable else "ro"],
    }
