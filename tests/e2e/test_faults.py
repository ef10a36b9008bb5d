"""What breaks in a real clinic: the host goes away, messages are wrong, events come twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx

from infra.local.settings import ROOT
from infra.local.stack import LocalStack
from tests.e2e.conftest import (
    cache_listing,
    eventually,
    function_logs,
    kill_host,
    read_json,
    wait_ready,
)

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient


def test_while_the_host_is_down_hits_play_and_misses_are_kept(
    stack: LocalStack, api: httpx.Client, fresh: Callable[[str], str]
) -> None:
    # Given a cached call, and then no host
    known = {"text": fresh("senha")}
    assert api.post("/v1/speech", json=known).status_code == 200
    kill_host(stack)
    # When both a known and a new call are asked
    hit = api.post("/v1/speech", json=known)
    miss = api.post("/v1/speech", json={"text": fresh("senha")})
    # Then the known one plays and the new one is accepted
    assert (hit.status_code, hit.json()["cached"]) == (200, True)
    assert miss.status_code == 202, miss.text
    assert api.get("/health").status_code == 200
    # And once the host is back, it is spoken
    stack.restart_host()
    ready = wait_ready(api, miss.json()["id"])
    assert httpx.get(ready["url"]).content[:4] == b"RIFF"


def test_a_host_killed_mid_render_loses_no_accepted_request(
    stack: LocalStack, api: httpx.Client, fresh: Callable[[str], str]
) -> None:
    # Given eight long texts that are being spoken
    bodies = [{"text": (fresh("longa") + ". ") * 20, "speed": 0.5} for _ in range(8)]
    with ThreadPoolExecutor(8) as callers:
        asked = [callers.submit(api.post, "/v1/speech", json=body) for body in bodies]
        time.sleep(0.4)
        # When the host dies without a word, and Kubernetes starts it again
        kill_host(stack)
        time.sleep(1)
        stack.restart_host()
        answers = [one.result() for one in asked]
    # Then every request was either spoken or accepted, and is spoken in the end
    assert {answer.status_code for answer in answers} <= {200, 202}, [a.text for a in answers]
    for answer in answers:
        wait_ready(api, answer.json()["id"], timeout_s=90)


def test_a_poison_message_ends_in_the_dead_letter_queue(
    stack: LocalStack, api: httpx.Client, sqs: SQSClient, fresh: Callable[[str], str]
) -> None:
    # Given a message that no version of this system ever sent
    sqs.send_message(QueueUrl=stack.outputs["LiveQueueUrl"], MessageBody='{"not": "ours"}')
    # When a good one follows it
    good = api.post(
        "/v1/speech", json={"text": fresh("senha")}, headers={"Prefer": "respond-async"}
    )
    # Then the good one is spoken
    wait_ready(api, good.json()["id"])

    # And the poison is put aside, whole
    def look() -> str | None:
        found = sqs.receive_message(QueueUrl=stack.outputs["LiveDeadLettersUrl"])
        return found["Messages"][0]["Body"] if found.get("Messages") else None

    assert eventually(look) == '{"not": "ours"}'


def test_an_upload_event_that_comes_twice_counts_once(
    stack: LocalStack, api: httpx.Client, s3: S3Client, sqs: SQSClient, fresh: Callable[[str], str]
) -> None:
    # Given an uploaded list that is done
    bucket, key = stack.outputs["PhrasesBucketName"], "uploads/twice.csv"
    s3.put_object(Bucket=bucket, Key=key, Body=f'text\n"{fresh("a")}"\n"{fresh("b")}"\n'.encode())
    report = eventually(lambda: read_json(s3, bucket, f"{key}.report.json"))
    # When S3 delivers the same event again (it delivers at least once)
    event = _upload_event(bucket, key)
    for _ in range(2):
        sqs.send_message(QueueUrl=stack.outputs["UploadQueueUrl"], MessageBody=json.dumps(event))
    eventually(lambda: _queues_empty(sqs, stack))
    # Then the counters stand
    again = read_json(s3, bucket, f"{key}.report.json")
    assert again is not None
    for counter in ("total", "rejected", "failed"):
        assert again[counter] == report[counter]
    assert again["rendered"] + again["cached"] == report["rendered"] + report["cached"] == 2


def test_no_name_is_in_any_log_metric_or_key(
    stack: LocalStack, api: httpx.Client, s3: S3Client, fresh: Callable[[str], str]
) -> None:
    # Given a patient whose name appears nowhere else
    name = "Zuleica Inexistente Guaraciaba"
    assert api.post("/v1/speech", json={"call": {"name": name, "place": "Sala 1"}}).is_success
    assert api.post(
        "/v1/speech", json={"call": {"name": name + "\x07", "place": "Sala 1"}}
    ).is_client_error
    queued = api.post(
        "/v1/speech",
        json={"call": {"name": name, "place": "Sala 2"}},
        headers={"Prefer": "respond-async"},
    )
    wait_ready(api, queued.json()["id"])
    # Then neither the functions' logs, nor the host's, nor its metrics, nor the keys have it
    eventually(lambda: "CacheMiss" in function_logs(), timeout_s=20)
    logs = function_logs()
    places = {
        "function logs": logs,
        "host log": stack.host.log_path.read_text(),
        "host metrics": httpx.get(f"{stack.settings.host_url}/metrics").text,
        "cache": "\n".join(cache_listing(s3, stack.outputs["CacheBucketName"])),
    }
    for place, content in places.items():
        for word in name.split():
            assert word.lower() not in content.lower(), f"{word} is in the {place}"


def _upload_event(bucket: str, key: str) -> dict[str, Any]:
    """AWS's own event for an upload, told of this one."""
    event: dict[str, Any] = json.loads(
        (ROOT / "tests" / "events" / "s3_object_created.json").read_text()
    )
    described = event["Records"][0]["s3"]
    described["bucket"] |= {"name": bucket, "arn": f"arn:aws:s3:::{bucket}"}
    described["object"]["key"] = key
    return event


def _queues_empty(sqs: SQSClient, stack: LocalStack) -> bool:
    counts = [
        sqs.get_queue_attributes(
            QueueUrl=stack.outputs[name],
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )["Attributes"]
        for name in ("UploadQueueUrl", "BulkQueueUrl")
    ]
    return all(value == "0" for count in counts for value in count.values())
