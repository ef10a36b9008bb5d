"""Renders queued speech, one message at a time, and decides when a message comes again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pydantic import ValidationError

from speech import observability
from speech.assembly import Assembly
from speech.deadline import Deadline, DeadlineExceededError
from speech.host import (
    DoubtfulSpeechError,
    HostBusyError,
    HostRejectedError,
    HostUnavailableError,
    Priority,
)
from speech.queues import RenderMessage
from speech.rendering import Rendered
from speech.uploads import RowOutcome

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

# What is left of an invocation for publishing, counting and the reports.
_CLOSING_S = 6.0
# The least a render is worth starting with: the slowest call took the old system 10 s.
_LEAST_RENDER_S = 10.0
_FIRST_BACKOFF_S = 5
_LONGEST_BACKOFF_S = 300


class MessageFailedError(Exception):
    """This message must come again, or go to the DLQ; the queue counts how often."""


class RenderWorker:
    """Handles the messages of one batch."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts
        self._touched_uploads: set[str] = set()

    def handle(self, record: SQSRecord, lambda_context: LambdaContext) -> None:
        """Render one message.

        Raises:
            MessageFailedError: it was not rendered, and its visibility says when it comes again.
        """
        sent_s = int(record.attributes.sent_timestamp) / 1000
        age_s = max(0.0, time.time() - sent_s)
        queue = self._queue(record)
        observability.seconds(observability.QUEUE_AGE_SECONDS, age_s, queue=queue)
        try:
            message = RenderMessage.model_validate_json(record.body)
        except ValidationError:
            # It will never be readable: visible at once, so that it reaches the DLQ quickly.
            raise self._failed(record, "the message cannot be read", again_s=0) from None
        observability.logger.set_correlation_id(message.correlation_id)
        left_s = lambda_context.get_remaining_time_in_millis() / 1000 - _CLOSING_S
        if left_s < _LEAST_RENDER_S:
            raise self._failed(record, "this invocation has no time left", again_s=1)
        try:
            self._render(message, Deadline.after(left_s))
        except (
            HostBusyError,
            HostUnavailableError,
            DoubtfulSpeechError,
            DeadlineExceededError,
        ) as error:
            raise self._failed(record, type(error).__name__, _backoff_s(record)) from None
        except Exception as error:  # noqa: BLE001 - AWS had a bad moment, or we have a fault
            observability.log_fault("a message failed unexpectedly", error)
            raise self._failed(record, type(error).__name__, _backoff_s(record)) from None

    def publish_progress(self) -> None:
        """Write how far the uploads are whose rows this batch finished."""
        for upload in sorted(self._touched_uploads):
            self._parts.upload_reports.publish(upload)

    def _render(self, message: RenderMessage, deadline: Deadline) -> None:
        try:
            rendered = self._parts.queue_renderer.render(
                message.request,
                key=self._parts.queue_renderer.key(message.request),
                deadline=deadline,
                priority=message.priority,
                correlation_id=message.correlation_id,
            )
        except HostRejectedError as error:
            self._settle_rejected(message, error)
        else:
            self._settle_rendered(message, rendered)

    def _settle_rendered(self, message: RenderMessage, rendered: Rendered) -> None:
        if message.upload is None:  # nobody was given the id of an upload's row
            if rendered.speech.id == message.id:
                self._parts.jobs.forget(message.id)
            else:
                self._parts.jobs.move(message.id, rendered.speech.id)
        else:
            outcome: RowOutcome = "cached" if rendered.cached else "rendered"
            self._parts.uploads.count(
                message.upload.id, message.upload.row, outcome, rendered.render_s
            )
            self._touched_uploads.add(message.upload.id)

    def _settle_rejected(self, message: RenderMessage, error: HostRejectedError) -> None:
        fields = [f"{one.get('field', '?')}: {one.get('message', '')}" for one in error.errors]
        reason = "; ".join(fields) or f"the model host answered {error.status}"
        if message.upload is None:
            self._parts.jobs.fail(message.id, reason)
        else:
            self._parts.uploads.count(message.upload.id, message.upload.row, "failed", 0.0, reason)
            self._touched_uploads.add(message.upload.id)

    def _failed(self, record: SQSRecord, reason: str, again_s: int) -> MessageFailedError:
        observability.logger.warning(
            "a message was not rendered",
            extra={"reason": reason, "message_id": record.message_id, "again_s": again_s},
        )
        self._parts.change_visibility(self._queue_url(record), record.receipt_handle, again_s)
        return MessageFailedError(reason)

    def _queue(self, record: SQSRecord) -> Priority:
        name = record.event_source_arn.rpartition(":")[2]
        return "live" if self._parts.settings.live_queue_url.endswith(f"/{name}") else "bulk"

    def _queue_url(self, record: SQSRecord) -> str:
        settings = self._parts.settings
        return settings.live_queue_url if self._queue(record) == "live" else settings.bulk_queue_url


def _backoff_s(record: SQSRecord) -> int:
    received = int(record.attributes.approximate_receive_count)
    backoff_s: int = min(_LONGEST_BACKOFF_S, _FIRST_BACKOFF_S * 2 ** (received - 1))
    return backoff_s
