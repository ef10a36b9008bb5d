"""Lists of patients that the desk uploads: where the file goes, and how far it is.

The browser puts the file into the phrases bucket itself; S3's event starts the prerender function.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from panels.audit import Audit, Author
from panels.contention import attempts
from panels.errors import PanelContendedError
from panels.table import PanelTable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONTENT_TYPES: Final = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "txt": "text/plain",
}
UPLOAD_ID: Final = r"^[0-9a-f]{32}\.(csv|jsonl|txt)$"
URL_TTL_S: Final = 900

_KEY: Final = re.compile(r"uploads/panels/(?P<panel>[a-z0-9][a-z0-9-]{0,39})/[^/]+")
_REPORTS: Final = ("report", "progress")  # the report is there once the last row is done


@dataclass(frozen=True, slots=True)
class UploadPlace:
    """Where one file is to be put: `url` takes one PUT with these headers, for 15 minutes."""

    id: str
    url: str
    headers: dict[str, str]


def panel_of(object_key: str) -> str | None:
    """The panel for whose waiting list an object was uploaded; None if for none."""
    match = _KEY.fullmatch(object_key)
    return match["panel"] if match else None


class PanelUploads:
    """Files of patients in the phrases bucket."""

    def __init__(self, s3: S3Client, bucket: str, table: PanelTable, audit: Audit) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._table = table
        self._audit = audit

    def place(self, panel: str, suffix: str, by: Author) -> UploadPlace:
        """A place for a file; the same request again gets the same one.

        Raises:
            UnknownPanelError: no such panel.
            KeyReusedError: the idempotency key came with another request.
            PanelContendedError: could not be written now.
        """
        self._table.head(panel)
        upload = self._upload(panel, suffix, by)
        headers = {"Content-Type": CONTENT_TYPES[suffix]}
        url = self._s3.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": _key(panel, upload),
                "ContentType": headers["Content-Type"],
            },
            ExpiresIn=URL_TTL_S,
        )
        return UploadPlace(upload, url, headers)

    def progress(self, panel: str, upload: str) -> bytes | None:
        """The report, or how far it is, as JSON; None before anything of the file was read."""
        for kind in _REPORTS:
            try:
                found = self._s3.get_object(
                    Bucket=self._bucket, Key=f"{_key(panel, upload)}.{kind}.json"
                )
            except self._s3.exceptions.NoSuchKey:
                continue
            return found["Body"].read()
        return None

    def _upload(self, panel: str, suffix: str, by: Author) -> str:
        for _ in attempts():
            if by.once and (answered := by.once.answer(self._table, panel)):
                return answered
            upload = f"{uuid4().hex}.{suffix}"
            writes = [self._audit.entry(panel, by, "uploaded")]
            if by.once:
                writes.append(by.once.answered(self._table, panel, upload))
            if self._table.commit(writes):
                return upload
        raise PanelContendedError


def _key(panel: str, upload: str) -> str:
    return f"uploads/panels/{panel}/{upload}"
