"""SQS → model host → cache, with partial batch failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from render.worker import RenderWorker
from speech import observability
from speech.assembly import assembled

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

assembled().settings.require(
    "coqui_server_url",
    "s3_cache_bucket",
    "state_table",
    "live_queue_url",
    "bulk_queue_url",
    "cache_key_secret_arn",
)
# A batch that fails as a whole is no error of the function: each message has its own backoff.
_processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


@observability.logger.inject_lambda_context(clear_state=True)
@observability.traced
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    """Render a batch of messages."""
    worker = RenderWorker(assembled())
    failures = process_partial_response(event, worker.handle, _processor, context)
    worker.publish_progress()
    return failures
