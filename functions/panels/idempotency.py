"""A request that comes twice is answered as the first time (IETF draft Idempotency-Key header).

What is kept of a request is an HMAC: its body has a patient's name, which a plain hash would give
to whoever tries names. Sent again across a change of the secret, a request is refused as another.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

from panels.errors import KeyReusedError
from panels.table import PanelTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_LIFE_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Once:
    """One request, however often it is sent.

    Attributes:
        key: SHA-256 of whose key it is and the key itself, in hex.
        digest: HMAC-SHA256 of the request, in hex; empty if the key alone tells it.
    """

    key: str
    digest: str

    @classmethod
    def of(cls, owner: str, key: str, digest: str = "") -> Self:
        """The request that `owner` sends with this key; keys of different owners never meet."""
        return cls(hashlib.sha256(f"{owner}\n{key}".encode()).hexdigest(), digest)

    def part(self, number: int) -> Once:
        """One of several transactions that the request takes."""
        return replace(self, key=f"{self.key}#{number:03d}")

    def answer(self, table: PanelTable, panel: str) -> str | None:
        """What the first answer was made of; None if there was none within a day.

        Raises:
            KeyReusedError: the key came with another request.
        """
        item = table.item(panel, self._sk)
        if item is None:
            return None
        if item["digest"] != self.digest:
            raise KeyReusedError
        return str(item["answer"])

    def answered(self, table: PanelTable, panel: str, answer: str) -> TransactWriteItemTypeDef:
        """Keep what the answer is made of; fails where the request was answered meanwhile."""
        return table.new(panel, self._sk, {"digest": self.digest, "answer": answer}, life_s=_LIFE_S)

    @property
    def _sk(self) -> str:
        return f"idem#{self.key}"
