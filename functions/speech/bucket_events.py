"""S3's notifications as they arrive inside an SQS message.

S3 also sends `s3:TestEvent` when notifications are set up; it has no records. Keys come
URL-encoded, and delete events have neither size nor ETag.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


class UnreadableEventError(Exception):
    """Not one of S3's notifications."""


@dataclass(frozen=True, slots=True)
class BucketEvent:
    """Something that happened to an object; `key` is decoded."""

    name: str
    bucket: str
    key: str
    version_id: str
    sequencer: str


def read_bucket_events(body: str) -> Iterator[BucketEvent]:
    """Read the events in a message's body.

    Raises:
        UnreadableEventError: there is something else in it.
    """
    try:
        notification: dict[str, Any] = json.loads(body)
        if notification.get("Event") == "s3:TestEvent":
            return
        for record in notification["Records"]:
            s3_object = record["s3"]["object"]
            yield BucketEvent(
                name=record["eventName"],
                bucket=record["s3"]["bucket"]["name"],
                key=unquote_plus(s3_object["key"]),
                version_id=s3_object.get("versionId", ""),
                sequencer=s3_object.get("sequencer", ""),
            )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableEventError from None
