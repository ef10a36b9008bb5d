"""`make demo`: the main job on real input, as its user sees it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import wave

import pytest

from infra.local.settings import ROOT
from infra.local.stack import LocalStack


def demo(stack: LocalStack) -> str:
    stack.describe({}).write(stack.settings.stack_file)
    done = subprocess.run(
        [sys.executable, "-m", "infra.local", "demo"],
        cwd=ROOT,
        env={**os.environ, "RUN_DIR": str(stack.settings.run_dir)},
        text=True,
        capture_output=True,
        timeout=80,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.usefixtures("api")
def test_two_hundred_calls_are_spoken_once_and_every_row_is_accounted_for(
    stack: LocalStack,
) -> None:
    # When the demo runs twice
    first, second = demo(stack), demo(stack)
    # Then the first speaks what can be spoken and says what cannot, line by line
    assert "200 rows = 190 rendered + 0 already in the cache + 10 rejected + 0 failed" in first
    assert len(re.findall(r"^  line +\d+  \w+: .+", first, re.MULTILINE)) == 10
    assert re.search(r"hits +190 +p50 +[\d.]+ ms +p95 +[\d.]+ ms", first)
    # And the second speaks nothing
    assert "200 rows = 0 rendered + 190 already in the cache + 10 rejected + 0 failed" in second
    # And there is something to hear and to look at
    with wave.open(str(ROOT / "out" / "call-1.wav")) as clip:
        assert clip.getframerate() == 24_000
        assert clip.getnframes() > 24_000
    assert (ROOT / "out" / "call-1.png").stat().st_size > 10_000
