"""Starts a model host as its operator does, and stops it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[3]
START_TIMEOUT_S = 15.0


def free_port() -> int:
    """Return a TCP port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class RunningHost:
    """A host in a process of its own, listening on `url`."""

    url: str
    process: subprocess.Popen[bytes]
    log_path: Path
    client: httpx.Client = field(repr=False)

    def synthesize(self, text: str, *, timeout_s: float = 10, **fields: Any) -> httpx.Response:
        """POST /synthesize; headers go in as `headers={...}`."""
        headers = fields.pop("headers", None)
        body = {"text": text, **fields}
        return self.client.post("/synthesize", json=body, headers=headers, timeout=timeout_s)

    def metric(self, name: str, **labels: str) -> float:
        """Read one sample of /metrics; 0 where there is none yet."""
        want = "{" + ",".join(f'{k}="{v}"' for k, v in sorted(labels.items())) + "}"
        for line in self.client.get("/metrics").text.splitlines():
            if line.startswith(f"{name}{want} " if labels else f"{name} "):
                return float(line.rsplit(" ", 1)[1])
        return 0.0

    def wait_for_metric(self, name: str, value: float, **labels: str) -> None:
        """Wait until the sample has `value`."""
        until = time.monotonic() + 5
        while (now := self.metric(name, **labels)) != value:
            assert time.monotonic() < until, f"{name}{labels} is {now}, not {value}"
            time.sleep(0.02)

    def wait_until_alive(self) -> None:
        """Wait until it answers at all."""
        self._wait_until_ok("/health/live")

    def wait_until_ready(self) -> None:
        """Wait until /health/ready says 200."""
        self._wait_until_ok("/health/ready")

    def _wait_until_ok(self, path: str) -> None:
        until = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < until:
            assert self.process.poll() is None, self.log_path.read_text()
            try:
                if self.client.get(path).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise TimeoutError(self.log_path.read_text())

    def log_lines(self) -> list[dict[str, Any]]:
        """Return what it has written to standard output so far."""
        return [json.loads(line) for line in self.log_path.read_text().splitlines()]

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.process.send_signal(signal.SIGTERM)


@contextmanager
def running_host(
    tmp_path: Path,
    environment: Mapping[str, str] | None = None,
    *,
    module: str = "model_host",
    ready: bool = True,
) -> Iterator[RunningHost]:
    """Run `python -m module` on a free port until the block is left.

    Args:
        tmp_path: where its standard output goes.
        environment: settings beyond the tests' own.
        module: what to run; a test host takes the same settings.
        ready: wait until it is ready.
    """
    port = free_port()
    log_path = tmp_path / f"host-{port}.log"
    env = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "DRAIN_DELAY_S": "0"}
    env |= {"XTTS_MODEL_DIR": str(tmp_path / "no-model"), **(environment or {})}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module], cwd=ROOT, env=env, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=url, timeout=10) as client:
        host = RunningHost(url, process, log_path, client)
        try:
            if ready:
                host.wait_until_ready()
            yield host
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
