"""The uvicorn server around a host: drains on SIGTERM, ends when the engine cannot be loaded.

From SIGTERM to the end of the process it takes at most `drain_delay_s` + `drain_grace_s` + 5 s:
1 s for what was cut off to be told so, 3 s for the engine to stop, the rest for the interpreter.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from types import FrameType

import uvicorn

from model_host.app import application
from model_host.lifecycle import Host, Phase

_LAST_WORDS_S = 1


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
                timeout_graceful_shutdown=settings.drain_grace_s + _LAST_WORDS_S,
            )
        )
        self._speech_host = host
        self._close_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On SIGTERM call the host unready and go on for `drain_delay_s`.

        A second SIGTERM skips that delay, as one does while the engine loads: nobody sends requests
        to a host that never was ready. SIGINT is uvicorn's: no delay, and a second one breaks off.
        """
        loading = self._speech_host.phase is Phase.LOADING
        self._speech_host.begin_drain()
        if sig != signal.SIGTERM:
            super().handle_exit(sig, frame)
            return
        at_once = loading or self._close_at is not None
        delay_s = 0.0 if at_once else self._speech_host.settings.drain_delay_s
        # Not through super(), which would raise the signal once more at the end: to have stopped
        # when told to is no failure, so the exit code is 0.
        self._close_at = time.monotonic() + delay_s

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn every 0.1 s."""
        drained = self._close_at is not None and time.monotonic() >= self._close_at
        if drained or self._speech_host.failure is not None:
            self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, let what was accepted finish, cut off what is left at the grace's end."""
        grace_s = self._speech_host.settings.drain_grace_s
        # Before uvicorn cancels its tasks: those can neither answer nor say in the log what ended.
        grace = asyncio.get_running_loop().call_later(grace_s, self._speech_host.cut_off)
        await super().shutdown(sockets)
        grace.cancel()


def serve(host: Host) -> None:
    """Serve `host`; returns when it has stopped.

    Raises:
        Exception: what kept the engine from loading.
    """
    HostServer(host).run()
    if host.failure is not None:
        raise host.failure
