"""An uploaded file of phrases becomes messages on the bulk queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from speech import observability
from speech.assembly import Assembly
from speech.bucket_events import BucketEvent
from speech.phrase_files import is_watched
from speech.phrases import BadRow, Row, UnreadableFileError, read_rows
from speech.queues import RenderMessage, UploadRow
from speech.request import UnknownVoiceError
from speech.uploads import upload_id

_NOTED_AT_ONCE = 25


@dataclass
class _Tally:
    """What was read so far; bad rows wait here to be noted together."""

    accepted: int = 0
    rejected: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)


class Expansion:
    """Reads uploads. Starting one again after a crash changes nothing that was counted."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts

    def handle(self, event: BucketEvent) -> None:
        """Expand the file that was put; events of anything else are ignored.

        Raises:
            HostUnavailableError: the host was never seen, so nothing can be named.
        """
        if not event.name.startswith("ObjectCreated:") or not is_watched(event.key):
            return
        upload = upload_id(event.bucket, event.key, event.version_id, event.sequencer)
        observability.logger.set_correlation_id(upload)
        summary = self._parts.uploads.begin(upload, event.bucket, event.key)
        if summary.status == "expanding":
            self._parts.upload_reports.publish(upload)
            self._expand(upload, event)
        self._parts.upload_reports.publish(upload)

    def _expand(self, upload: str, event: BucketEvent) -> None:
        tally = _Tally()
        try:
            rows = read_rows(event.key, self._parts.phrase_files.lines(event.key, event.bucket))
            self._parts.queues.send(self._messages(upload, rows, tally), "bulk")
        except UnreadableFileError as error:
            self._parts.uploads.refuse(upload, str(error))
        except FileNotFoundError:
            self._parts.uploads.refuse(upload, "the file was deleted before it was read")
        else:
            self._parts.uploads.note_rejected(upload, tally.bad_rows)
            self._parts.uploads.expanded(upload, tally.accepted, tally.rejected)
            observability.count(observability.ROWS_ACCEPTED, tally.accepted)
            observability.count(observability.ROWS_REJECTED, tally.rejected)

    def _messages(
        self, upload: str, rows: Iterator[Row | BadRow], tally: _Tally
    ) -> Iterator[RenderMessage]:
        rows_max = self._parts.settings.max_upload_rows
        for number, row in enumerate(rows, 1):
            if number > rows_max:
                reason = f"more than {rows_max} rows: from here on nothing was read"
                self._reject(upload, BadRow(row.line, "row", reason), tally)
                return
            read = self._message(upload, row) if isinstance(row, Row) else row
            if isinstance(read, BadRow):
                self._reject(upload, read, tally)
            else:
                tally.accepted += 1
                yield read

    def _message(self, upload: str, row: Row) -> RenderMessage | BadRow:
        manifest = self._parts.manifests.current()
        said = row.request.said
        try:
            utterance = row.request.utterance(said, manifest.voice_ids, manifest.default_voice)
        except UnknownVoiceError as error:
            return BadRow(row.line, "voice", f"no such voice (allowed: {', '.join(error.allowed)})")
        return RenderMessage(
            id=self._parts.renderer.key(utterance).id,
            request=utterance,
            priority="bulk",
            upload=UploadRow(id=upload, row=row.line),
            correlation_id=upload,
        )

    def _reject(self, upload: str, row: BadRow, tally: _Tally) -> None:
        tally.rejected += 1
        tally.bad_rows.append(row)
        if len(tally.bad_rows) == _NOTED_AT_ONCE:
            self._parts.uploads.note_rejected(upload, tally.bad_rows)
            tally.bad_rows.clear()
