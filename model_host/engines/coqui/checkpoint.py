"""The files an XTTS-v2 checkpoint and a reference voice consist of, checked before any is loaded.

A checkpoint directory is what Coqui publishes: `config.json`, `model.pth`, `vocab.json` and, if
present, `speakers_xtts.pth`. It is only ever read: it may stand on a read-only volume.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from model_host.engines.base import EngineUnavailableError


@dataclass(frozen=True, slots=True)
class CheckpointFiles:
    """Where the parts of one XTTS-v2 checkpoint stand."""

    config: Path
    weights: Path
    vocabulary: Path

    @classmethod
    def locate(cls, model_dir: Path) -> CheckpointFiles:
        """Find the files of a checkpoint directory.

        Args:
            model_dir: directory of `config.json`, `model.pth`, `vocab.json`.

        Raises:
            EngineUnavailableError: one is missing, or the checkpoint is not XTTS-v2.
        """
        files = cls(model_dir / "config.json", model_dir / "model.pth", model_dir / "vocab.json")
        required = (files.config, files.weights, files.vocabulary)
        missing = [path.name for path in required if not path.is_file()]
        if missing:
            message = (
                f"the XTTS-v2 checkpoint in {model_dir} lacks {', '.join(missing)}; "
                "provide config.json, model.pth and vocab.json as Coqui publishes them"
            )
            raise EngineUnavailableError(message)
        files._require_version_2()
        return files

    def _require_version_2(self) -> None:
        """Refuse XTTS v1, which shares the file names and the `"model": "xtts"` of its config."""
        try:
            config = json.loads(self.config.read_text(encoding="utf-8"))
            model, arguments = config.get("model"), config.get("model_args", {})
            perceiver = arguments.get("gpt_use_perceiver_resampler", False)
        except (ValueError, AttributeError) as error:
            message = f"{self.config} is not an XTTS configuration: {error}"
            raise EngineUnavailableError(message) from error
        if model != "xtts":
            message = f"{self.config} is of the model {model!r}; ENGINE=coqui speaks XTTS-v2 (xtts)"
            raise EngineUnavailableError(message)
        if not perceiver:
            raise EngineUnavailableError(version_1_message(self.config))


def version_1_message(path: Path) -> str:
    """What to tell whoever provides an XTTS v1 checkpoint; `path` is the file that gave it away."""
    return (
        f"{path} is of XTTS v1 (no perceiver resampler); "
        "provide tts_models/multilingual/multi-dataset/xtts_v2"
    )


def short_sha256(path: Path) -> str:
    """First 16 hex digits of a file's SHA-256, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16]
