"""`python -m model_host.engines.xtts {pack,say,verify,bench}`.

`pack` and `verify` need torch and TTS; the others only what the server has.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from model_host.engines.base import EngineError, EngineUnavailableError
from model_host.engines.cloning_protocol import UnusableRecordingError

_INTERRUPTED = 130
"""What a shell reports of a command that Ctrl-C ended."""

_COMMANDS = {
    "pack": "turn a checkpoint into a pack",
    "say": "speak a text with a pack, into a WAV file",
    "verify": "compare a pack with its checkpoint, in figures and by ear",
    "bench": "measure a pack on this machine",
}
_MODULES = {"pack": "pack_command", "say": "say_command", "verify": "verify", "bench": "bench"}
"""Each has `register(subparsers)`, which adds a parser whose default `run` takes the options."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 on success, 1 where the operator must provide something."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        parser = _parser(arguments[0] if arguments else "")
        options = parser.parse_args(arguments)
        code: int = options.run(options)
    except (EngineUnavailableError, EngineError, UnusableRecordingError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _parser(command: str) -> argparse.ArgumentParser:
    """The parser; only the named command's module is imported, for some take seconds."""
    parser = argparse.ArgumentParser(
        prog="python -m model_host.engines.xtts", description="XTTS-v2: pack once, serve light."
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, summary in _COMMANDS.items():
        if name == command:
            module = importlib.import_module(f"model_host.engines.xtts.{_MODULES[name]}")
            module.register(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    return parser


if __name__ == "__main__":
    sys.exit(main())
