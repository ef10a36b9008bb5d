"""Every few minutes, and by hand: keep the manifest fresh and the pinned phrases rendered."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from speech import observability
from speech.assembly import assembled
from warmup.rounds import make_round

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
def handler(event: dict[str, Any], context: LambdaContext) -> object:  # noqa: ARG001 - {} will do
    """Make one round and say what it found."""
    found = asdict(make_round(assembled(), context.aws_request_id))
    observability.logger.info("round", extra=found)
    return found
