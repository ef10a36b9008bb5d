"""A queue of S3's notifications, worked off message by message with partial batch failures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from speech import observability
from speech.bucket_events import BucketEvent, read_bucket_events

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

# A batch that fails as a whole is no error of the function: each message comes again by itself.
_processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def work_off(
    batch: dict[str, Any], context: LambdaContext, handle: Callable[[BucketEvent], None]
) -> object:
    """Hand every event of a batch to `handle`; return the messages that must come again."""
    return process_partial_response(batch, partial(_handle_record, handle), _processor, context)


def _handle_record(handle: Callable[[BucketEvent], None], record: SQSRecord) -> None:
    try:
        for event in read_bucket_events(record.body):
            handle(event)
    except Exception as error:
        observability.log_fault("an event was not handled", error)
        raise
