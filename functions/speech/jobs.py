"""What became of speech that was accepted for later.

Ready speech needs no job: the object is the truth. A job exists while speech is being rendered,
after it failed for good, or when it ended under another id.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from speech.table import put_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

JobStatus = Literal["rendering", "failed", "moved"]

# As long as a message can lie in a queue and then in its DLQ would be days; a caller who has not
# asked for a day has lost interest, and personal speech is gone by then.
_JOB_TTL_S = 86_400


@dataclass(frozen=True, slots=True)
class Job:
    """The state of one speech id.

    Attributes:
        reason: why it failed; never what was to be spoken.
        rendered_as: the id it is found under, when the host changed before it was spoken.
    """

    id: str
    status: JobStatus
    reason: str = ""
    rendered_as: str = ""


class JobStore:
    """Jobs in DynamoDB, each with a TTL of a day."""

    def __init__(
        self, dynamodb: DynamoDBClient, table: str, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def get(self, speech_id: str) -> Job | None:
        """The job of this id, if it has one that has not expired."""
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=_primary_key(speech_id), ConsistentRead=True
        )
        item: dict[str, Any] | None = answer.get("Item")
        if item is None or float(item["expires_at"]["N"]) <= self._now():
            return None  # DynamoDB may take days to delete what has expired
        return Job(
            speech_id,
            item["status"]["S"],
            reason=item.get("reason", {}).get("S", ""),
            rendered_as=item.get("rendered_as", {}).get("S", ""),
        )

    def accept(self, speech_ids: Sequence[str]) -> None:
        """Record that these ids will be rendered."""
        items = [self._item(Job(one, "rendering")) for one in dict.fromkeys(speech_ids)]
        put_items(self._dynamodb, self._table, items)

    def claim(self, speech_id: str, quiet_s: float) -> bool:
        """Record that this id will be rendered, unless that was recorded within `quiet_s`.

        Returns:
            Whether it was recorded now.
        """
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item=self._item(Job(speech_id, "rendering")),
                ConditionExpression="attribute_not_exists(pk) OR accepted_at < :before",
                ExpressionAttributeValues={":before": {"N": str(int(self._now() - quiet_s))}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def fail(self, speech_id: str, reason: str) -> None:
        """Record that this id will never be rendered."""
        self._put(Job(speech_id, "failed", reason=reason))

    def move(self, speech_id: str, rendered_as: str) -> None:
        """Record that the speech of this id was rendered under another."""
        self._put(Job(speech_id, "moved", rendered_as=rendered_as))

    def forget(self, speech_id: str) -> None:
        """Drop the job; does nothing if there is none."""
        self._dynamodb.delete_item(TableName=self._table, Key=_primary_key(speech_id))

    def _put(self, job: Job) -> None:
        self._dynamodb.put_item(TableName=self._table, Item=self._item(job))

    def _item(self, job: Job) -> dict[str, Any]:
        now = int(self._now())
        item: dict[str, Any] = {
            **_primary_key(job.id),
            "status": {"S": job.status},
            "accepted_at": {"N": str(now)},
            "expires_at": {"N": str(now + _JOB_TTL_S)},
        }
        if job.reason:
            item["reason"] = {"S": job.reason}
        if job.rendered_as:
            item["rendered_as"] = {"S": job.rendered_as}
        return item


def _primary_key(speech_id: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"speech#{speech_id}"}, "sk": {"S": "job"}}
