"""Who did what at a panel, for half a year, without a patient's name."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from panels.idempotency import Once
from panels.moments import timestamp
from panels.table import Attributes, PanelTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

PAGE_ENTRIES: Final = 100
BEFORE: Final = r"^\d{13}-[0-9a-f]{8}$"

_LIFE_S: Final = 180 * 86_400
_PREFIX: Final = "audit#"


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts.

    Attributes:
        label: names the operator to people.
        token_id: names the key or the person; several may have one label. None: the stack itself.
        once: the request, if it may come again.
    """

    label: str
    token_id: str | None = None
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One action; `call` and `ticket` are None where it was about none."""

    at: str
    action: str
    call: str | None
    ticket: str | None
    operator: str


class Audit:
    """The record of a panel's actions."""

    def __init__(self, table: PanelTable, now: Callable[[], float] = time.time) -> None:
        self._table = table
        self._now = now

    def entry(
        self,
        panel: str,
        by: Author,
        action: str,
        *,
        call: str | None = None,
        ticket: str | None = None,
    ) -> TransactWriteItemTypeDef:
        """Note an action, in the transaction that takes it."""
        at_ms = int(self._now() * 1000)
        told = {"action": action, "operator": by.label}
        told |= {"token_id": by.token_id} if by.token_id else {}
        told |= {"call": call} if call else {}
        told |= {"ticket": ticket} if ticket else {}
        sk = f"{_PREFIX}{at_ms:013d}-{secrets.token_hex(4)}"
        return self._table.new(panel, sk, told, life_s=_LIFE_S)

    def read(self, panel: str, before: str | None) -> tuple[list[AuditEntry], str | None]:
        """At most 100 entries, newest first.

        Args:
            panel: whose.
            before: what the last answer said; None for the newest.

        Returns:
            The entries, and `before` of those that follow; None if there are none.
        """
        last = f"{_PREFIX}{before}" if before else f"{_PREFIX}~"
        found = self._table.items(panel, _PREFIX, last, newest_first=True)
        older = (item for item in found if item["sk"] != last)
        items = list(islice(older, PAGE_ENTRIES + 1))
        page = items[:PAGE_ENTRIES]
        following = str(page[-1]["sk"]).removeprefix(_PREFIX) if len(items) > len(page) else None
        return [_entry(item) for item in page], following


def _entry(item: Attributes) -> AuditEntry:
    at_ms = int(str(item["sk"]).removeprefix(_PREFIX).partition("-")[0])
    return AuditEntry(
        at=timestamp(at_ms / 1000),
        action=str(item["action"]),
        call=str(item["call"]) if "call" in item else None,
        ticket=str(item["ticket"]) if "ticket" in item else None,
        operator=str(item["operator"]),
    )
