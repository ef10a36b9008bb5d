"""Lists uploaded to S3 are spoken ahead; what expires is forgotten, pinned phrases come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from infra.local.stack import LocalStack
from infra.local.sweeper import LifecycleSweeper
from tests.e2e.conftest import eventually, read_json, syntheses

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def test_an_uploaded_list_is_spoken_and_its_bad_rows_reported(
    stack: LocalStack, api: httpx.Client, s3: S3Client, fresh: Callable[[str], str]
) -> None:
    # Given a morning's list with three bad rows
    bucket, key = stack.outputs["PhrasesBucketName"], "uploads/manhã de teste.csv"
    names = [fresh("Ana") for _ in range(7)]
    rows = [f'A{i:03d},"{name}",Consultório 0{i}' for i, name in enumerate(names)]
    rows[2] = ",,"
    rows.insert(4, 'B001,"Jo\x07sé",Guichê 1')
    rows.append("B002,João,Guichê 1,sobra")
    # When it is uploaded
    s3.put_object(
        Bucket=bucket, Key=key, Body=("ticket,name,place\n" + "\n".join(rows) + "\n").encode()
    )
    report = eventually(lambda: read_json(s3, bucket, f"{key}.report.json"))
    # Then every row is accounted for
    assert report["total"] == 9
    assert report["rendered"] == 6
    assert report["cached"] == report["failed"] == 0
    assert [row["line"] for row in report["rejected_rows"]] == [4, 6, 10]
    assert all(row["reason"] for row in report["rejected_rows"])
    # And its calls are hits
    call = {"ticket": "A000", "name": names[0], "place": "Consultório 00"}
    answer = api.post("/v1/speech", json={"call": call}).json()
    assert (answer["status"], answer["cached"]) == ("ready", True)
    # And the same list again renders nothing
    before = syntheses(stack)
    s3.delete_object(Bucket=bucket, Key=f"{key}.report.json")
    s3.put_object(
        Bucket=bucket, Key=key, Body=("ticket,name,place\n" + "\n".join(rows) + "\n").encode()
    )
    again = eventually(lambda: read_json(s3, bucket, f"{key}.report.json"))
    assert (again["rendered"], again["cached"]) == (0, 6)
    assert syntheses(stack) == before


def test_an_expired_pinned_phrase_is_spoken_again_and_others_are_forgotten(
    stack: LocalStack, api: httpx.Client, s3: S3Client, fresh: Callable[[str], str]
) -> None:
    # Given a pinned phrase and a personal call, both in the cache
    bucket, cache = stack.outputs["PhrasesBucketName"], stack.outputs["CacheBucketName"]
    pinned, personal = fresh("fixa"), fresh("passageira")
    key = "phrases/pinned.txt"
    s3.put_object(Bucket=bucket, Key=key, Body=f"# pinned\n{pinned}\n".encode())
    eventually(lambda: read_json(s3, bucket, f"{key}.report.json"))
    asked = api.post("/v1/speech", json={"text": pinned}).json()
    assert asked["cached"], "a phrase spoken ahead is a hit for a caller who names no retention"
    gone = api.post("/v1/speech", json={"text": personal}).json()["id"]
    before = syntheses(stack)
    # When a month goes by and S3's lifecycle rules remove what is due
    later = datetime.now(UTC) + timedelta(days=31)
    assert LifecycleSweeper(clock=lambda: later).sweep() >= 2
    # Then the pinned phrase is spoken again without anyone asking
    eventually(lambda: _phrases(s3, cache) or None)
    assert api.post("/v1/speech", json={"text": pinned}).json()["cached"]
    assert syntheses(stack) - before == 1
    # And the other is gone for good
    assert api.get(f"/v1/speech/{gone}").status_code == 404


def test_warm_up_renders_a_pinned_phrase_that_is_missing(
    stack: LocalStack, api: httpx.Client, s3: S3Client, fresh: Callable[[str], str]
) -> None:
    # Given a pinned phrase whose audio was deleted by hand while nobody listened
    bucket, cache = stack.outputs["PhrasesBucketName"], stack.outputs["CacheBucketName"]
    key = "phrases/pinned.txt"
    s3.delete_object(Bucket=bucket, Key=f"{key}.report.json")
    s3.put_object(Bucket=bucket, Key=key, Body=f"{fresh('fixa')}\n".encode())
    eventually(lambda: read_json(s3, bucket, f"{key}.report.json"))
    configured = s3.get_bucket_notification_configuration(Bucket=cache)
    configured.pop("ResponseMetadata", None)  # type: ignore[misc]
    s3.put_bucket_notification_configuration(Bucket=cache, NotificationConfiguration={})
    for item in _phrases(s3, cache):
        s3.delete_object(Bucket=cache, Key=item)
    # When warm-up runs on its schedule
    summary = stack.warm_up()
    # Then the phrase is rendered
    assert summary["queued"] == 1
    eventually(lambda: _phrases(s3, cache) or None)
    s3.put_bucket_notification_configuration(
        Bucket=cache,
        NotificationConfiguration=configured,  # type: ignore[arg-type]
    )


def _phrases(s3: S3Client, bucket: str) -> list[str]:
    found = s3.list_objects_v2(Bucket=bucket, Prefix="c-tv/cache/phrase/")
    return [item["Key"] for item in found.get("Contents", [])]
