"""Whoever an authorizer has recognised, and how API Gateway carries that to a function.

The context of a Lambda authorizer's answer holds strings, numbers and booleans only; the function
finds it in `requestContext.authorizer`. Source: Amazon API Gateway Developer Guide, "Output from an
API Gateway Lambda authorizer".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from access.scopes import OPERATOR


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a token stands for; nothing here is secret.

    Attributes:
        token_id: names the token in audits, lists and logs.
        label: what people call its bearer, such as "Recepção".
        scopes: what it may do.
        device: the paired device's id; None for all but a TV.
    """

    token_id: str
    label: str
    scopes: frozenset[str]
    device: str | None = None

    @property
    def is_operator(self) -> bool:
        """Whether it may see all that a panel holds, whatever its screens show."""
        return OPERATOR in self.scopes

    def context(self) -> dict[str, str]:
        """As an authorizer answers it.

        The label is percent-encoded: AWS does not say what becomes of letters beyond ASCII.
        """
        return {
            "token_id": self.token_id,
            "label": quote(self.label),
            "scopes": " ".join(sorted(self.scopes)),
            "device": self.device or "",
        }


def caller_in(event: Mapping[str, Any]) -> Caller | None:
    """The caller whom API Gateway's event names; None if no authorizer was asked."""
    context = event.get("requestContext", {}).get("authorizer") or {}
    if not context.get("token_id"):
        return None
    return Caller(
        token_id=context["token_id"],
        label=unquote(context["label"]),
        scopes=frozenset(context["scopes"].split()),
        device=context["device"] or None,
    )
