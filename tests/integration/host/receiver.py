"""A small HTTP server on this machine that keeps what is sent to it: a collector, or Sentry."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

T = TypeVar("T")


@dataclass
class Receiver:
    """What has arrived: path and body of each request, the body as it was before compression."""

    port: int
    status: int = 200
    received: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_for(self, look: Callable[[list[tuple[str, bytes]]], T | None]) -> T:
        """What `look` finds in it, once it finds something."""
        until = time.monotonic() + 15
        while not (found := look(list(self.received))):
            assert time.monotonic() < until, [path for path, _ in self.received]
            time.sleep(0.05)
        return found


@contextmanager
def receiving(status: int = 200) -> Iterator[Receiver]:
    """Serve until the block is left, answering everything with `status` and an empty object."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            encoding = self.headers.get("Content-Encoding")
            if encoding == "gzip":
                body = gzip.decompress(body)
            elif encoding == "deflate":
                body = zlib.decompress(body)
            receiver.received.append((self.path, body))
            self.send_response(receiver.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_port, status)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
