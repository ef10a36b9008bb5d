"""The serving process as its operator starts it: seconds until ready, and its peak memory."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks.engine.texts import SENTENCE
from benchmarks.engine.workers import ROOT
from model_host.engines.xtts.measuring import peak_rss_mb, rss_mb

CALLERS = 8
_START_TIMEOUT_S = 120.0


def measure_host(python: Path, pack: Path, recording: Path, starts: int) -> dict[str, Any]:
    """Start the host so many times (and once before, so that its files are in the page cache).

    The last one serves `CALLERS` requests at once before its peak memory is read.
    """
    with TemporaryDirectory() as scratch:
        log = Path(scratch) / "host.log"
        with _host(python, pack, recording, log):
            pass
        ready_s = []
        for _ in range(starts - 1):
            with _host(python, pack, recording, log) as (_, _, took_s):
                ready_s.append(took_s)
        with _host(python, pack, recording, log) as (process, url, took_s):
            ready_s.append(took_s)
            started_mb = rss_mb(process.pid)
            calls = _serve_all(url)
            return {
                "ready_s": ready_s,
                "page_cache": "warm",
                "callers": CALLERS,
                "calls_s": calls,
                "idle_rss_mb": started_mb,
                "rss_mb": rss_mb(process.pid),
                "peak_rss_mb": peak_rss_mb(process.pid),
            }


def _serve_all(url: str) -> list[float]:
    """Seconds of each of the requests."""
    with httpx.Client(base_url=url, timeout=120) as client, ThreadPoolExecutor(CALLERS) as pool:

        def call(number: int) -> float:
            begun = time.perf_counter()
            body = {"text": SENTENCE, "format": "wav", "seed": number}
            answer = client.post("/synthesize", json=body, headers={"CTV-Timeout": "100"})
            answer.raise_for_status()
            return time.perf_counter() - begun

        return list(pool.map(call, range(CALLERS)))


@contextmanager
def _host(
    python: Path, pack: Path, recording: Path, log_path: Path
) -> Iterator[tuple[subprocess.Popen[bytes], str, float]]:
    """A running host, its URL, and how long it took from its start to its readiness."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    environment = {
        **os.environ,
        "ENGINE": "xtts",
        "XTTS_MODEL_DIR": str(pack),
        "REFERENCE_AUDIO": str(recording),
        "TEMP_DIR": str(log_path.parent),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DRAIN_DELAY_S": "0",
        "SPEECH_CHECKS": "basic",  # random weights cannot speak
    }
    url = f"http://127.0.0.1:{port}"
    with log_path.open("wb") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [str(python), "-m", "model_host"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            _wait_until_ready(process, url, log_path)
            yield process, url, time.perf_counter() - begun
        finally:
            process.terminate()
            process.wait(60)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log_path: Path) -> None:
    until = time.monotonic() + _START_TIMEOUT_S
    with httpx.Client(base_url=url, timeout=5) as client:
        while time.monotonic() < until:
            if process.poll() is not None:
                raise RuntimeError(f"the host ended:\n{log_path.read_text()[-2000:]}")
            try:
                if client.get("/health/ready").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.01)
    raise TimeoutError(log_path.read_text()[-2000:])
