"""`python -m benchmarks.drain`: from SIGTERM to the end of a host that speaks to eight at once.

Fails when a stream is not whole, or the end comes later than the grace period that
docs/containers.md reckons.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks.engine.machine import describe_machine
from benchmarks.engine.workers import ROOT
from infra.local.processes import free_port
from model_host.settings import Settings

STREAMS = 8
ROUNDS = 3
TEXT = "Atenção, Maria da Silva, favor comparecer ao consultório três no segundo andar."
_RESULT = ROOT / "benchmarks" / "results" / "drain.json"
_STANDIN = ROOT / ".run" / "standin"
_START_TIMEOUT_S = 120.0
_PHASE_TIMEOUT_S = 120.0
_PATIENT = {"CTV-Timeout": "90"}  # what ends a stream here is the drain alone
_TO_STOP_S = 5
"""What the end may take beside the delay and the grace; see model_host/server.py."""


def main() -> int:
    """Measure, write the result; 1 when a promise was not kept."""
    if not (_STANDIN / "pack" / "pack.json").is_file():
        sys.stderr.write("There is no stand-in pack: make standin-pack\n")
        return 1
    machine = describe_machine()
    rounds = [_round() for _ in range(ROUNDS)]
    settings = Settings()
    delay_s, grace_s = settings.drain_delay_s, settings.drain_grace_s
    grace_period_s = delay_s + grace_s + _TO_STOP_S
    result = {
        "command": "make bench-drain",
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine,
        "streams": STREAMS,
        "drain_delay_s": delay_s,
        "drain_grace_s": grace_s,
        "termination_grace_period_s": grace_period_s,
        "whole": min(each["whole"] for each in rounds),
        "unready_s": _median(rounds, "unready_s"),
        "refused_s": _median(rounds, "refused_s"),
        "last_stream_s": _median(rounds, "last_stream_s"),
        "exit_s": _median(rounds, "exit_s"),
        "raw": rounds,
    }
    _RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({key: value for key, value in result.items() if key != "raw"}, indent=1))
    kept = all(
        each["whole"] == STREAMS
        and each["late_status"] == httpx.codes.OK
        and each["exit_code"] == 0
        and each["exit_s"] < grace_period_s
        for each in rounds
    )
    return 0 if kept else 1


def _round() -> dict[str, Any]:
    """One host's end; all seconds are since SIGTERM."""
    with TemporaryDirectory() as scratch, _host(Path(scratch)) as (process, url):
        with ThreadPoolExecutor(STREAMS + 1) as pool:
            streams = [pool.submit(_listen, url) for _ in range(STREAMS)]
            _until(lambda: _running(url) == STREAMS, time.monotonic())
            process.terminate()
            sent_at = time.monotonic()
            unready_s = _until(lambda: _status(url) == httpx.codes.SERVICE_UNAVAILABLE, sent_at)
            late = pool.submit(_speak, url)
            refused_s = _until(lambda: _status(url) is None, sent_at)
            exit_code = process.wait(_START_TIMEOUT_S)
            exit_s = time.monotonic() - sent_at
            wait(streams)
        ended = [_ended(stream) for stream in streams]
        if None in ended:
            raise RuntimeError(f"{ended.count(None)} streams are not whole after {exit_s:.1f} s")
        return {
            "whole": len(ended),
            "late_status": late.result(),
            "unready_s": unready_s,
            "refused_s": refused_s,
            "last_stream_s": max(each[0] - sent_at for each in ended if each),
            "exit_s": exit_s,
            "exit_code": exit_code,
            "heard_bytes": [each[1] for each in ended if each],
        }


def _listen(url: str) -> tuple[float, int]:
    """Hear one stream; when it ended, and its bytes.

    Raises:
        httpx.HTTPError: it is not whole.
    """
    body = {"text": TEXT, "stream": True, "format": "pcm"}
    answer = httpx.post(f"{url}/synthesize", json=body, headers=_PATIENT, timeout=90)
    answer.raise_for_status()
    return time.monotonic(), len(answer.content)


def _ended(stream: Future[tuple[float, int]]) -> tuple[float, int] | None:
    with suppress(httpx.HTTPError):
        return stream.result()
    return None


def _speak(url: str) -> int:
    body = {"text": "Senha doze."}
    return httpx.post(f"{url}/synthesize", json=body, headers=_PATIENT, timeout=90).status_code


def _running(url: str) -> int:
    lines = httpx.get(f"{url}/metrics").text.splitlines()
    return next(
        int(float(line.split()[1])) for line in lines if line.startswith("ctv_host_running ")
    )


def _status(url: str) -> int | None:
    """What /health/ready says; None where nobody listens."""
    try:
        return httpx.get(f"{url}/health/ready", timeout=5).status_code
    except httpx.TransportError:  # refused, or reset: still unaccepted when the listener closed
        return None


def _until(condition: Callable[[], bool], since: float) -> float:
    """Seconds since a moment at which something holds.

    Raises:
        RuntimeError: it does not, long after the grace period.
    """
    end = time.monotonic() + _PHASE_TIMEOUT_S
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"the host is not as it should be after {_PHASE_TIMEOUT_S:.0f} s")
        time.sleep(0.02)
    return time.monotonic() - since


def _median(rounds: list[dict[str, Any]], key: str) -> float:
    return float(statistics.median(each[key] for each in rounds))


@contextmanager
def _host(scratch: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A host that is ready, and its URL."""
    port = free_port()
    environment = {
        **os.environ,
        "ENGINE": "xtts",
        "XTTS_MODEL_DIR": str(_STANDIN / "pack"),
        "REFERENCE_AUDIO": str(_STANDIN / "reference_voice.wav"),
        "TEMP_DIR": str(scratch),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SPEECH_CHECKS": "basic",  # random weights cannot speak
    }
    url = f"http://127.0.0.1:{port}"
    with (scratch / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "model_host"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            until = time.monotonic() + _START_TIMEOUT_S
            while _status(url) != httpx.codes.OK:
                if time.monotonic() > until or process.poll() is not None:
                    raise RuntimeError((scratch / "log").read_text()[-2000:])
                time.sleep(0.1)
            yield process, url
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
