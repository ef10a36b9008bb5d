"""One call of the real API handler in a process of its own, as Lambda would make it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from tests.integration.host.running_host import ROOT


@dataclass(frozen=True)
class ApiCall:
    """What became of a call."""

    status: int
    log: str

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines()]


def call_api(body: dict[str, Any], **environment: str) -> ApiCall:
    """POST /v1/speech to the handler in a fresh process.

    Args:
        body: the request.
        environment: the functions' settings, and what Lambda's runtime sets.
    """
    ran = subprocess.run(
        [sys.executable, "-m", "tests.integration.host.api_process", json.dumps(body)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'functions'}", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    log, _, status = ran.stdout.rstrip().rpartition("\n")
    return ApiCall(int(status), log)
