"""A host whose engine speaks a tone at a chosen pace.

Run as `python -m tests.integration.host.paced_host`. Everything but the engine is the real thing.
Environment beyond the settings: PACE_S (seconds a chunk), CHUNKS (of 0.1 s each), LOADING_S,
LOAD_ERROR, AT_ONCE (requests spoken at the same time), LIVE_RESERVE (of these, not for bulk),
DEAF (set: the engine does not stop when it is cancelled).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from threading import Event

from model_host.engines.base import AudioChunk, EngineUnavailableError, Utterance
from model_host.lifecycle import Host
from model_host.observability.logs import configure_logging
from model_host.server import serve
from model_host.settings import Settings
from tests.unit.model_host.fake_engine import FakeEngine


class DeafEngine(FakeEngine):
    """Hears nothing of cancellation, like native code that has hung."""

    def synthesize(
        self,
        utterance: Utterance,
        cancelled: Event,  # noqa: ARG002
    ) -> Iterator[AudioChunk]:
        return super().synthesize(utterance, Event())


def main() -> None:
    settings = Settings()
    configure_logging(settings.log_level)
    error = os.environ.get("LOAD_ERROR")
    kind = DeafEngine if os.environ.get("DEAF") else FakeEngine
    engine = kind(
        chunks=int(os.environ.get("CHUNKS", "4")),
        pace_s=float(os.environ.get("PACE_S", "0")),
        unpaced=1,
        max_concurrency=int(os.environ.get("AT_ONCE", "1")),
        live_reserve=int(os.environ.get("LIVE_RESERVE", "0")),
        loading_s=float(os.environ.get("LOADING_S", "0")),
        load_error=EngineUnavailableError(error) if error else None,
    )
    serve(Host(settings, engine))


if __name__ == "__main__":
    main()
