"""Copying what is missing from one state table to another."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from infra.restore.kinds import EVENT, HEAD, PANELS, RESTORED, Item, has_expired, kind_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Some milliseconds a put: half a million items are through in a few minutes.
THREADS: Final = 32


@dataclass(frozen=True, slots=True)
class Tally:
    """How many items there were, by kind."""

    restored: Counter[str] = field(default_factory=Counter)
    there_already: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def lines(self) -> list[str]:
        """One line a kind; no line tells what is in an item."""
        kinds = sorted({*self.restored, *self.there_already, *self.left_out})
        return [
            f"{kind}\t{self.restored[kind]} restored\t{self.there_already[kind]} there already"
            f"\t{self.left_out[kind]} left out"
            for kind in kinds
        ]


class Copying:
    """Puts what comes back from `source` into `target`, where no item of its key is.

    It can be done again after it broke off: what is there stays as it is.
    """

    def __init__(
        self,
        dynamodb: DynamoDBClient,
        source: str,
        target: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._dynamodb = dynamodb
        self._source = source
        self._target = target
        self._now = now

    def run(self) -> Tally:
        """Copy, several items at once.

        A panel's head comes after its events, and the list of panels last: what a reader finds
        is whole.
        """
        tally = Tally()
        heads: list[Item] = []
        listed: list[Item] = []
        held_back = {HEAD: heads, PANELS: listed}
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=self._source)
        with ThreadPoolExecutor(THREADS) as pool:
            for page in pages:
                now_wanted: list[Item] = []
                for item in self._wanted(page["Items"], tally):
                    held_back.get(kind_of(item), now_wanted).append(item)
                self._count(tally, now_wanted, list(pool.map(self._put, now_wanted)))
            for wanted, put in ((heads, self._put_head), (listed, self._put)):
                self._count(tally, wanted, list(pool.map(put, wanted)))
        return tally

    def _wanted(self, items: list[dict[str, Any]], tally: Tally) -> list[Item]:
        wanted: list[Item] = []
        for item in items:
            if kind_of(item) in RESTORED and not has_expired(item, self._now()):
                wanted.append(item)
            else:
                tally.left_out[kind_of(item)] += 1
        return wanted

    @staticmethod
    def _count(tally: Tally, items: list[Item], was_put: list[bool]) -> None:
        for item, put in zip(items, was_put, strict=True):
            counter = tally.restored if put else tally.there_already
            counter[kind_of(item)] += 1

    def _put(self, item: Item) -> bool:
        try:
            self._dynamodb.put_item(
                TableName=self._target,
                Item=item,
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _put_head(self, head: Item) -> bool:
        """Put a head that has counted every event there is: the next call takes the next number.

        Otherwise it would meet an event of its own number, and no call could be made.
        """
        newest = self._newest_event(head["pk"]["S"])
        seq = max(int(head["seq"]["N"]), newest)
        if self._put({**head, "seq": {"N": str(seq)}}):
            return True
        with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
            self._dynamodb.update_item(
                TableName=self._target,
                Key={"pk": head["pk"], "sk": head["sk"]},
                UpdateExpression="SET seq = :newest",
                ConditionExpression="seq < :newest",
                ExpressionAttributeValues={":newest": {"N": str(newest)}},
            )
        return False

    def _newest_event(self, pk: str) -> int:
        found = self._dynamodb.query(
            TableName=self._target,
            ConsistentRead=True,
            ScanIndexForward=False,
            Limit=1,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :event)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":event": {"S": f"{EVENT}#"}},
        )["Items"]
        return int(found[0]["sk"]["S"].partition("#")[2]) if found else 0
