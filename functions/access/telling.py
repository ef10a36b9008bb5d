"""Tells operators of whoever was refused: the one metric and the one log line of a refusal."""

from __future__ import annotations

from access.refusals import RefusedError
from speech import observability


def tell(refused: RefusedError) -> None:
    """Count a refusal by its reason and log it with the token's id, where that is known."""
    observability.count(observability.ACCESS_DENIED, reason=refused.reason)
    observability.logger.warning(
        "access denied", extra={"reason": refused.reason, "token_id": refused.token_id}
    )
