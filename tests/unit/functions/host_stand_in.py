"""A stand-in for the model host: the wire contract over real HTTP, with faults on demand."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from model_host.text.lexicon import Lexicon
from model_host.text.lexicon_document import (
    InvalidEntriesError,
    MalformedDocumentError,
    read_json,
    write_json,
)

FINGERPRINT = "0123456789abcdef"
OTHER_FINGERPRINT = "fedcba9876543210"
LEXICON_BYTES_MAX = 4 * 1024 * 1024
WRITTEN_FIELDS = ("text", "ticket", "name", "place")
AUDIO = b"RIFF" + bytes(range(256)) * 40
CONTENT_TYPES = {
    "wav": "audio/wav",
    "pcm": "audio/pcm;rate=24000",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
}


_ERRORS = {
    "busy": (503, {"Retry-After": "3"}),
    "failed": (500, {}),
    "deadline": (504, {}),
    "rejected": (422, {}),
}


@dataclass
class HostStandIn:
    """What the host will do next, and what it was asked.

    `faults` are used up one a synthesis: "busy", "failed", "deadline", "rejected", "hang-up" (the
    connection ends before an answer), "reset" (it breaks in mid-audio), "no-header" (a 200 that
    breaks the contract). `always` is the fault of every synthesis after them. With `up` false it
    hangs up on everybody. `lexicon` None is a host of before there was one; `other_lexicon` is what
    the pods that speak have, if it is another. `quality` is what it says of its audio, if anything.
    `keys` are those that it accepts; none lets everybody in.
    """

    url: str = ""
    fingerprint: str = FINGERPRINT
    info_fingerprint: str | None = None
    lexicon: Lexicon | None = None
    other_lexicon: Lexicon | None = None
    quality: str | None = None
    keys: set[str] = field(default_factory=set)
    delay_s: float = 0.0
    up: bool = True
    always: str | None = None
    faults: deque[str] = field(default_factory=deque)
    requests: list[dict[str, Any]] = field(default_factory=list)

    @property
    def spoken(self) -> list[str]:
        return [", ".join(written(request)) for request in self.requests]

    def info(self) -> dict[str, Any]:
        lexicon = {"lexicon": self.lexicon.etag} if self.lexicon else {}
        return lexicon | {
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


def written(request: dict[str, Any]) -> list[str]:
    """What a request says: its text, or the parts of its call."""
    return [request[name] for name in WRITTEN_FIELDS if name in request]


def first(request: dict[str, Any]) -> str:
    """The first field of a request that says something."""
    return next(name for name in WRITTEN_FIELDS if name in request)


class HostServer(ThreadingHTTPServer):
    """Serves one stand-in at a time."""

    daemon_threads = True

    def __init__(self, host: HostStandIn) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.take(host)

    def take(self, host: HostStandIn) -> None:
        """Serve another from now on, also those who are connected already."""
        host.url = f"http://127.0.0.1:{self.server_port}"
        self.host = host

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is part of the play."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HostServer

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        if not self.server.host.up:
            self.close_connection = True
        elif self.path == "/info":
            self._json(200, self.server.host.info())
        elif self.path == "/v1/lexicon" and (lexicon := self.server.host.lexicon):
            etag = f'"{lexicon.etag}"'
            if self.headers.get("If-None-Match") == etag:
                self.send_response(304)
                self.send_header("ETag", etag)
                self.end_headers()
            else:
                self._json(200, json.loads(write_json(lexicon)), {"ETag": etag})
        else:
            self._json(200, {"device": "cpu", "model_loaded": True, "status": "ok"})

    def do_PUT(self) -> None:
        """The lexicon's route, with the answers of the host's own."""
        host = self.server.host
        content = self.rfile.read(int(self.headers["Content-Length"]))
        wanted = self.headers.get("If-Match")
        if not host.up:
            self.close_connection = True
        elif host.lexicon is None:
            self._json(507, {"detail": "The lexicon cannot be written."})
        elif wanted is None:
            self._json(428, {"detail": "If-Match is needed."})
        elif wanted not in {"*", f'"{host.lexicon.etag}"'}:
            self._json(412, {"detail": "The lexicon has changed since it was read."})
        elif len(content) > LEXICON_BYTES_MAX:
            self._json(413, {"detail": "The body is too large."})
        else:
            self._replace_lexicon(content)

    def _replace_lexicon(self, content: bytes) -> None:
        try:
            lexicon = self.server.host.lexicon = read_json(content)
        except MalformedDocumentError:
            self._json(400, {"detail": "The lexicon cannot be read."})
        except InvalidEntriesError as error:
            errors = [
                {"field": one.where, "message": one.message, "input": content.decode()}
                for one in error.problems
            ]
            self._json(422, {"detail": "One or more entries are not allowed.", "errors": errors})
        else:
            self._json(200, {"entries": len(lexicon.entries), "etag": lexicon.etag})

    def do_POST(self) -> None:
        host = self.server.host
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not host.up:
            self.close_connection = True
            return
        host.requests.append(body | {"headers": dict(self.headers)})
        if host.keys and self.headers.get("Authorization", "")[len("Bearer ") :] not in host.keys:
            self._json(401, {"title": "Unauthorized"})
            return
        fault = host.faults.popleft() if host.faults else host.always
        time.sleep(host.delay_s)
        if fault == "hang-up":
            self.close_connection = True
        elif fault in _ERRORS:
            status, headers = _ERRORS[fault]
            error = {"field": first(body), "message": "nothing to say", "input": written(body)}
            self._json(status, {"title": fault, "errors": [error]}, headers)
        else:
            self._audio(body, fault)

    def _json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _audio(self, body: dict[str, Any], fault: str | None) -> None:
        host = self.server.host
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPES[body["format"]])
        self.send_header("Content-Length", str(len(AUDIO)))
        self.send_header("CTV-Engine", "xtts")
        self.send_header("CTV-Voice", "maria")
        self.send_header("CTV-Fingerprint", host.fingerprint)
        lexicon = host.other_lexicon or host.lexicon
        if lexicon and (digest := lexicon.digest(*written(body))):
            self.send_header("CTV-Lexicon", digest)
        if host.quality:
            self.send_header("CTV-Quality", host.quality)
        if fault != "no-header":
            self.send_header("CTV-Duration", "1.250")
        self.end_headers()
        if fault == "reset":
            self.wfile.write(AUDIO[:1000])
            self.close_connection = True
        else:
            self.wfile.write(AUDIO)


def serve(host: HostStandIn) -> HostServer:
    """Serve the stand-in on a free port."""
    server = HostServer(host)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server
