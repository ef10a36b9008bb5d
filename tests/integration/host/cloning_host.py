"""A host whose engine learns voices without a model: names, files and checks are the real thing.

Run as `python -m tests.integration.host.cloning_host`. Environment beyond the settings: VOICES_DIR,
CLONING_FAULT ("engine": cloning fails).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from model_host.engines.base import EngineError, Voice
from model_host.engines.xtts.voice_library import VoiceLibrary
from model_host.engines.xtts.voices import VoiceStore
from model_host.lifecycle import Host
from model_host.observability.logs import configure_logging
from model_host.server import serve
from model_host.settings import Settings
from tests.unit.model_host.fake_engine import FakeEngine


class _Listener:
    """Stands where the model listens to recordings."""

    def latents(self, _recording: Path, _sha256: str | None = None) -> None:
        if os.environ.get("CLONING_FAULT") == "engine":
            raise EngineError("the listener failed")


@dataclass
class CloningEngine(FakeEngine):
    """`FakeEngine` with a library of voices."""

    library: VoiceLibrary = field(
        default_factory=lambda: VoiceLibrary(
            Path("reference.wav"),
            Path(os.environ["VOICES_DIR"]),
            cast("VoiceStore", _Listener()),
        )
    )

    @property
    def voices(self) -> tuple[Voice, ...]:
        return self.library.voices

    def add_voice(self, voice_id: str, recording: bytes) -> Voice:
        return self.library.add(voice_id, recording)

    def remove_voice(self, voice_id: str) -> None:
        self.library.remove(voice_id)


def main() -> None:
    settings = Settings()
    configure_logging(settings.log_level)
    serve(Host(settings, CloningEngine()))


if __name__ == "__main__":
    main()
