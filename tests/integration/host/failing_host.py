"""A host whose engine fails with an error that quotes what it was to say.

Run as `python -m tests.integration.host.failing_host`. Everything but the engine is the real thing.
"""

from __future__ import annotations

from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.engines.base import Samples
from model_host.lifecycle import Host
from model_host.observability.logs import configure_logging
from model_host.server import serve
from model_host.settings import Settings
from tests.unit.model_host.fallible_engine import ScriptedEngine
from tests.unit.model_host.signals import RATE_HZ, speech

WARM_UP_WORDS = "senha"


def say(text: str) -> Samples:
    if text.startswith(WARM_UP_WORDS):
        return speech(text)
    spoken = text.title()
    message = f"cannot say {spoken}"
    raise LookupError(message)


def main() -> None:
    assert RATE_HZ == SAMPLE_RATE_HZ
    settings = Settings()
    configure_logging(settings.log_level)
    serve(Host(settings, ScriptedEngine([say])))


if __name__ == "__main__":
    main()
