"""Runs in the built api function, with its packaged dependencies only: times the real handler.

Arguments: the mode (`hits` or `misses`), how many calls, and an API Gateway event as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from benchmarks.cache.timing import hand_back, time_asking


class Context:
    """What Lambda's context tells a handler."""

    function_name = "api"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:sa-east-1:123456789012:function:api"
    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        """Plenty."""
        return 29_000


def main(mode: str, count: int, event: dict[str, Any]) -> None:
    """Import the handler (timed), then time `count` calls."""
    begun = time.perf_counter()
    from api import app  # noqa: PLC0415 (its import is what is timed)

    import_s = time.perf_counter() - begun

    handler: Any = app.handler

    def ask(text: str) -> None:
        asked = {**event, "body": json.dumps({"text": text, "format": "wav"})}
        answer = handler(asked, Context())
        if answer["statusCode"] != 200:
            raise SystemExit(f"unexpected answer: {answer}")

    hand_back({"import_s": import_s, **time_asking(mode, count, ask)})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3]))
