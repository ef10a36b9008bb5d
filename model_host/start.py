"""From the environment to a server that runs."""

from __future__ import annotations

import logging
import sys

from pydantic import ValidationError

from model_host.engines.base import EngineError, EngineUnavailableError
from model_host.engines.select import select_engine
from model_host.host_keys import HostKeysError
from model_host.lifecycle import Host
from model_host.observability.logs import configure_logging
from model_host.server import serve
from model_host.settings import Settings

_log = logging.getLogger("model_host")


def start() -> int:
    """Serve until told to stop; return the process's exit code.

    One line on standard error says why it cannot start.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()
        )
        sys.stderr.write(f"model_host: wrong settings: {wrong}\n")
        return 1
    configure_logging(settings.log_level)
    _log.info("starting", extra={"settings": settings.model_dump(mode="json")})
    try:
        serve(Host(settings, select_engine(settings)))
    except (EngineUnavailableError, EngineError, HostKeysError) as error:
        sys.stderr.write(f"model_host: cannot start: {error}\n")
        return 1
    return 0
