"""Who speaks an utterance now: one holder at a time across all Lambdas.

A holder that dies leaves a lease that expires; the next caller takes it over.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from speech.deadline import Deadline
from speech.key import SpeechKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# How long after its deadline a holder may still be publishing.
_MARGIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to speak one key."""

    key: SpeechKey
    owner: str


class Leases(Protocol):
    """Hands out at most one lease of a key at a time."""

    def acquire(self, key: SpeechKey, deadline: Deadline) -> Lease | None:
        """Take the lease until a little after the deadline; None while another holds it."""
        ...

    def release(self, lease: Lease) -> None:
        """Give it back; does nothing if it expired and went to another."""
        ...


class TableLeases:
    """Leases in DynamoDB, decided by conditional puts."""

    def __init__(
        self, dynamodb: DynamoDBClient, table: str, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def acquire(self, key: SpeechKey, deadline: Deadline) -> Lease | None:
        """Take the lease if nobody has it or its time is over."""
        now = self._now()
        lease = Lease(key, uuid4().hex)
        # Whole seconds, because the table's TTL attribute is read that way.
        expires_at = math.ceil(now + max(0.0, deadline.remaining_s) + _MARGIN_S)
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item={
                    **_primary_key(key),
                    "owner": {"S": lease.owner},
                    "expires_at": {"N": str(expires_at)},
                },
                ConditionExpression="attribute_not_exists(pk) OR expires_at < :now",
                ExpressionAttributeValues={":now": {"N": str(int(now))}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        return lease

    def release(self, lease: Lease) -> None:
        """Delete the item if it is still this owner's."""
        with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
            self._dynamodb.delete_item(
                TableName=self._table,
                Key=_primary_key(lease.key),
                ConditionExpression="#owner = :owner",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues={":owner": {"S": lease.owner}},
            )


class SoleLeases:
    """For the one-process cache: a Lambda process serves one request at a time."""

    def acquire(self, key: SpeechKey, deadline: Deadline) -> Lease | None:  # noqa: ARG002
        """Always granted."""
        return Lease(key, "this process")

    def release(self, lease: Lease) -> None:
        """Nothing was kept."""


def _primary_key(key: SpeechKey) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"lease#{key.id}"}, "sk": {"S": "lease"}}
