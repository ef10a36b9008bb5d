"""The first moments of `python -m model_host`, before the server has handlers of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
SLOW_IMPORT = """
import pathlib, time
pathlib.Path(__file__).with_name("importing").touch()
time.sleep(60)
"""


def test_given_imports_that_take_long_when_sigterm_comes_then_it_ends_at_once_and_in_order(
    tmp_path: Path,
) -> None:
    # Given a process that is still importing what it is made of
    (tmp_path / "uvicorn.py").write_text(SLOW_IMPORT)
    process = subprocess.Popen(
        [sys.executable, "-m", "model_host"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    try:
        until = time.monotonic() + 30
        while not (tmp_path / "importing").exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        # When it is told to stop
        process.send_signal(signal.SIGTERM)
        # Then a handler of its own ends it: a first process has no default one
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()
