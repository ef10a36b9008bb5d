"""The sweeper plays S3's lifecycle: what is due goes, and the event is the one that S3 sends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from infra.local.settings import ROOT
from infra.local.sweeper import LifecycleSweeper

AWS_EVENT = json.loads((ROOT / "tests" / "events" / "s3_lifecycle_expiration.json").read_text())


@pytest.fixture
def queue_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket that keeps `short/` for a day, and the queue that is told of what expires."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        s3, sqs = boto3.client("s3"), boto3.client("sqs")
        s3.create_bucket(
            Bucket="cache", CreateBucketConfiguration={"LocationConstraint": "sa-east-1"}
        )
        url = sqs.create_queue(QueueName="gone")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        s3.put_bucket_lifecycle_configuration(
            Bucket="cache",
            LifecycleConfiguration={
                "Rules": [
                    {
                        "ID": "short",
                        "Status": "Enabled",
                        "Filter": {"Prefix": "short/"},
                        "Expiration": {"Days": 1},
                    }
                ]
            },
        )
        s3.put_bucket_notification_configuration(
            Bucket="cache",
            NotificationConfiguration={
                "QueueConfigurations": [
                    {
                        "Id": "cleanup",
                        "QueueArn": arn["Attributes"]["QueueArn"],
                        "Events": ["s3:LifecycleExpiration:Delete"],
                        "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".wav"}]}},
                    }
                ]
            },
        )
        for key in ("short/a b.wav", "short/c.txt", "long/d.wav"):
            s3.put_object(Bucket="cache", Key=key, Body=b"x")
        yield url


def sweep(after: timedelta) -> int:
    return LifecycleSweeper(clock=lambda: datetime.now(UTC) + after).sweep()


def keys() -> list[str]:
    return [item["Key"] for item in boto3.client("s3").list_objects_v2(Bucket="cache")["Contents"]]


def events(queue_url: str) -> list[dict[str, Any]]:
    found = boto3.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
    bodies = [json.loads(message["Body"]) for message in found.get("Messages", [])]
    return [body for body in bodies if body.get("Event") != "s3:TestEvent"]


def test_nothing_goes_before_its_time(queue_url: str) -> None:
    assert sweep(timedelta(hours=23)) == 0
    assert len(keys()) == 3


def test_a_sweep_that_fails_is_not_the_last_one(
    queue_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a sweeper whose first sweep meets a service that is away
    done, failed = threading.Event(), False

    def clock() -> datetime:
        nonlocal failed
        if not failed:
            failed = True
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        done.set()
        return datetime.now(UTC) + timedelta(hours=25)

    # When it goes on until it is told to stop
    LifecycleSweeper(clock).keep_sweeping(done, every_s=0.01)
    # Then that is told, and the next sweep has done its work
    assert "could not be expired" in capsys.readouterr().out
    assert keys() == ["long/d.wav"]
    assert len(events(queue_url)) == 1


def test_what_is_due_goes_and_only_the_wanted_is_told(queue_url: str) -> None:
    # When a day has gone by
    assert sweep(timedelta(hours=25)) == 2
    # Then both short ones are gone, and the queue hears of the one that its filter wants
    assert keys() == ["long/d.wav"]
    [event] = events(queue_url)
    assert event["Records"][0]["s3"]["object"]["key"] == "short/a+b.wav"


def test_the_event_has_the_shape_that_s3_gives_it(queue_url: str) -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(part) for name, part in value.items()}
        return [shape(part) for part in value] if isinstance(value, list) else type(value)

    sweep(timedelta(hours=25))
    [event] = events(queue_url)
    assert shape(event) == shape(AWS_EVENT)
    assert event["Records"][0]["eventName"] == AWS_EVENT["Records"][0]["eventName"]
