"""Speech that is to be rendered later, as a message on one of two queues.

Two queues, so that a patient called now never waits behind an upload of thousands of phrases.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from speech import observability
from speech.host import Priority
from speech.request import Utterance

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

_BATCH_MESSAGES = 10  # SendMessageBatch's limit
_SEND_ATTEMPTS = 4
_RETRY_PAUSE_S = 0.2


class QueueError(Exception):
    """SQS refused messages again and again."""


class UploadRow(BaseModel):
    """The row of an uploaded file that a message came from; `row` is its line number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    row: int


class RenderMessage(BaseModel):
    """One utterance to be rendered.

    Attributes:
        id: the speech id under which it was accepted.
        accepted_at: epoch seconds.
        correlation_id: of the request or event that asked for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    id: str
    request: Utterance
    priority: Priority
    upload: UploadRow | None = None
    accepted_at: float = Field(default_factory=time.time)
    correlation_id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,128}$")


class RenderQueues:
    """The live and the bulk render queue."""

    def __init__(self, sqs: SQSClient, live_url: str, bulk_url: str) -> None:
        self._sqs = sqs
        self._urls: dict[Priority, str] = {"live": live_url, "bulk": bulk_url}

    def send(self, messages: Iterable[RenderMessage], priority: Priority) -> int:
        """Queue messages, ten at a time, as they come.

        Returns:
            How many.

        Raises:
            QueueError: SQS kept refusing some; those before may have been queued.
        """
        sent = 0
        remaining = iter(messages)
        while batch := list(islice(remaining, _BATCH_MESSAGES)):
            self._send_batch(self._urls[priority], batch)
            sent += len(batch)
        if sent:
            observability.count(observability.QUEUED, sent)
        return sent

    def _send_batch(self, url: str, batch: Sequence[RenderMessage]) -> None:
        """Send one batch; SQS may take some of it and refuse the rest."""
        entries: list[SendMessageBatchRequestEntryTypeDef] = [
            {"Id": str(index), "MessageBody": message.model_dump_json(exclude_none=True)}
            for index, message in enumerate(batch)
        ]
        for attempt in range(_SEND_ATTEMPTS):
            if attempt:
                time.sleep(_RETRY_PAUSE_S * 2**attempt)
            answer = self._sqs.send_message_batch(QueueUrl=url, Entries=entries)
            refused = {failure["Id"] for failure in answer.get("Failed", [])}
            entries = [entry for entry in entries if entry["Id"] in refused]
            if not entries:
                return
        raise QueueError(f"{len(entries)} of {len(batch)} messages were refused")
