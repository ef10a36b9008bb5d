"""Builds the Dockerfile's stages with buildah, and tells what came out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.images.pip_configuration import pip_configuration
from infra.images.tools import run
from infra.local.settings import ROOT

STORAGE = ROOT / ".run" / "images"
DEBIAN_PYTHON = "localhost/c-tv/debian-python:3.11"
"""Stands in for `python:3.11-slim` where no registry is reached: Debian's own packages."""

_DEBIAN_PACKAGES = "python3.11,python3.11-venv,python3-distutils,ca-certificates"


@dataclass(frozen=True)
class Image:
    """An image that was built.

    Attributes:
        name: its name in `STORAGE`.
        config: its configuration, as Docker writes it: `User`, `Env`, `Entrypoint`, …
    """

    name: str
    config: dict[str, Any]


def buildah(*arguments: str, log: Path | None = None) -> str:
    """Run buildah on our storage.

    Raises:
        ImageError: it failed.
    """
    storage = ["--root", str(STORAGE / "storage"), "--runroot", str(STORAGE / "run")]
    return run(["buildah", *storage, *arguments], log=log).strip()


def make_debian_python() -> None:
    """Make `DEBIAN_PYTHON` unless it is there.

    Raises:
        ImageError: Debian's packages cannot be had.
    """
    if buildah("images", "--quiet", "--filter", f"reference={DEBIAN_PYTHON}"):
        return
    container = buildah("from", "scratch")
    try:
        root = Path(buildah("mount", container))
        include = f"--include={_DEBIAN_PACKAGES}"
        bootstrap = ["debootstrap", "--variant=minbase", include, "bookworm", str(root)]
        run(bootstrap, log=STORAGE / "debootstrap.log")
        for name in ("python", "python3"):
            (root / "usr/local/bin" / name).symlink_to("/usr/bin/python3.11")
        # Debian's slim image has neither.
        for leftover in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc"):
            run(["find", str(root / leftover), "-type", "f", "-delete"])
        buildah("umount", container)
        buildah("commit", "--quiet", container, DEBIAN_PYTHON)
    finally:
        buildah("rm", container)


def build(stage: str, base: str, torch_index: str) -> Image:
    """Build a stage of the Dockerfile.

    Args:
        stage: its name there.
        base: what `PYTHON_IMAGE` is.
        torch_index: address of an index of CPU builds of torch; empty: pip knows one.

    Raises:
        ImageError: a step failed.
    """
    name = f"localhost/c-tv/{stage}"
    arguments = ["--build-arg", f"PYTHON_IMAGE={base}"]
    if stage == "pack":
        arguments += ["--build-arg", f"TORCH_INDEX={torch_index}"]
    with TemporaryDirectory() as secrets:
        arguments += pip_configuration().build_arguments(Path(secrets))
        # Docker's format, for OCI's has no HEALTHCHECK.
        buildah(
            *("bud", "--isolation=chroot", "--network=host", "--format=docker", "--layers"),
            *("--file", str(ROOT / "model_host/Dockerfile"), "--target", stage),
            *("--ignorefile", str(ROOT / ".dockerignore"), "--tag", name, *arguments, str(ROOT)),
            log=STORAGE / f"build-{stage}.log",
        )
    inspected = json.loads(buildah("inspect", "--type", "image", name))
    return Image(name, inspected["Docker"]["config"])


@contextmanager
def root_of(image: Image) -> Iterator[Path]:
    """The image's files as a folder, until the block is left."""
    container = buildah("from", "--pull-never", image.name)
    try:
        yield Path(buildah("mount", container))
    finally:
        buildah("rm", container)


def size_bytes(root: Path) -> int:
    """Bytes of all files, each counted once however many names it has."""
    sizes = {}
    for path in root.rglob("*"):
        status = path.lstat()
        sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())
