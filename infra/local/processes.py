"""Child processes that are started, watched and ended by pid, each with its own log file."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from infra.local.settings import ROOT, LocalRunError, LocalSettings


@dataclass
class Service:
    """A long-running child. It leads a session of its own, so that a Ctrl-C reaches only us."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    log_path: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it, its output appended to its log file."""
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self.argv,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its process id; the service must have been started."""
        if self._process is None:
            raise LocalRunError(f"{self.name} has not been started.")
        return self._process.pid

    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def running(self) -> bool:
        """Whether it is alive."""
        return self._process is not None and self._process.poll() is None

    def stop(self, grace_s: float = 10.0) -> None:
        """End it and whatever it started: SIGTERM, then SIGKILL after `grace_s` seconds."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(grace_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
        end_group(self._process.pid)
        self._process.wait()

    def wait_until(self, ready: Callable[[], bool], timeout_s: float) -> None:
        """Wait until `ready()` holds.

        Raises:
            LocalRunError: it ended first, or `timeout_s` seconds went by.
        """
        deadline = time.monotonic() + timeout_s
        while not ready():
            if not self.running():
                raise LocalRunError(
                    f"{self.name} ended with exit code {self.exit_code()} before it was ready.\n"
                    f"The end of {self.log_path}:\n{last_lines(self.log_path)}"
                )
            if time.monotonic() > deadline:
                raise LocalRunError(
                    f"{self.name} was not ready within {timeout_s:.0f} s; see {self.log_path}."
                )
            time.sleep(0.1)


def end_group(pid: int) -> None:
    """Kill what is left of the session that `pid` led."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def last_lines(path: Path, count: int = 15) -> str:
    """The last `count` lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-count:])


def require_free_port(port: int, what: str, variable: str) -> None:
    """Make sure that nothing listens on a port of 127.0.0.1.

    Raises:
        LocalRunError: the port is taken; names the holder where the system tells it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise LocalRunError(
                f"Port {port}, which {what} needs, is taken{_holder(port)}.\n"
                f"Stop that program, or choose another port: {variable}={port + 1} make up"
            ) from None


def _holder(port: int) -> str:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        listening = connection.status == psutil.CONN_LISTEN
        if listening and connection.pid and connection.laddr and connection.laddr.port == port:
            try:
                name = psutil.Process(connection.pid).name()
            except psutil.NoSuchProcess:
                continue
            return f" by {name} (pid {connection.pid})"
    return ""


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait until no other process is inside with the same `path`, and keep others out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """A port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def beside_others(name: str) -> LocalSettings:
    """Settings of a run that gets in nobody's way: free ports, and its own folder and stack."""
    return LocalSettings(
        run_dir=ROOT / ".run" / name,
        gateway_port=free_port(),
        host_port=free_port(),
        pages_port=free_port(),
        stack_name=f"c-tv-{name}",
    )
