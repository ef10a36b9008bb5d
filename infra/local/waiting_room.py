"""A waiting room of the local stack: a panel, an operator at the desk, TVs, and people who wait.

Everything but the operator's key goes through the API's own doors, as a clinic's would.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from threading import Event
from typing import Any, Final
from uuid import uuid4

import boto3
import httpx

from access.scopes import OPERATOR
from infra.access.keys import create_key
from infra.local.settings import LocalRunError
from infra.local.stack_file import StackFile

CALL_EVERY_S: Final = 20.0
_WAITING_AHEAD: Final = 3
_SETTINGS: Final[dict[str, Any]] = {
    "title": "Recepção",
    "show": "name",
    "say": "name",
    "template": None,
    "voice": None,
    "repeats": 2,
    "chime": "two_tones",
    "volume": 1.0,
    "quiet_hours": None,
    "time_zone": "America/Fortaleza",
    "places": ["Consultório 1", "Consultório 2", "Consultório 3", "Triagem", "Guichê 1"],
    "history": 5,
    "pictures": ["media/calm-lake.webp", "media/calm-morning.webp", "media/calm-evening.webp"],
    "theme": "dark",
}
# Nobody's: common given names and surnames of Brazil, put together by chance.
_GIVEN: Final = (
    "Maria", "José", "Ana", "João", "Antônia", "Francisco", "Luísa", "Carlos", "Conceição",
    "Paulo", "Benedita", "Pedro", "Zuleide", "Raimundo", "Íris", "Wellington",
)  # fmt: skip
_FAMILY: Final = (
    "da Silva", "dos Santos", "Oliveira", "Souza", "Rodrigues", "Ferreira", "Alves", "Pereira",
    "Gonçalves", "Carvalho", "Araújo", "Ribeiro", "Nascimento", "Assunção", "de Sá", "Guimarães",
)  # fmt: skip


class WaitingRoom:
    """One panel, seen from the desk.

    Args:
        note: where the running stack is.
        panel: the panel's id.
    """

    def __init__(self, note: StackFile, panel: str = "recepcao") -> None:
        self.panel = panel
        self._pages_url = note.pages_url
        dynamodb = boto3.client("dynamodb")
        self.operator_token = create_key(
            dynamodb, note.outputs["StateTableName"], "Recepção", OPERATOR
        )
        self._desk = httpx.Client(
            base_url=note.pages_url,
            headers={"Authorization": f"Bearer {self.operator_token}"},
            timeout=35,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._desk.close()

    def open(self, **settings: object) -> None:
        """Make the panel, unless it is there.

        Args:
            settings: what differs from the settings of the demonstration.
        """
        self.ask(
            "PUT",
            "",
            {**_SETTINGS, **settings},
            {"If-None-Match": "*"},
            allowed=(httpx.codes.PRECONDITION_FAILED,),
        )

    def pair(self, label: str) -> str:
        """Pair a TV and return its token."""
        asked = self._desk.post("/v1/device/authorize").raise_for_status().json()
        self.ask("POST", "/devices", {"user_code": asked["user_code"], "label": label})
        answer = self._desk.post(
            "/v1/device/token", json={"device_code": asked["device_code"]}
        ).raise_for_status()
        return str(answer.json()["access_token"])

    def check_in(self, *entries: dict[str, str]) -> None:
        """Put people on the waiting list; what will be said of them is rendered ahead."""
        self.ask("POST", "/waiting", {"entries": list(entries)})

    def call_next(self) -> None:
        """Call whoever waits longest."""
        self.ask("POST", "/calls/next", {})

    def announce(self, **parts: str) -> str:
        """Call somebody, or say free words, and return the call's id.

        Args:
            parts: `ticket`, `name` and `place`, or `text`.
        """
        return str(self.ask("POST", "/calls", parts)["id"])

    def live(self, done: Event) -> None:
        """Call somebody every 20 s until `done`, as a quiet morning would go."""
        people = _people()
        self.check_in(*itertools.islice(people, _WAITING_AHEAD))
        while not done.wait(CALL_EVERY_S):
            try:
                self.call_next()
                self.check_in(next(people))
            except (httpx.HTTPError, LocalRunError) as error:
                print(f"The demonstration could not call: {type(error).__name__}", flush=True)

    @property
    def console_url(self) -> str:
        """The console, signed in."""
        return f"{self._pages_url}/console/#token={self.operator_token}"

    def panel_url(self, device_token: str) -> str:
        """The panel, paired."""
        return f"{self._pages_url}/panel/#panel={self.panel}&token={device_token}"

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        allowed: tuple[int, ...] = (),
    ) -> dict[str, Any]:
        """Ask the API as the operator.

        Args:
            method: of HTTP.
            path: what stands after the panel's own address, such as `/calls`.
            body: JSON.
            headers: beside the token and an idempotency key.
            allowed: error statuses that are no error here.

        Returns:
            The answer's JSON; empty without one.

        Raises:
            LocalRunError: any other error.
        """
        answer = self._desk.request(
            method,
            f"/v1/panels/{self.panel}{path}",
            json=body,
            headers={"Idempotency-Key": str(uuid4()), **(headers or {})},
        )
        if answer.is_error and answer.status_code not in allowed:
            asked = f"{method} {path or 'the panel'}"
            raise LocalRunError(f"{asked}: {answer.status_code} {answer.text}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


def _people() -> Iterator[dict[str, str]]:
    chance = random.Random(7)  # noqa: S311 (no secret: the same morning each time)
    for number in itertools.count(1):
        yield {
            "ticket": f"A{number:03d}",
            "name": f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}",
            "place": str(chance.choice(_SETTINGS["places"])),
        }
