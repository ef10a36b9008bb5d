"""JSON log lines that never carry what a request said."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PrivateJsonFormatter(JsonFormatter):
    """One JSON object a line; exceptions without their messages, which may quote a text."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            # uvicorn repeats its messages in colour for terminals.
            reserved_attrs=[*RESERVED_ATTRS, "color_message"],
            datefmt="%Y-%m-%dT%H:%M:%S%z",
        )

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - logging's own name
        """Write the types along the chain of causes and where each was raised."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            lines += [f"{type(error).__module__}.{type(error).__qualname__}\n"]
            lines += traceback.format_tb(error.__traceback__)
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip("\n")


def configure_logging(level: str) -> None:
    """Send every logger, uvicorn's included, to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(PrivateJsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # DEBUG is for our own lines: libraries would write whole messages there.
    for library in ("asyncio", "uvicorn"):
        logging.getLogger(library).setLevel(max(logging.INFO, logging.getLevelName(level)))
    # Only exporters use it: while a collector is down it would write several lines a request.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
