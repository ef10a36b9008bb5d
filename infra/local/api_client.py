"""The public API as a script calls it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from infra.local.settings import LocalRunError
from infra.local.stack_file import StackFile


class ApiClient:
    """Asks for speech and fetches it."""

    def __init__(self, note: StackFile) -> None:
        # MiniStack tells APIs apart by Host; scripts reach it by address because not every
        # resolver knows *.localhost.
        self._api = httpx.Client(
            base_url=note.api_url,
            headers={
                "Host": note.api_host_header,
                "Authorization": f"Bearer {note.api_key}",
            },
            timeout=35,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._api.close()

    def speak(self, body: Mapping[str, Any], patience_s: float = 60.0) -> dict[str, Any]:
        """Ask until the speech is ready.

        Args:
            body: `POST /v1/speech`'s JSON.
            patience_s: how long to go on asking while it is being rendered.

        Returns:
            The `ready` answer: `id, url, duration_s, cached, …`.

        Raises:
            LocalRunError: the API refused, failed, or took longer than `patience_s`.
        """
        answer = self._send("POST", "/v1/speech", body)
        deadline = time.monotonic() + patience_s
        while answer["status"] == "rendering" and time.monotonic() < deadline:
            time.sleep(float(answer["retry_after_s"]))
            answer = self._send("GET", f"/v1/speech/{answer['id']}")
        if answer["status"] != "ready":
            raise LocalRunError(f"The API did not speak it: {answer}")
        return answer

    def download(self, answer: Mapping[str, Any]) -> bytes:
        """The audio of a `ready` answer."""
        return httpx.get(str(answer["url"]), timeout=30).raise_for_status().content

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            response = self._api.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise LocalRunError(
                f"The API does not answer ({error}). Is `make up` running?"
            ) from error
        if response.is_error:
            raise LocalRunError(f"{method} {path}: {response.status_code} {response.text}")
        answer: dict[str, Any] = response.json()
        return answer
