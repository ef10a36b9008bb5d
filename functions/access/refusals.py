"""Why somebody is refused."""

from __future__ import annotations

from typing import Literal

Reason = Literal["missing", "malformed", "unknown", "expired", "scope"]


class RefusedError(Exception):
    """Credentials that are not good for what is asked; the message is the reason alone.

    `token_id` names the token, where it is known.
    """

    def __init__(self, reason: Reason, token_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.token_id = token_id
