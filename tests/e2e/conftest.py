"""The real stack, once for all end-to-end tests: the template on MiniStack, the host beside it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import boto3
import httpx
import pytest

from infra.local.processes import beside_others
from infra.local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient

T = TypeVar("T")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(300))  # the first test pays for the stack's start


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    settings = beside_others("e2e")
    for log in settings.run_dir.glob("*.log"):
        log.unlink()
    running = LocalStack(settings)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def api(stack: LocalStack) -> Iterator[httpx.Client]:
    """The public API, with the host up at the start of each test."""
    if not stack.host.running():
        stack.restart_host()
    with httpx.Client(
        base_url=stack.settings.api_url,
        headers={
            "Host": stack.api_host_header,
            "Authorization": f"Bearer {stack.api_key}",
        },
        timeout=40,
    ) as client:
        yield client


@pytest.fixture
def s3(stack: LocalStack) -> S3Client:
    return boto3.client("s3")


@pytest.fixture
def sqs(stack: LocalStack) -> SQSClient:
    return boto3.client("sqs")


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """A text that nobody has asked for before."""

    def make(kind: str = "senha") -> str:
        return f"Atenção, {kind} {uuid4().hex[:10]}, guichê 2"

    return make


def kill_host(stack: LocalStack) -> None:
    """End the model host as the kernel's out-of-memory killer would."""
    os.kill(stack.host.pid, signal.SIGKILL)
    eventually(lambda: not stack.host.running())


def eventually(look: Callable[[], T | None], timeout_s: float = 60.0) -> T:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"nothing came of it within {timeout_s:.0f} s")


def wait_ready(api: httpx.Client, speech_id: str, timeout_s: float = 60.0) -> dict[str, Any]:
    """The `ready` answer for an accepted id."""

    def look() -> dict[str, Any] | None:
        answer = api.get(f"/v1/speech/{speech_id}")
        assert answer.status_code in (200, 202), answer.text
        body: dict[str, Any] = answer.json()
        return body if body["status"] == "ready" else None

    return eventually(look, timeout_s)


def read_json(s3: S3Client, bucket: str, key: str) -> dict[str, Any] | None:
    """An object's JSON; None while there is none."""
    try:
        found: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return None
    return found


def syntheses(stack: LocalStack) -> float:
    """How many syntheses the host has answered since it started."""
    text = httpx.get(f"{stack.settings.host_url}/metrics").text
    return sum(
        float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith("ctv_host_requests_total{")
        and 'route="/synthesize"' in line
        and 'status="200"' in line
    )


def function_logs() -> str:
    """Everything that the functions have logged."""
    logs = boto3.client("logs")
    lines = []
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        name = group["logGroupName"]
        pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=name)
        for log_stream in (found for page in pages for found in page["logStreams"]):
            events = logs.get_log_events(
                logGroupName=name, logStreamName=log_stream["logStreamName"]
            )["events"]
            lines += [event["message"] for event in events]
    return "\n".join(lines)


def cache_listing(s3: S3Client, bucket: str) -> list[str]:
    """Every object's key and metadata."""
    lines = []
    for item in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        head = s3.head_object(Bucket=bucket, Key=item["Key"])
        lines.append(f"{item['Key']} {head['Metadata']}")
    return lines
