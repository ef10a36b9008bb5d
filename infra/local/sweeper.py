"""The part of S3 that MiniStack lacks: lifecycle rules that really expire objects.

S3 runs lifecycle rules about once a day and sends `s3:LifecycleExpiration:Delete` for what it
removed. The sweeper reads the same rules, deletes what is due by its clock and sends that event to
the queues which the bucket's notification configuration names.
Source: Amazon S3 User Guide, "Expiring objects" and "Event message structure".
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient

EXPIRED = "s3:LifecycleExpiration:Delete"


@dataclass(frozen=True, slots=True)
class _Rule:
    prefix: str
    days: int

    def covers(self, key: str, modified: datetime, now: datetime) -> bool:
        return key.startswith(self.prefix) and modified + timedelta(days=self.days) <= now


class LifecycleSweeper:
    """Expires objects of all buckets by their lifecycle rules.

    Args:
        clock: tells the time; a test hands in one that runs ahead.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._clock = clock
        self._s3: S3Client = boto3.client("s3")
        self._sqs: SQSClient = boto3.client("sqs")

    def sweep(self) -> int:
        """Delete what is due and send its events.

        Returns:
            How many objects expired.
        """
        now = self._clock()
        return sum(
            self._sweep_bucket(bucket["Name"], now) for bucket in self._s3.list_buckets()["Buckets"]
        )

    def keep_sweeping(self, done: threading.Event, every_s: float) -> None:
        """Sweep every so many seconds until `done`; one that fails is told, and is not the last."""
        while not done.wait(every_s):
            try:
                expired = self.sweep()
            except (BotoCoreError, ClientError) as error:
                print(f"Objects could not be expired ({error}); trying again.", flush=True)
                continue
            if expired:
                print(f"{expired} cached objects expired.", flush=True)

    def _sweep_bucket(self, bucket: str, now: datetime) -> int:
        rules = self._rules(bucket)
        if not rules:
            return 0
        expired = 0
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", []):
                if any(rule.covers(item["Key"], item["LastModified"], now) for rule in rules):
                    self._s3.delete_object(Bucket=bucket, Key=item["Key"])
                    self._tell(bucket, item["Key"], now)
                    expired += 1
        return expired

    def _rules(self, bucket: str) -> list[_Rule]:
        try:
            found = self._s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchLifecycleConfiguration":
                return []
            raise
        return [
            _Rule(rule["Filter"].get("Prefix", ""), rule["Expiration"]["Days"])
            for rule in found
            if rule["Status"] == "Enabled" and "Expiration" in rule
        ]

    def _tell(self, bucket: str, key: str, now: datetime) -> None:
        configured = self._s3.get_bucket_notification_configuration(Bucket=bucket)
        for target in configured.get("QueueConfigurations", []):
            filters = target.get("Filter", {}).get("Key", {}).get("FilterRules", [])
            wanted = all(
                key.startswith(rule["Value"])
                if rule["Name"].lower() == "prefix"
                else key.endswith(rule["Value"])
                for rule in filters
            )
            if wanted and EXPIRED in target["Events"]:
                name = target["QueueArn"].rsplit(":", 1)[1]
                self._sqs.send_message(
                    QueueUrl=self._sqs.get_queue_url(QueueName=name)["QueueUrl"],
                    MessageBody=json.dumps(_event(bucket, key, target.get("Id", ""), now)),
                )


def _event(bucket: str, key: str, configuration_id: str, now: datetime) -> dict[str, Any]:
    """S3's message for one expired object: unlike other events it has no size and no ETag."""
    return {
        "Records": [
            {
                "eventVersion": "2.3",
                "eventSource": "aws:s3",
                "awsRegion": boto3.session.Session().region_name,
                "eventTime": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "eventName": EXPIRED.removeprefix("s3:"),
                "userIdentity": {"principalId": "s3.amazonaws.com"},
                "requestParameters": {"sourceIPAddress": "s3.amazonaws.com"},
                "responseElements": {
                    "x-amz-request-id": uuid.uuid4().hex[:16].upper(),
                    "x-amz-id-2": uuid.uuid4().hex,
                },
                "s3": {
                    "s3SchemaVersion": "1.0",
                    "configurationId": configuration_id,
                    "bucket": {
                        "name": bucket,
                        "ownerIdentity": {"principalId": "EXAMPLE"},
                        "arn": f"arn:aws:s3:::{bucket}",
                    },
                    "object": {
                        "key": quote_plus(key, safe="/"),
                        "sequencer": uuid.uuid4().hex[:18].upper(),
                    },
                },
            }
        ]
    }
