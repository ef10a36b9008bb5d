"""Panels in the state table.

Everything of a panel lies under `pk=panel#{id}`, so that one transaction can change all of it:

- `head`: the newest event's number and the settings; it alone never expires.
- `event#{seq}`: what happened, with the call as it was then.
- `call#{id}`: a call as it stands. `waiting#{id}`: who waits, in order of arrival.
- `idem#{key}`: what an idempotency key was answered. `audit#{at}`: who did what.

`pk=panels` lists the panels' ids.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from panels.contention import attempts
from panels.errors import PanelContendedError, UnknownPanelError
from panels.panel_settings import PanelSettings
from panels.voice import VOICE, Voice, voice_in

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Attributes = Mapping[str, str | int]

WRITES_MAX: Final = 100  # TransactWriteItems' limit
HEAD: Final = "head"
_LIST_PK: Final = "panels"
_BATCH_PANELS: Final = 50  # BatchGetItem takes 100 keys: a head and a voice of each
_LOST_A_RACE: Final = frozenset({"None", "ConditionalCheckFailed", "TransactionConflict"})


@dataclass(frozen=True, slots=True)
class Head:
    """A panel now; `seq` numbers its newest event, `version` its settings."""

    panel: str
    seq: int
    version: int
    settings: PanelSettings


class PanelTable:
    """Reads of panels' items, all consistent, and transactions that write them."""

    def __init__(
        self, dynamodb: DynamoDBClient, table: str, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def head(self, panel: str) -> Head:
        """The panel's head.

        Raises:
            UnknownPanelError: no such panel.
        """
        item = self.item(panel, HEAD)
        if item is None:
            raise UnknownPanelError
        return _head(panel, item)

    def heads(self, panels: Sequence[str]) -> Iterator[tuple[Head, Voice]]:
        """The heads and voices of panels, in their order; what has no head is left out.

        Raises:
            PanelContendedError: DynamoDB did not give all of them now.
        """
        for start in range(0, len(panels), _BATCH_PANELS):
            together = panels[start : start + _BATCH_PANELS]
            wanted = [_key(_pk(panel), sk) for panel in together for sk in (HEAD, VOICE)]
            found = {(item["pk"]["S"], item["sk"]["S"]): item for item in self._batch(wanted)}
            for panel in together:
                if head := found.get((_pk(panel), HEAD)):
                    voice = found.get((_pk(panel), VOICE), {})
                    yield _head(panel, _plain(head)), voice_in(voice)

    def panels(self) -> tuple[str, ...]:
        """The ids of all panels, in order."""
        return tuple(str(item["sk"]) for item in self._query(_LIST_PK, "", "~", newest_first=False))

    def item(self, panel: str, sk: str) -> Attributes | None:
        """One of a panel's items, unless it has expired."""
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=_key(_pk(panel), sk), ConsistentRead=True
        )
        item = answer.get("Item")
        return self._living(item) if item else None

    def items(
        self, panel: str, first: str, last: str, *, newest_first: bool = False
    ) -> Iterator[Attributes]:
        """A panel's items between two sort keys, both included, page by page as they are taken."""
        return self._query(_pk(panel), first, last, newest_first=newest_first)

    def count(self, panel: str, prefix: str) -> int:
        """How many of a panel's items have a sort key that begins so."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            Select="COUNT",
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            FilterExpression="attribute_not_exists(expires_at) OR expires_at > :now",
            ExpressionAttributeValues={
                ":pk": {"S": _pk(panel)},
                ":prefix": {"S": prefix},
                ":now": {"N": str(int(self._now()))},
            },
        )
        return sum(page["Count"] for page in pages)

    def commit(self, writes: Sequence[TransactWriteItemTypeDef]) -> bool:
        """Write all or nothing.

        Returns:
            Whether it was written; False if a condition did not hold or another transaction was
            in the way, so the caller has to look again.
        """
        try:
            self._dynamodb.transact_write_items(TransactItems=writes)
        except self._dynamodb.exceptions.TransactionCanceledException as error:
            reasons = error.response.get("CancellationReasons", [])
            if {one.get("Code", "None") for one in reasons} <= _LOST_A_RACE:
                return False
            raise
        return True

    def new(
        self, panel: str, sk: str, attributes: Attributes, *, life_s: int
    ) -> TransactWriteItemTypeDef:
        """Put an item where none is."""
        expires_at = int(self._now()) + life_s
        return self._put(_pk(panel), sk, {**attributes, "expires_at": expires_at})

    def changed(
        self, panel: str, sk: str, attributes: Attributes, condition: Attributes
    ) -> TransactWriteItemTypeDef:
        """Set attributes of an item that has the attributes of `condition` now."""
        names = {f"#{name}": name for name in (*attributes, *condition)}
        values = {f":new_{name}": _typed(value) for name, value in attributes.items()}
        values |= {f":old_{name}": _typed(value) for name, value in condition.items()}
        return {
            "Update": {
                "TableName": self._table,
                "Key": _key(_pk(panel), sk),
                "UpdateExpression": "SET "
                + ", ".join(f"#{name} = :new_{name}" for name in attributes),
                "ConditionExpression": " AND ".join(f"#{name} = :old_{name}" for name in condition),
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values,
            }
        }

    def gone(self, panel: str, sk: str) -> TransactWriteItemTypeDef:
        """Delete an item that is there."""
        return {
            "Delete": {
                "TableName": self._table,
                "Key": _key(_pk(panel), sk),
                "ConditionExpression": "attribute_exists(pk)",
            }
        }

    def founded(self, panel: str, settings: str) -> tuple[TransactWriteItemTypeDef, ...]:
        """Put a new panel's head and its entry in the list of panels; neither expires."""
        head: Attributes = {"seq": 0, "version": 1, "settings": settings}
        return self._put(_pk(panel), HEAD, head), self._put(_LIST_PK, panel, {})

    def _put(self, pk: str, sk: str, attributes: Attributes) -> TransactWriteItemTypeDef:
        typed = {name: _typed(value) for name, value in attributes.items()}
        return {
            "Put": {
                "TableName": self._table,
                "Item": _key(pk, sk) | typed,
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }

    def _query(self, pk: str, first: str, last: str, *, newest_first: bool) -> Iterator[Attributes]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": pk},
                ":first": {"S": first or " "},
                ":last": {"S": last},
            },
            PaginationConfig={"PageSize": 100},
        )
        for page in pages:
            for item in page["Items"]:
                if living := self._living(item):
                    yield living

    def _batch(self, keys: Sequence[dict[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """The items that are there, in no order; what DynamoDB left out is asked for again."""
        for _ in attempts():
            answer = self._dynamodb.batch_get_item(
                RequestItems={self._table: {"Keys": keys, "ConsistentRead": True}}
            )
            yield from answer["Responses"].get(self._table, [])
            left = answer["UnprocessedKeys"].get(self._table)
            if not left:
                return
            keys = left["Keys"]
        raise PanelContendedError

    def _living(self, item: Mapping[str, Any]) -> Attributes | None:
        """The item, unless it has expired, which may be there for days yet."""
        plain = _plain(item)
        return plain if int(plain.get("expires_at", self._now() + 1)) > self._now() else None


def _head(panel: str, item: Attributes) -> Head:
    return Head(
        panel,
        seq=int(item["seq"]),
        version=int(item["version"]),
        settings=PanelSettings.model_validate_json(str(item["settings"])),
    )


def _plain(item: Mapping[str, Any]) -> Attributes:
    """The item without DynamoDB's types."""
    return {name: int(value["N"]) if "N" in value else value["S"] for name, value in item.items()}


def _pk(panel: str) -> str:
    return f"panel#{panel}"


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _typed(value: str | int) -> Any:  # noqa: ANN401 - DynamoDB's tagged union
    return {"N": str(value)} if isinstance(value, int) else {"S": value}
