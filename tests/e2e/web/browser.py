"""Which Chromium the tests drive. `python -m tests.e2e.web.browser` makes sure there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A tab behind another is throttled; here every page is somebody's whole screen.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ADVICE = """\
The pages' tests need Chromium, and it could be neither found nor installed here. Install it
(Debian, Ubuntu: apt-get install chromium) or say where one is: CHROMIUM=/path/to/chromium"""


def find() -> str | None:
    """The path of a Chromium on this machine; None if there is none.

    CHROMIUM, then what stands on the PATH, then what Playwright once installed.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if os.path.exists(path) else None  # noqa: PTH110 (a str is what Playwright takes)


def install(run: Callable[[Sequence[str]], int] = subprocess.call) -> None:
    """Try the distribution's package, then Playwright's own build."""
    apt = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if all(shutil.which(command) for command in ("apt-get", *as_root[:1])):
        run([*as_root, "apt-get", "update"])
        if run([*as_root, *apt]) == 0:
            return
    run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"])


def main() -> int:
    """Find a Chromium, else install one, else say what to do."""
    if not find():
        sys.stderr.write("… installing Chromium\n")
        install()
    path = find()
    if not path:
        sys.stderr.write(f"{_ADVICE}\n")
        return 1
    sys.stderr.write(f"Chromium: {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
