"""`make demo`: a morning's 200 calls through the whole pipeline, and what came of them.

Uploads `tests/data/calls.csv` as a clinic would, follows the progress object beside it, prints
the report, asks the API for every call as the panel would, and leaves a few WAVs and a picture.
"""

from __future__ import annotations

import csv
import json
import statistics
import sys
import time
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from infra.local.api_client import ApiClient
from infra.local.audio_picture import draw
from infra.local.settings import ROOT, LocalRunError, LocalSettings
from infra.local.stack_file import StackFile

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

CALLS = ROOT / "tests" / "data" / "calls.csv"
UPLOAD_KEY = "uploads/calls.csv"
OUT = ROOT / "out"
PATIENCE_S = 600.0
CLIPS = 4


@dataclass(frozen=True, slots=True)
class _Asked:
    """One call asked of the API: how it was answered and how long that took."""

    call: Mapping[str, str]
    cached: bool
    latency_ms: float
    answer: Mapping[str, Any]


def run(settings: LocalSettings) -> None:
    """Run the demo against the stack that `make up` started."""
    note = StackFile.read(settings.stack_file)
    s3 = boto3.client(
        "s3",
        endpoint_url=note.endpoint_url,
        region_name=note.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 (MiniStack's root, worth nothing elsewhere)
    )
    report = _prerender(s3, note.outputs["PhrasesBucketName"])
    _print_report(report)
    refused_lines = {row["line"] for row in [*report["rejected_rows"], *report["failed_rows"]]}
    bodies = list(_requests(refused_lines))
    with ApiClient(note) as api:
        asked = _ask(api, bodies)
        _print_latencies(asked)
        _keep_some(api, asked)


def _prerender(s3: S3Client, bucket: str) -> dict[str, Any]:
    """Upload the calls and follow them until the report is there."""
    report_key = f"{UPLOAD_KEY}.report.json"
    for key in (report_key, f"{UPLOAD_KEY}.progress.json"):
        s3.delete_object(Bucket=bucket, Key=key)
    print(f"Uploading {CALLS.relative_to(ROOT)} to s3://{bucket}/{UPLOAD_KEY}")
    s3.put_object(Bucket=bucket, Key=UPLOAD_KEY, Body=CALLS.read_bytes())
    seen, moved_at = None, time.monotonic()
    while (report := _object(s3, bucket, report_key)) is None:
        progress = _object(s3, bucket, f"{UPLOAD_KEY}.progress.json")
        if progress != seen:
            seen, moved_at = progress, time.monotonic()
            _print_progress(progress)
        elif time.monotonic() - moved_at > PATIENCE_S:
            raise LocalRunError(f"Nothing moved for {PATIENCE_S:.0f} s: look at .run/ministack.log")
        time.sleep(0.5)
    _print_progress(report)
    print()
    return report


def _object(s3: S3Client, bucket: str, key: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except s3.exceptions.NoSuchKey:
        return None
    return found


def _print_progress(progress: Mapping[str, Any] | None) -> None:
    if progress is None:
        return
    finished = sum(progress[part] for part in ("rejected", "rendered", "cached", "failed"))
    # While the list is being read, its length is not known yet.
    of = f"{finished}/{progress['total']}" if progress["total"] else str(finished)
    bar = "█" * (30 * finished // progress["total"] if progress["total"] else 0)
    line = f"  {bar:<30} {of} {progress['status']}"
    if sys.stdout.isatty():
        print(f"\r{line:<70}", end="", flush=True)
    else:
        print(line, flush=True)


def _print_report(report: Mapping[str, Any]) -> None:
    print(
        f"Report: {report['total']} rows = {report['rendered']} rendered"
        f" + {report['cached']} already in the cache"
        f" + {report['rejected']} rejected + {report['failed']} failed"
    )
    for row in report["rejected_rows"]:
        print(f"  line {row['line']:>3}  {row['field']}: {row['reason']}")
    for row in report["failed_rows"]:
        print(f"  line {row['line']:>3}  failed: {row['reason']}")


def _requests(refused_lines: Container[int]) -> Iterator[dict[str, Any]]:
    """Each row of the file that the pipeline took, as the API's JSON."""
    with CALLS.open(encoding="utf-8", newline="") as source:
        rows = csv.DictReader(source)
        for row in rows:
            if rows.line_num in refused_lines:
                continue
            call = {part: row[part] for part in ("ticket", "name", "place") if row[part]}
            body: dict[str, Any] = {"call": call}
            body |= {k: row[k] for k in ("voice", "format", "retention") if row[k]}
            if row["speed"]:
                body["speed"] = float(row["speed"])
            yield body


def _ask(api: ApiClient, bodies: Sequence[Mapping[str, Any]]) -> list[_Asked]:
    print(f"Asking the API for the same {len(bodies)} calls …")
    asked = []
    for body in bodies:
        begun = time.perf_counter()
        answer = api.speak(body)
        latency_ms = (time.perf_counter() - begun) * 1000
        asked.append(_Asked(body["call"], answer["cached"], latency_ms, answer))
    return asked


def _print_latencies(asked: Sequence[_Asked]) -> None:
    for name, cached in (("hits", True), ("misses", False)):
        times = sorted(one.latency_ms for one in asked if one.cached is cached)
        if len(times) > 1:
            cuts = statistics.quantiles(times, n=20)
            print(f"  {name:<7}{len(times):>4}   p50 {cuts[9]:7.1f} ms   p95 {cuts[18]:7.1f} ms")
        else:
            print(f"  {name:<7}{len(times):>4}" + (f"   {times[0]:.1f} ms" if times else ""))


def _keep_some(api: ApiClient, asked: Sequence[_Asked]) -> None:
    """Write a few clips and a picture of the first."""
    OUT.mkdir(exist_ok=True)
    wavs = [one for one in asked if one.answer["id"].endswith(".wav")]
    for number, one in enumerate(wavs[:: max(1, len(wavs) // CLIPS)][:CLIPS], 1):
        clip = OUT / f"call-{number}.wav"
        clip.write_bytes(api.download(one.answer))
        said = ", ".join(one.call[p] for p in ("name", "ticket", "place") if p in one.call)
        print(f"  {clip.relative_to(ROOT)}  {one.answer['duration_s']:.2f} s  {said}")
        if number == 1:
            draw(clip, OUT / "call-1.png", said)
    print(f"  {(OUT / 'call-1.png').relative_to(ROOT)}  waveform and spectrogram")
