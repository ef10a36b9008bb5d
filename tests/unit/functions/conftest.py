"""One stage for every test of the functions: moto's AWS, a stand-in host and gateway, handlers."""

from __future__ import annotations

import asyncio
import copy
import importlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest
from moto import mock_aws
from moto.core.base_backend import BackendDict

from access.scopes import PREWARM, SPEECH
from infra.access.keys import create_key
from tests.unit.functions.gateway_stand_in import Gateway
from tests.unit.functions.host_stand_in import HostServer, HostStandIn, serve

QUEUES = "https://sqs.sa-east-1.amazonaws.com/123456789012"
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "sa-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "CTV_ENV": "dev",
    "COQUI_SERVER_URL": "http://127.0.0.1:9",
    "CACHE_BACKEND": "hybrid",
    "S3_CACHE_BUCKET": "cache",
    "PHRASES_BUCKET": "phrases",
    "STATE_TABLE": "state",
    "LIVE_QUEUE_URL": f"{QUEUES}/live",
    "BULK_QUEUE_URL": f"{QUEUES}/bulk",
    "CACHE_KEY_SECRET_ARN": "cache-key",
    "LIVE_DEADLINE_S": "2",
    "POWERTOOLS_SERVICE_NAME": "tests",
    "POWERTOOLS_METRICS_NAMESPACE": "CTV",
}
EVENTS = Path(__file__).parents[2] / "events"


def aws_event(name: str) -> dict[str, Any]:
    """One of AWS's own events, from tests/events."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return event


def handler_of(function: str) -> Any:
    """A function's handler, imported only once the environment it reads at its start is set."""
    return importlib.import_module(f"{function}.app").handler


@dataclass
class LambdaContext:
    """What Lambda hands to a handler beside the event."""

    left_ms: int = 60_000
    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:sa-east-1:123456789012:function:function"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        return self.left_ms


@dataclass
class Answer:
    """What the API answered."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Stage:
    """AWS and the host, and the handlers as AWS calls them."""

    host: HostStandIn
    s3: Any
    sqs: Any
    dynamodb: Any
    monkeypatch: pytest.MonkeyPatch
    gateway: Gateway = field(default_factory=Gateway)
    context: LambdaContext = field(default_factory=LambdaContext)

    @cached_property
    def key(self) -> str:
        """Of whoever has speech made."""
        return create_key(self.dynamodb, "state", "tests", SPEECH, PREWARM)

    def restart(self, **environment: str) -> None:
        """Start every function anew, as after a deployment."""
        for name, value in environment.items():
            self.monkeypatch.setenv(name, value)
        importlib.import_module("speech.assembly").assembled.cache_clear()
        importlib.import_module("api.desk").desk.cache_clear()

    def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        raw: str | None = None,
    ) -> Answer:
        """Ask as API Gateway asks.

        Without an `Authorization` it is the bearer of `key` who asks; with an empty one, nobody.
        """
        path, _, query = path.partition("?")
        parameters = dict(parse_qsl(query))
        event = aws_event("api_gateway_rest_proxy")
        event |= {"httpMethod": method, "path": path, "resource": path}
        event["queryStringParameters"] = parameters
        event["multiValueQueryStringParameters"] = {k: [v] for k, v in parameters.items()}
        event["requestContext"]["path"] = f"/prod{path}"
        event["body"] = raw if raw is not None else json.dumps(body) if body is not None else None
        given = headers or {}
        if "Authorization" not in given:  # the key costs a transaction, so only who needs it
            given = {"Authorization": f"Bearer {self.key}"} | given
        for name, value in given.items():
            event["headers"][name] = value
            event["multiValueHeaders"][name] = [value]
        refused = self.gateway.admit(event, self.context)
        answer = refused or handler_of("api")(event, self.context)
        return Answer(answer["statusCode"], answer["headers"], answer["body"])

    def say(self, body: dict[str, Any], **headers: str) -> Answer:
        return self.api("POST", "/v1/speech", body, headers)

    def queued(self, queue: str) -> list[dict[str, Any]]:
        """Take every message off a queue."""
        messages: list[dict[str, Any]] = []
        while batch := self.sqs.receive_message(
            QueueUrl=f"{QUEUES}/{queue}",
            MaxNumberOfMessages=10,
            AttributeNames=["All"],
            WaitTimeSeconds=0,
        ).get("Messages"):
            messages.extend(batch)
            for message in batch:
                message["queue"] = queue
        return messages

    def sqs_event(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        """The event in which Lambda hands over messages."""
        template = aws_event("sqs")["Records"][0]
        records = []
        for message in messages:
            record = copy.deepcopy(template)
            record["messageId"] = message["MessageId"]
            record["receiptHandle"] = message["ReceiptHandle"]
            record["body"] = message["Body"]
            record["attributes"] |= message.get("Attributes", {})
            record["eventSourceARN"] = f"arn:aws:sqs:sa-east-1:123456789012:{message['queue']}"
            records.append(record)
        return {"Records": records}

    def render(self, messages: list[dict[str, Any]]) -> list[str]:
        """Hand messages to the render function.

        Returns:
            The ids of those it failed.
        """
        answer = handler_of("render")(self.sqs_event(messages), self.context)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def render_all(self, queue: str = "bulk") -> int:
        """Render until the queue is empty; every message must succeed."""
        messages = self.queued(queue)
        for start in range(0, len(messages), 10):
            assert self.render(messages[start : start + 10]) == []
        return len(messages)

    def notify(self, function: str, *bodies: dict[str, Any]) -> list[str]:
        """Hand S3's notifications, wrapped in SQS messages, to a function."""
        messages = [
            {
                "MessageId": f"m{number}",
                "ReceiptHandle": "r",
                "Body": json.dumps(body),
                "queue": "uploads",
            }
            for number, body in enumerate(bodies)
        ]
        answer = handler_of(function)(self.sqs_event(messages), self.context)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def upload(self, key: str, content: bytes, sequencer: str = "01") -> dict[str, Any]:
        """Put a file of phrases.

        Returns:
            The notification that S3 sends.
        """
        self.s3.put_object(Bucket="phrases", Key=key, Body=content)
        event = aws_event("s3_object_created")
        event["Records"][0]["s3"]["object"] |= {"key": quote_plus(key), "sequencer": sequencer}
        return event

    def beside(self, key: str, kind: str) -> dict[str, Any]:
        """The progress or report object of an upload."""
        found = self.s3.get_object(Bucket="phrases", Key=f"{key}.{kind}.json")
        content: dict[str, Any] = json.loads(found["Body"].read())
        return content

    def cached_keys(self) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket="cache", Prefix="c-tv/cache/")
        return [item["Key"] for item in listed.get("Contents", [])]


@pytest.fixture(autouse=True)
def event_loop() -> Iterator[None]:
    """Mangum takes the thread's event loop, as a Lambda has one; other tests may have unset it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(scope="session")
def host_server() -> Iterator[HostServer]:
    server = serve(HostStandIn())
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def host(host_server: HostServer) -> HostStandIn:
    host = HostStandIn()
    host_server.take(host)
    return host


@pytest.fixture(scope="session")
def clients() -> Any:
    """One set of boto3 clients: making a set for each test would take most of the tests' time."""
    return importlib.import_module("speech.clients").Clients(emulated=False)


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """moto, which is slow to begin; each test's `stage` empties it."""
    with mock_aws():
        yield


@pytest.fixture
def stage(aws: None, host: HostStandIn, clients: Any, monkeypatch: pytest.MonkeyPatch) -> Stage:
    for name, value in (ENVIRONMENT | {"COQUI_SERVER_URL": host.url}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("speech.assembly.Clients", lambda **_: clients)
    BackendDict.reset()
    s3, sqs, dynamodb = clients.s3, clients.sqs, clients.dynamodb
    location: Any = {"LocationConstraint": "sa-east-1"}
    for bucket in ("cache", "phrases"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=location)
    for queue in ("live", "bulk"):
        sqs.create_queue(QueueName=queue)
    dynamodb.create_table(
        TableName="state",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
    )
    clients.secretsmanager.create_secret(Name="cache-key", SecretString="a secret for tests")
    stage = Stage(host, s3, sqs, dynamodb, monkeypatch)
    stage.restart()
    return stage


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the functions log; Powertools would write to the stdout of whichever test came first."""
    handler: Any = importlib.import_module("speech.observability").logger.registered_handler
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)
