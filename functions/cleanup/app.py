"""S3 lifecycle and deletes → SQS → forgotten jobs and renewed pinned phrases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from cleanup.aftermath import Aftermath
from speech import observability
from speech.assembly import assembled
from speech.bucket_events import read_bucket_events

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

assembled().settings.require(
    "coqui_server_url",
    "s3_cache_bucket",
    "state_table",
    "bulk_queue_url",
    "phrases_bucket",
    "cache_key_secret_arn",
)
_processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


@observability.logger.inject_lambda_context(clear_state=True)
@observability.traced
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    """Follow up a batch of messages."""
    return process_partial_response(event, _handle, _processor, context)


def _handle(record: SQSRecord) -> None:
    try:
        for event in read_bucket_events(record.body):
            Aftermath(assembled()).handle(event)
    except Exception as error:
        observability.log_fault("an event was not handled", error)
        raise
