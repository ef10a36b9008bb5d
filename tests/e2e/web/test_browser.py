"""`make test-web` on a machine without a browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from infra.local.settings import ROOT


def test_without_a_chromium_it_is_said_what_to_install(tmp_path: Path) -> None:
    # Given a machine that has no Chromium and no means to install one
    ran = subprocess.run(
        [sys.executable, "-m", "tests.e2e.web.browser"],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # Then it fails and says what to do
    assert ran.returncode == 1
    assert "apt-get install chromium" in ran.stderr
    assert "CHROMIUM=" in ran.stderr
