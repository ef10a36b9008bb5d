"""How far each upload is: counters in DynamoDB that count every row exactly once.

Queues deliver at least once, so a row's outcome is written together with its marker in one
transaction: a second delivery finds the marker and changes nothing.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from speech.phrases import BadRow
from speech.table import put_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

RowOutcome = Literal["rendered", "cached", "failed"]

_UPLOAD_TTL_S = 30 * 86_400
# Many render Lambdas add to one summary item; DynamoDB cancels transactions that collide.
_COUNT_ATTEMPTS = 10
_COLLISION_PAUSE_S = 0.02


class UploadContendedError(Exception):
    """A row could not be counted now; its message has to come again."""


@dataclass(frozen=True, slots=True)
class UploadSummary:
    """An upload's counters; times are epoch seconds, 0 while they have not come."""

    id: str
    bucket: str
    key: str
    total: int
    accepted: int
    rejected: int
    rendered: int
    cached: int
    failed: int
    expanded: bool
    started_at: float
    finished_at: float
    render_seconds: float
    refusal: str

    @property
    def status(self) -> str:
        """expanding, rendering, done or rejected."""
        if self.refusal:
            return "rejected"
        if not self.expanded:
            return "expanding"
        finished = self.rendered + self.cached + self.failed
        return "done" if finished >= self.accepted else "rendering"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was rejected by the reader, or that failed at the host."""

    line: int
    outcome: Literal["rejected", "failed"]
    field: str
    reason: str


def upload_id(bucket: str, key: str, version: str, sequencer: str) -> str:
    """Name an upload: the same for a repeated event, another for the same file put again."""
    return hashlib.sha256("\n".join((bucket, key, version, sequencer)).encode()).hexdigest()[:32]


class UploadLedger:
    """Uploads in the state table: `sk=summary` and one `sk=row#…` for each finished row."""

    def __init__(
        self, dynamodb: DynamoDBClient, table: str, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def begin(self, upload: str, bucket: str, key: str) -> UploadSummary:
        """Open an upload; one that a repeated event opens again is left as it is."""
        self._update_summary(
            upload,
            "SET #bucket = :bucket, #key = :key, expires_at = :expires,"
            " started_at = if_not_exists(started_at, :now)",
            {
                ":bucket": {"S": bucket},
                ":key": {"S": key},
                ":expires": {"N": str(self._expires_at())},
                ":now": {"N": f"{self._now():.3f}"},
            },
            {"#bucket": "bucket", "#key": "key"},
        )
        return self.summary(upload)

    def note_rejected(self, upload: str, rows: Sequence[BadRow]) -> None:
        """Keep what is wrong with rows, for the report."""
        items = [
            {
                **_row_key(upload, row.line),
                "outcome": {"S": "rejected"},
                "field": {"S": row.field},
                "reason": {"S": row.reason},
                "expires_at": {"N": str(self._expires_at())},
            }
            for row in rows
        ]
        put_items(self._dynamodb, self._table, items)

    def expanded(self, upload: str, accepted: int, rejected: int) -> UploadSummary:
        """Record that the whole file was read; the same numbers again change nothing."""
        self._update_summary(
            upload,
            "SET expanded = :yes, accepted = :accepted, rejected = :rejected, #total = :total",
            {
                ":yes": {"BOOL": True},
                ":accepted": {"N": str(accepted)},
                ":rejected": {"N": str(rejected)},
                ":total": {"N": str(accepted + rejected)},
            },
            {"#total": "total"},
        )
        return self.summary(upload)

    def refuse(self, upload: str, reason: str) -> UploadSummary:
        """Record that nothing in the file can be read."""
        self._update_summary(upload, "SET refusal = :reason", {":reason": {"S": reason}})
        return self.summary(upload)

    def count(
        self, upload: str, line: int, outcome: RowOutcome, render_s: float, reason: str = ""
    ) -> bool:
        """Count a finished row, once however often it is reported.

        Returns:
            Whether it was counted now.

        Raises:
            UploadContendedError: too many others count at this moment.
        """
        marker: dict[str, Any] = {
            **_row_key(upload, line),
            "outcome": {"S": outcome},
            "expires_at": {"N": str(self._expires_at())},
        }
        if reason:
            marker["reason"] = {"S": reason}
        for attempt in range(_COUNT_ATTEMPTS):
            try:
                self._dynamodb.transact_write_items(
                    TransactItems=[
                        {
                            "Put": {
                                "TableName": self._table,
                                "Item": marker,
                                "ConditionExpression": "attribute_not_exists(pk)",
                            }
                        },
                        {
                            "Update": {
                                "TableName": self._table,
                                "Key": _summary_key(upload),
                                "UpdateExpression": "ADD #outcome :one, render_seconds :render_s",
                                "ExpressionAttributeNames": {"#outcome": outcome},
                                "ExpressionAttributeValues": {
                                    ":one": {"N": "1"},
                                    ":render_s": {"N": f"{render_s:.3f}"},
                                },
                            }
                        },
                    ]
                )
            except self._dynamodb.exceptions.TransactionCanceledException as error:
                reasons = error.response.get("CancellationReasons", [])
                if any(one.get("Code") == "ConditionalCheckFailed" for one in reasons):
                    return False
                time.sleep(_COLLISION_PAUSE_S * (attempt + 1))
            else:
                return True
        raise UploadContendedError

    def finish(self, upload: str) -> UploadSummary:
        """Record when the upload was complete; whoever is first decides the time."""
        self._update_summary(
            upload,
            "SET finished_at = if_not_exists(finished_at, :now)",
            {":now": {"N": f"{self._now():.3f}"}},
        )
        return self.summary(upload)

    def summary(self, upload: str) -> UploadSummary:
        """The counters now, including every row counted before this call."""
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=_summary_key(upload), ConsistentRead=True
        )
        item: dict[str, Any] = answer.get("Item", {})

        def number(name: str) -> float:
            return float(item.get(name, {}).get("N", "0"))

        return UploadSummary(
            id=upload,
            bucket=item.get("bucket", {}).get("S", ""),
            key=item.get("key", {}).get("S", ""),
            total=int(number("total")),
            accepted=int(number("accepted")),
            rejected=int(number("rejected")),
            rendered=int(number("rendered")),
            cached=int(number("cached")),
            failed=int(number("failed")),
            expanded=item.get("expanded", {}).get("BOOL", False),
            started_at=number("started_at"),
            finished_at=number("finished_at"),
            render_seconds=number("render_seconds"),
            refusal=item.get("refusal", {}).get("S", ""),
        )

    def problems(self, upload: str) -> Iterator[RowProblem]:
        """The rows that were rejected or failed, by line."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :row)",
            FilterExpression="outcome IN (:rejected, :failed)",
            ExpressionAttributeValues={
                ":pk": _summary_key(upload)["pk"],
                ":row": {"S": "row#"},
                ":rejected": {"S": "rejected"},
                ":failed": {"S": "failed"},
            },
        )
        for page in pages:
            items: list[dict[str, Any]] = page["Items"]
            for item in items:
                yield RowProblem(
                    line=int(item["sk"]["S"].removeprefix("row#")),
                    outcome=item["outcome"]["S"],
                    field=item.get("field", {}).get("S", ""),
                    reason=item.get("reason", {}).get("S", ""),
                )

    def _update_summary(
        self,
        upload: str,
        expression: str,
        values: dict[str, Any],
        names: dict[str, str] | None = None,
    ) -> None:
        request: UpdateItemInputTypeDef = {
            "TableName": self._table,
            "Key": _summary_key(upload),
            "UpdateExpression": expression,
            "ExpressionAttributeValues": values,
        }
        if names:
            request["ExpressionAttributeNames"] = names
        self._dynamodb.update_item(**request)

    def _expires_at(self) -> int:
        return int(self._now()) + _UPLOAD_TTL_S


def _summary_key(upload: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"upload#{upload}"}, "sk": {"S": "summary"}}


def _row_key(upload: str, line: int) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"upload#{upload}"}, "sk": {"S": f"row#{line:08d}"}}
