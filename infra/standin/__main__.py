"""`python -m infra.standin {tiny,full} DIR`: a stand-in checkpoint and a recording beside it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Write `DIR/checkpoint` and `DIR/reference_voice.wav` unless they are there."""
    parser = argparse.ArgumentParser(prog="python -m infra.standin", description=__doc__)
    parser.add_argument("size", choices=("tiny", "full"))
    parser.add_argument("directory", type=Path)
    options = parser.parse_args(arguments)

    # Importing torch and TTS takes seconds; --help and mistakes should not.
    from infra.standin.checkpoint import (  # noqa: PLC0415
        write_full_checkpoint,
        write_tiny_checkpoint,
    )
    from infra.standin.reference_audio import write_reference_audio  # noqa: PLC0415

    write = write_full_checkpoint if options.size == "full" else write_tiny_checkpoint
    sys.stdout.write(f"… a stand-in checkpoint ({options.size}) in {options.directory}\n")
    write(options.directory / "checkpoint")
    recording = options.directory / "reference_voice.wav"
    if not recording.is_file():
        write_reference_audio(recording)
    return 0


if __name__ == "__main__":
    sys.exit(main())
