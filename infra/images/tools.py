"""The programs that build and run images, and what is said where they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_TOOLS = ("buildah", "runc", "debootstrap")


class ImageError(Exception):
    """An image cannot be built, or does not do what it should; the message says what."""


def require_tools() -> None:
    """Check that this can work here at all.

    Raises:
        ImageError: not root, or a program is missing.
    """
    if os.geteuid() != 0:
        raise ImageError("Images are built in a chroot here: run this as root.")
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        raise ImageError(f"{', '.join(missing)} not found: apt-get install {' '.join(missing)}")


def run(argv: Sequence[str], *, log: Path | None = None) -> str:
    """Run a program and return what it wrote to standard output.

    Args:
        argv: the program and its arguments.
        log: gets all that it writes, instead.

    Raises:
        ImageError: it failed; names the program and the end of what it said.
    """
    if log is None:
        done = subprocess.run(argv, check=False, capture_output=True, text=True)  # noqa: S603
        told = done.stderr
    else:
        with log.open("wb") as output:
            done = subprocess.run(  # noqa: S603 - fixed programs, our own arguments
                argv, check=False, stdout=output, stderr=subprocess.STDOUT, text=True
            )
        told = log.read_text(encoding="utf-8", errors="replace")
    if done.returncode != 0:
        raise ImageError(f"{argv[0]} ended with {done.returncode}:\n{told[-3000:]}")
    return done.stdout or ""


def tell(line: str) -> None:
    """Say what is being done; it takes minutes."""
    sys.stderr.write(f"… {line}\n")
