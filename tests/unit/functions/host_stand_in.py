"""A stand-in for the model host: the wire contract over real HTTP, with faults on demand."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FINGERPRINT = "0123456789abcdef"
OTHER_FINGERPRINT = "fedcba9876543210"
AUDIO = b"RIFF" + bytes(range(256)) * 40
CONTENT_TYPES = {
    "wav": "audio/wav",
    "pcm": "audio/pcm;rate=24000",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
}


@dataclass
class HostStandIn:
    """What the host will do next, and what it was asked.

    `faults` are used up one a synthesis: "busy", "reset", "rejected", "failed", "deadline",
    "slow", "incomplete", "no-header", "refuse" (answers nothing).
    """

    url: str = ""
    fingerprint: str = FINGERPRINT
    info_fingerprint: str | None = None
    delay_s: float = 0.0
    up: bool = True
    always: str | None = None
    faults: deque[str] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def spoken(self) -> list[str]:
        return [request["text"] for request in self.requests]

    def info(self) -> dict[str, Any]:
        return {
            "device": "cpu",
            "model": "tts_models/multilingual/multi-dataset/xtts_v2",
            "model_loaded": True,
            "reference_audio": "/app/voice_samples/reference_voice.wav",
            "temp_dir": "/app/cache_audio",
            "engine": "xtts",
            "fingerprint": self.info_fingerprint or self.fingerprint,
            "sample_rate_hz": 24000,
            "languages": ["pt", "pt-BR"],
            "voices": [
                {"id": "maria", "name": "Maria", "language": "pt-BR"},
                {"id": "joao", "name": "João", "language": "pt-BR"},
            ],
            "default_voice": "maria",
            "formats": list(CONTENT_TYPES),
            "version": "0.1.0",
            "limits": {"text_chars_max": 1000, "speed_min": 0.5, "speed_max": 2.0},
            "versions": {"xtts": "2.0.3"},
        }


def serve(host: HostStandIn) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def setup(self) -> None:
            super().setup()
            if not host.up:
                self.request.close()
                raise ConnectionResetError

        def _json(self, status: int, body: Any, **headers: str) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            problem = "application/problem+json"
            self.send_header("Content-Type", "application/json" if status == 200 else problem)
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            if not host.up:
                self.close_connection = True
                return
            if self.path == "/info":
                self._json(200, host.info())
            else:
                self._json(200, {"device": "cpu", "model_loaded": True, "status": "ok"})

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(length))
            if not host.up:
                self.close_connection = True
                return
            host.requests.append(body | {"headers": dict(self.headers)})
            fault = host.faults.popleft() if host.faults else host.always
            time.sleep(host.delay_s)
            if fault == "busy":
                self._json(503, {"title": "Busy"}, Retry_After="3")
            elif fault == "failed":
                self._json(500, {"title": "Engine failed"})
            elif fault == "deadline":
                self._json(504, {"title": "Too late"})
            elif fault == "rejected":
                error = {"field": "text", "message": "nothing to say", "input": body["text"]}
                self._json(422, {"title": "Invalid", "errors": [error]})
            elif fault == "reset":
                self._audio(body["format"], len(AUDIO), AUDIO[:1000])
                self.close_connection = True
            else:
                self._audio(body["format"], len(AUDIO), AUDIO, with_duration=fault != "no-header")

        def _audio(
            self, format_: str, length: int, content: bytes, *, with_duration: bool = True
        ) -> None:
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPES[format_])
            self.send_header("Content-Length", str(length))
            self.send_header("CTV-Engine", "xtts")
            self.send_header("CTV-Voice", "maria")
            self.send_header("CTV-Fingerprint", host.fingerprint)
            if with_duration:
                self.send_header("CTV-Duration", "1.250")
            self.end_headers()
            self.wfile.write(content)

    class QuietServer(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    server = QuietServer(("127.0.0.1", 0), Handler)
    host.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server
