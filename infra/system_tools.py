"""Tools that are no Python packages. `python -m infra.system_tools promtool` makes sure of one.

A tool is taken from the PATH, else from `.run/tools`, where Debian's package is unpacked. It is
not installed: a package's scripts would start services (a whole Prometheus, for promtool).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.settings import ROOT

TOOLS_DIRECTORY = ROOT / ".run" / "tools"


@dataclass(frozen=True)
class Tool:
    """How a tool is known, where Debian has it, and from which version on it will do."""

    name: str
    debian_package: str
    version_arguments: tuple[str, ...]
    version_pattern: str
    at_least: tuple[int, int]
    homepage: str


TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "promtool",
            "prometheus",
            ("--version",),
            r"promtool, version (\d+)\.(\d+)",
            (2, 42),
            "https://prometheus.io/download/",
        ),
        # By the Kustomize inside: from 5 on it has `labels`, `components` and replacements alike.
        Tool(
            "kubectl",
            "kubernetes-client",
            ("version", "--client"),
            r"Kustomize Version: v(\d+)\.(\d+)",
            (5, 0),
            "https://kubernetes.io/docs/tasks/tools/",
        ),
    )
}


class ToolMissingError(Exception):
    """A tool is neither here nor to be had; the message says what to do."""


def find(name: str, tools_directory: Path = TOOLS_DIRECTORY) -> Path:
    """Where a tool of `TOOLS` is on this machine.

    Raises:
        ToolMissingError: it is not here, or too old.
    """
    tool = TOOLS[name]
    for place in (shutil.which(name), shutil.which(name, path=str(tools_directory / "usr/bin"))):
        if place and _version(tool, place) >= tool.at_least:
            return Path(place)
    wanted = ".".join(map(str, tool.at_least))
    raise ToolMissingError(
        f"{name} is not here in version {wanted} or newer (kubectl by its Kustomize): install it "
        f"from {tool.homepage} and put it on the PATH, or into {tools_directory / 'usr/bin'}."
    )


def _version(tool: Tool, path: str) -> tuple[int, ...]:
    """Major and minor version; empty, so older than any, for what cannot tell."""
    try:
        told = subprocess.run(  # noqa: S603 - a fixed command, found on the PATH
            [path, *tool.version_arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
        ).stdout
    except OSError:
        return ()
    match = re.search(tool.version_pattern, told)
    return tuple(map(int, match.groups())) if match else ()


def _run(argv: Sequence[str], folder: Path) -> int:
    return subprocess.call(argv, cwd=folder, stdout=sys.stderr)  # noqa: S603 - fixed commands


def unpack(
    name: str,
    tools_directory: Path = TOOLS_DIRECTORY,
    run: Callable[[Sequence[str], Path], int] = _run,
) -> None:
    """Try to unpack the tool's Debian package into `tools_directory`; nothing is installed."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return
    # As root apt would fetch as a user of its own, who may not write here, and complain of it.
    as_caller = ["--option", "APT::Sandbox::User=root"]
    download = ["apt-get", "download", "--quiet", *as_caller, TOOLS[name].debian_package]
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if run(download, folder) != 0:
            if as_root and not shutil.which(as_root[0]):
                return
            run([*as_root, "apt-get", "update", "--quiet"], folder)
            run(download, folder)
        for package in folder.glob("*.deb"):
            tools_directory.mkdir(parents=True, exist_ok=True)
            run(["dpkg-deb", "--extract", str(package), str(tools_directory)], folder)


def provide(name: str) -> Path:
    """Find a tool, else unpack Debian's package and look again.

    Raises:
        ToolMissingError: neither helped.
    """
    try:
        return find(name)
    except ToolMissingError:
        sys.stderr.write(f"… fetching {name}\n")
        unpack(name)
        return find(name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Provide each tool named; say what to do about those that are not to be had."""
    parser = argparse.ArgumentParser(prog="python -m infra.system_tools", description=__doc__)
    parser.add_argument("tools", nargs="+", choices=sorted(TOOLS))
    missing = False
    for name in parser.parse_args(arguments).tools:
        try:
            sys.stderr.write(f"{name}: {provide(name)}\n")
        except ToolMissingError as error:
            missing = True
            sys.stderr.write(f"{error}\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
