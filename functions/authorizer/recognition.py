"""Whom credentials stand for: a token of the state table, or a JWT of the identity provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from access.caller import Caller
from access.refusals import RefusedError
from access.tokens import TokenStore
from speech.assembly import Assembly, assembled

if TYPE_CHECKING:
    from authorizer.oidc import IdentityProvider

_DOTS_OF_A_JWT = 2  # RFC 7515 §7.1; a token of ours has none


@dataclass(frozen=True, slots=True)
class Recognised:
    """A caller, and what API Gateway counts its requests under; empty: under nothing."""

    caller: Caller
    usage_key: str


def bearer(headers: Mapping[str, str]) -> str:
    """The credentials in a request's `Authorization: Bearer` (RFC 6750 §2.1).

    Raises:
        RefusedError: there are none, or of another scheme.
    """
    # HTTP/1.1 brings the name as the client wrote it, HTTP/2 in small letters.
    sent = next((v for name, v in headers.items() if name.lower() == "authorization"), "").strip()
    if not sent:
        raise RefusedError("missing")
    scheme, _, credentials = sent.partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        raise RefusedError("malformed")
    return credentials.strip()


class Recognition:
    """Recognises callers."""

    def __init__(self, parts: Assembly) -> None:
        self._settings = parts.settings
        self._tokens = TokenStore(parts.clients.dynamodb, parts.settings.state_table)

    def of(self, credentials: str) -> Recognised:
        """The caller of these credentials.

        Raises:
            RefusedError: they are none, or not any more.
            ProviderError: the identity provider does not answer as it should.
        """
        unplanned = self._settings.unplanned_usage_key
        if self._settings.oidc_issuer and credentials.count(".") == _DOTS_OF_A_JWT:
            return Recognised(self._provider.caller(credentials), unplanned)
        token = self._tokens.find(credentials)
        return Recognised(token.caller, token.usage_key or unplanned)

    @cached_property
    def _provider(self) -> IdentityProvider:
        # Cryptography takes a tenth of a second to import: only for who has a provider.
        from authorizer.oidc import IdentityProvider  # noqa: PLC0415

        return IdentityProvider(self._settings.oidc_issuer, self._settings.oidc_audience)


def recognition() -> Recognition:
    """This process's."""
    return _of(assembled())


@cache
def _of(parts: Assembly) -> Recognition:
    return Recognition(parts)
