"""S3 lifecycle and deletes → SQS → forgotten jobs and renewed pinned phrases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleanup.aftermath import Aftermath
from speech import observability
from speech.assembly import assembled
from speech.bucket_queue import work_off

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

assembled().settings.require(
    "coqui_server_url",
    "s3_cache_bucket",
    "state_table",
    "bulk_queue_url",
    "phrases_bucket",
    "cache_key_secret_arn",
)


@observability.logger.inject_lambda_context(clear_state=True)
@observability.traced
def handler(event: dict[str, Any], context: LambdaContext) -> object:
    """Follow up a batch of messages."""
    return work_off(event, context, Aftermath(assembled()).handle)
