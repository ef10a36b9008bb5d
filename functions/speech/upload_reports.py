"""What stands beside an upload: how far it is, and in the end what became of every row."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from speech.uploads import UploadLedger, UploadSummary

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class UploadReports:
    """Writes `<key>.progress.json` and, once complete, `<key>.report.json`."""

    def __init__(
        self, s3: S3Client, ledger: UploadLedger, now: Callable[[], float] = time.time
    ) -> None:
        self._s3 = s3
        self._ledger = ledger
        self._now = now

    def publish(self, upload: str) -> None:
        """Write what is true now; the one who finds the upload complete writes its report.

        A slower process may still be writing an older progress over the last one, so after
        writing an unfinished state the counters are read once more.
        """
        summary = self._ledger.summary(upload)
        if summary.status not in {"done", "rejected"}:
            self._put_progress(summary)
            summary = self._ledger.summary(upload)
        if summary.status in {"done", "rejected"}:
            finished = self._ledger.finish(upload)
            self._put(finished, "report", self._report(finished))
            self._put_progress(finished)

    def _put_progress(self, summary: UploadSummary) -> None:
        self._put(summary, "progress", _counters(summary) | {"updated_at": _iso(self._now())})

    def _report(self, summary: UploadSummary) -> dict[str, Any]:
        rejected_rows, failed_rows = [], []
        for problem in self._ledger.problems(summary.id):
            if problem.outcome == "rejected":
                rejected_rows.append(
                    {"line": problem.line, "field": problem.field, "reason": problem.reason}
                )
            else:
                failed_rows.append({"line": problem.line, "reason": problem.reason})
        return _counters(summary) | {
            "rejected_rows": rejected_rows,
            "failed_rows": failed_rows,
            "started_at": _iso(summary.started_at),
            "finished_at": _iso(summary.finished_at),
            "render_seconds": round(summary.render_seconds, 3),
        }

    def _put(self, summary: UploadSummary, kind: str, content: dict[str, Any]) -> None:
        self._s3.put_object(
            Bucket=summary.bucket,
            Key=f"{summary.key}.{kind}.json",
            Body=json.dumps(content, ensure_ascii=False, indent=2).encode(),
            ContentType="application/json",
        )


def _counters(summary: UploadSummary) -> dict[str, Any]:
    counters: dict[str, Any] = {
        "status": summary.status,
        "total": summary.total,
        "accepted": summary.accepted,
        "rejected": summary.rejected,
        "rendered": summary.rendered,
        "cached": summary.cached,
        "failed": summary.failed,
    }
    if summary.refusal:
        counters["reason"] = summary.refusal
    return counters


def _iso(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds")
