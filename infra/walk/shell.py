"""A reader's terminal: variables, functions and the folder last from one command to the next."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local.processes import end_group

# What a command leaves behind is written down at its end, also when it fails, for the next one.
_SCRIPT = """
set -o allexport -o pipefail
[ ! -e "$WALK_STATE" ] || . "$WALK_STATE"
trap '{ export -p; declare -f; printf "cd %q\\n" "$PWD"; } > "$WALK_STATE"' EXIT
. "$WALK_COMMAND"
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended; `output` is what it wrote to both its streams."""

    code: int
    output: str


class Shell:
    """Runs commands one by one in bash.

    Args:
        folder: where the first command begins.
        scratch: keeps the state between commands; made by the caller.
        environment: all that the first command sees.
    """

    def __init__(self, folder: Path, scratch: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._state = scratch / "state.sh"
        self._command = scratch / "command.sh"
        self._environment = dict(environment)

    def run(self, command: str, timeout_s: float = 600) -> Outcome:
        """Run a command to its end; one that takes longer is ended, with all that it started.

        Returns:
            How it ended; code 124 if it took longer.
        """
        self._command.write_text(f"{command}\n")
        environment = {
            **self._environment,
            "WALK_STATE": str(self._state),
            "WALK_COMMAND": str(self._command),
        }
        with subprocess.Popen(  # noqa: S603 - running what a page says is what this is for
            ["bash", "-c", _SCRIPT],  # noqa: S607 - wherever it is
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as bash:
            try:
                output, _ = bash.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                return Outcome(124, f"not done after {timeout_s:.0f} s")
            finally:
                if bash.returncode is None:  # too long, or a Ctrl-C, which reaches only us
                    end_group(bash.pid)
        return Outcome(bash.returncode, output)


def inherited(path_first: tuple[Path, ...]) -> dict[str, str]:
    """The little of this process's environment that a fresh terminal has, with tools put first."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TERM") if name in os.environ}
    path = os.pathsep.join([*map(str, path_first), os.environ["PATH"]])
    return {**kept, "PATH": path}
