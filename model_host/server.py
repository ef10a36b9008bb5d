"""The uvicorn server around a host: drains on SIGTERM, ends when the engine cannot be loaded."""

from __future__ import annotations

import signal
import time
from types import FrameType

import uvicorn

from model_host.app import application
from model_host.lifecycle import Host


class HostServer(uvicorn.Server):
    """Serves one host until it is told to stop or its engine fails to load."""

    def __init__(self, host: Host) -> None:
        settings = host.settings
        super().__init__(
            uvicorn.Config(
                application(host),
                host=settings.host,
                port=settings.port,
                http="h11",
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,  # its lines hold whole URLs; the access middleware writes ours
                server_header=False,
                timeout_keep_alive=settings.keep_alive_s,
                timeout_graceful_shutdown=settings.drain_grace_s,
            )
        )
        self._speech_host = host
        self._close_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On the first SIGTERM call the host unready and go on for `drain_delay_s`."""
        self._speech_host.begin_drain()
        delay_s = self._speech_host.settings.drain_delay_s
        if sig == signal.SIGTERM and delay_s > 0 and self._close_at is None:
            self._close_at = time.monotonic() + delay_s
            return
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn every 0.1 s."""
        drained = self._close_at is not None and time.monotonic() >= self._close_at
        if drained or self._speech_host.failure is not None:
            self.should_exit = True
        return await super().on_tick(counter)


def serve(host: Host) -> None:
    """Serve `host`; returns when it has stopped.

    Raises:
        Exception: what kept the engine from loading.
    """
    HostServer(host).run()
    if host.failure is not None:
        raise host.failure
