"""This machine's pip configuration, as the Dockerfile takes one: by build secrets."""

from __future__ import annotations

import ast
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from infra.images.tools import run

_PASSED_ON = ("index-url", "extra-index-url", "find-links", "trusted-host", "timeout")
_INDEXES = ("index-url", "extra-index-url")
_CA_IN_THE_BUILD = "/run/secrets/ca.pem"


@dataclass(frozen=True)
class PipConfiguration:
    """What pip is told in a build.

    Attributes:
        text: the file `pip.conf`.
        ca: certificates that pip trusts instead of its own; None: its own.
        folders: folders of this machine that `text` names.
    """

    text: str
    ca: Path | None
    folders: tuple[Path, ...]

    def build_arguments(self, directory: Path) -> list[str]:
        """Return buildah's arguments; the secret is written into `directory`."""
        secret = directory / "pip.conf"
        secret.write_text(self.text, encoding="utf-8")
        arguments = [f"--secret=id=pip.conf,src={secret}"]
        if self.ca is not None:
            arguments.append(f"--secret=id=ca.pem,src={self.ca}")
        return [*arguments, *(f"--volume={folder}:{folder}:ro" for folder in self.folders)]


def pip_configuration() -> PipConfiguration:
    """Ask pip what it is told here, by files and by the environment.

    Raises:
        ImageError: there is no pip.
    """
    return parse_pip_configuration(run([sys.executable, "-m", "pip", "config", "list"]))


def parse_pip_configuration(listing: str) -> PipConfiguration:
    """Read what `pip config list` prints: lines of `level.name='value'`.

    The environment's, `:env:.name`, come after files' in force, whatever the order of lines.
    """
    told: dict[str, str] = {}
    for line in sorted(listing.splitlines(), key=lambda line: line.startswith(":env:")):
        key, _, value = line.partition("=")
        told[key.rpartition(".")[2]] = str(ast.literal_eval(value))
    ca = told.get("cert")
    lines = ["[global]", *(f"{name} = {told[name]}" for name in _PASSED_ON if name in told)]
    if ca is not None:
        lines.append(f"cert = {_CA_IN_THE_BUILD}")
    # The pages of an index link to files beside it.
    indexes = [folder.parent for name in _INDEXES for folder in _folders(told.get(name, ""))]
    folders = tuple(dict.fromkeys([*indexes, *_folders(told.get("find-links", ""))]))
    return PipConfiguration("\n".join(lines) + "\n", Path(ca) if ca else None, folders)


def _folders(places: str) -> list[Path]:
    """Those of some addresses, divided by white space, that are on this machine."""
    split = [urlsplit(place) for place in shlex.split(places)]
    return [Path(place.path) for place in split if place.scheme in {"", "file"}]
