"""`python -m model_host.engines.xtts pack CHECKPOINT PACK`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from model_host.engines.base import EngineUnavailableError
from model_host.engines.xtts.pack import make_pack
from model_host.engines.xtts.pack_format import Precision

if TYPE_CHECKING:
    from argparse import _SubParsersAction

_MEGABYTE = 1e6


def register(subparsers: _SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser."""
    parser = subparsers.add_parser(
        "pack",
        help="turn a checkpoint into a pack",
        description="Turn an XTTS-v2 checkpoint into a pack; an interrupted run is gone on with.",
    )
    parser.add_argument(
        "checkpoint", type=Path, help="directory of config.json, model.pth and vocab.json"
    )
    parser.add_argument("pack", type=Path, help="directory to make")
    parser.add_argument(
        "--precision",
        choices=get_args(Precision),
        default="int8",
        help="of the decoder's matrices (default: %(default)s)",
    )
    parser.add_argument(
        "--reference", type=Path, metavar="WAV", help="pack this voice along: mono, more than 3 s"
    )
    parser.add_argument("--force", action="store_true", help="replace a pack that stands there")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make the pack; says on standard error what is being done.

    Raises:
        EngineUnavailableError: the message says what the operator must provide.
    """
    started_s = time.monotonic()

    def tell(message: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started_s:5.0f} s  {message}\n")

    try:
        pack = make_pack(
            options.checkpoint,
            options.pack,
            precision=options.precision,
            reference_audio=options.reference,
            force=options.force,
            progress=tell,
        )
    except OSError as error:
        message = f"the pack in {options.pack} cannot be written: {error.strerror or error}"
        raise EngineUnavailableError(message) from error
    size_bytes = sum(packed.bytes for packed in pack.manifest.files.values())
    tell(f"{pack.directory}: {size_bytes / _MEGABYTE:.0f} MB, fingerprint {pack.fingerprint}")
    return 0
