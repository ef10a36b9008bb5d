"""An uploaded file of phrases becomes messages on the bulk queue.

A file under `uploads/panels/{panel}/` is a list of patients: they also join the waiting list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from panels.assembly import PanelParts
from panels.errors import UnknownPanelError
from panels.uploads import panel_of
from prerender.panel_list import PanelList
from speech import observability
from speech.assembly import Assembly
from speech.bucket_events import BucketEvent
from speech.phrase_files import is_watched
from speech.phrases import BadRow, Row, UnreadableFileError, read_rows
from speech.queues import RenderMessage, UploadRow
from speech.request import Manner, Said, UnknownVoiceError
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
            panel_list = self._panel_list(upload, event.key)
            rows = read_rows(event.key, self._parts.phrase_files.lines(event.key, event.bucket))
            self._parts.queues.send(self._messages(upload, rows, tally, panel_list), "bulk")
            if panel_list:
                panel_list.join()
        except UnknownPanelError:
            self._parts.uploads.refuse(upload, "no such panel")
        except UnreadableFileError as error:
            self._parts.uploads.refuse(upload, str(error))
        except FileNotFoundError:
            self._parts.uploads.refuse(upload, "the file was deleted before it was read")
        else:
            self._parts.uploads.note_rejected(upload, tally.bad_rows)
            self._parts.uploads.expanded(upload, tally.accepted, tally.rejected)
            observability.count(observability.ROWS_ACCEPTED, tally.accepted)
            observability.count(observability.ROWS_REJECTED, tally.rejected)

    def _panel_list(self, upload: str, key: str) -> PanelList | None:
        """The panel's list that a file is, if it is one.

        Raises:
            UnknownPanelError: no such panel.
        """
        panel = panel_of(key)
        if panel is None:
            return None
        panels = PanelParts(self._parts)
        settings = panels.rooms.find(panel).settings
        return PanelList(panel, settings, panels.waiting, upload)

    def _messages(
        self,
        upload: str,
        rows: Iterator[Row | BadRow],
        tally: _Tally,
        panel_list: PanelList | None,
    ) -> Iterator[RenderMessage]:
        rows_max = self._parts.settings.max_upload_rows
        for number, row in enumerate(rows, 1):
            if number > rows_max:
                reason = f"more than {rows_max} rows: from here on nothing was read"
                self._reject(upload, BadRow(row.line, "row", reason), tally)
                return
            read = self._read(upload, row, panel_list) if isinstance(row, Row) else row
            if isinstance(read, BadRow):
                self._reject(upload, read, tally)
            else:
                tally.accepted += 1
                yield from read

    def _read(
        self, upload: str, row: Row, panel_list: PanelList | None
    ) -> Sequence[RenderMessage] | BadRow:
        if panel_list is None:
            manner: Manner = row.request
            wanted: Sequence[Said] | BadRow = (row.request.said,)
        else:
            manner, wanted = panel_list.manner, panel_list.take(row)
        if isinstance(wanted, BadRow):
            return wanted
        try:
            return self._renders(upload, row.line, manner, wanted)
        except UnknownVoiceError as error:
            return BadRow(row.line, "voice", f"no such voice (allowed: {', '.join(error.allowed)})")

    def _renders(
        self, upload: str, line: int, manner: Manner, wanted: Sequence[Said]
    ) -> Sequence[RenderMessage]:
        """A message for everything that a row has rendered; the first one counts the row."""
        manifest = self._parts.manifests.current()
        messages = []
        for position, said in enumerate(wanted):
            utterance = manner.utterance(said, manifest.voice_ids, manifest.default_voice)
            messages.append(
                RenderMessage(
                    id=self._parts.renderer.key(utterance).id,
                    request=utterance,
                    priority="bulk",
                    upload=None if position else UploadRow(id=upload, row=line),
                    correlation_id=upload,
                )
            )
        return messages

    def _reject(self, upload: str, row: BadRow, tally: _Tally) -> None:
        tally.rejected += 1
        tally.bad_rows.append(row)
        if len(tally.bad_rows) == _NOTED_AT_ONCE:
            self._parts.uploads.note_rejected(upload, tally.bad_rows)
            tally.bad_rows.clear()
