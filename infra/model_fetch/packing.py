"""Making packs of checkpoints, as `python -m model_host.engines.xtts pack` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from infra.model_fetch.errors import WrongSourceError
from model_host.engines.base import EngineUnavailableError
from model_host.engines.xtts.pack import make_pack, pack_key
from model_host.engines.xtts.pack_format import Pack

Progress = Callable[[str], None]
"""Told in a few words what is being done."""


class Packer(Protocol):
    """Makes packs."""

    def key(self, checkpoint_hashes: Mapping[str, str]) -> Mapping[str, str]:
        """What a pack depends on; packs of equal keys are interchangeable."""

    def make(self, checkpoint: Path, directory: Path, progress: Progress) -> Pack:
        """Make a pack; goes on with what an interrupted run left.

        Raises:
            WrongSourceError: the checkpoint is of no use.
        """


class TorchPacker:
    """The real one: torch, TTS, about 4 GB of memory and a minute."""

    def key(self, checkpoint_hashes: Mapping[str, str]) -> Mapping[str, str]:
        """See `Packer`."""
        return pack_key(checkpoint_hashes)

    def make(self, checkpoint: Path, directory: Path, progress: Progress) -> Pack:
        """See `Packer`."""
        try:
            return make_pack(checkpoint, directory, force=True, progress=progress)
        except EngineUnavailableError as error:
            raise WrongSourceError(f"the checkpoint cannot be packed: {error}") from error
