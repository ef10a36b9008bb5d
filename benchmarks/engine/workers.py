"""A side of the comparison in a process of its own, so that its memory is its own.

A worker reads commands, one line of JSON each, and answers each with one line of its own; whatever
else its libraries print is passed over.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]

_MARK = "ANSWER "


class WorkerError(Exception):
    """A worker ended, or answered with a failure."""


class Worker:
    """The caller's end of a worker; a context manager."""

    def __init__(self, python: Path, module: str, *arguments: str | Path) -> None:
        """Start `python -m module arguments`; `ask` waits until it has loaded."""
        self._name = module
        self._process = subprocess.Popen(
            [str(python), "-m", module, *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, command: str, **fields: object) -> Any:  # noqa: ANN401 - whatever was measured
        """Have a command done.

        Raises:
            WorkerError: it was not.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise WorkerError("a worker without pipes")
        self._process.stdin.write(json.dumps({"command": command, **fields}) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith(_MARK):
                return json.loads(line.removeprefix(_MARK))
        raise WorkerError(f"{self._name} ended while asked to {command}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close its input, which ends it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


def serve(commands: Mapping[str, Callable[..., object]]) -> None:
    """Answer commands until the input ends; a failure ends the worker with its traceback."""
    for line in sys.stdin:
        asked = json.loads(line)
        answer = commands[asked.pop("command")](**asked)
        sys.stdout.write(f"\n{_MARK}{json.dumps(answer)}\n")
        sys.stdout.flush()
