"""Access tokens of an OpenID Connect provider (RFC 9068), verified with the keys it publishes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import jwt
import urllib3

from access.caller import Caller
from access.refusals import RefusedError
from speech import observability

_ALGORITHMS: Final = ["RS256", "ES256"]
_LEEWAY_S: Final = 60
_TRUSTED_S: Final = 600.0
# A provider that is away must not lock everybody out at once.
_TRUSTED_WHILE_AWAY_S: Final = 6 * 3600.0
# Neither a token with a made-up key id nor a provider that is away may send us there each time.
_ASK_AGAIN_S: Final = 10.0
_NETWORK_TIMEOUT_S: Final = 2.0
_LABEL_CLAIMS: Final = ("preferred_username", "client_id", "azp", "sub")
_LABEL_CHARS_MAX: Final = 60
# OpenID Connect Core 1.0 §2: at most 255 ASCII characters.
_PLAIN_ID: Final = re.compile(r"[!-~]{1,255}")


class ProviderError(Exception):
    """The identity provider does not answer as it should."""


class IdentityProvider:
    """Verifies a provider's tokens.

    Args:
        issuer: its URL, exactly as in `iss`.
        audience: what `aud` must hold.
        now: epoch seconds, by which the keys age.
    """

    def __init__(self, issuer: str, audience: str, now: Callable[[], float] = time.time) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = _PublishedKeys(issuer, now)

    def caller(self, token: str) -> Caller:
        """Whoever a token was given to; its scopes are those in `scope` or `scp`.

        Raises:
            RefusedError: it is not one, not for us, not from there, or expired.
            ProviderError: the provider's keys cannot be had.
        """
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise RefusedError("malformed") from None
        if header.get("alg") not in _ALGORITHMS or not isinstance(header.get("kid"), str):
            raise RefusedError("malformed")
        key = self._keys.find(header["kid"])
        if key is None:
            raise RefusedError("unknown")
        claims = self._verified(token, key)
        subject = claims["sub"]
        if not _PLAIN_ID.fullmatch(subject):
            raise RefusedError("malformed")
        label = next(str(claims[name]) for name in _LABEL_CLAIMS if claims.get(name))
        return Caller(subject, label[:_LABEL_CHARS_MAX], _scopes(claims))

    def _verified(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise RefusedError("expired") from None
        except jwt.InvalidTokenError:
            raise RefusedError("unknown") from None
        return claims


class _PublishedKeys:
    """The provider's signing keys, as last published (OpenID Connect Discovery 1.0 §4).

    They are fetched anew after ten minutes, and as soon as a token names one that is not among
    them: so a provider may change its keys at any time. While it does not answer, those that are
    known stay good for six hours.
    """

    def __init__(self, issuer: str, now: Callable[[], float]) -> None:
        self._issuer = issuer
        self._now = now
        self._http = urllib3.PoolManager(
            timeout=_NETWORK_TIMEOUT_S, retries=urllib3.Retry(1, redirect=0)
        )
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at_s = self._asked_at_s = float("-inf")
        self._failure = ""

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key of this id, if it is published.

        Raises:
            ProviderError: the provider does not answer, and the key is not known well enough.
        """
        now_s = self._now()
        known, age_s = self._keys.get(key_id), now_s - self._fetched_at_s
        if (known is None or age_s >= _TRUSTED_S) and now_s - self._asked_at_s >= _ASK_AGAIN_S:
            self._ask(now_s)
        if not self._failure:
            return self._keys.get(key_id)
        if known is None or age_s >= _TRUSTED_WHILE_AWAY_S:
            raise ProviderError(self._failure)
        return known

    def _ask(self, now_s: float) -> None:
        self._asked_at_s = now_s
        try:
            self._keys = self._fetch()
        except ProviderError as error:
            observability.log_fault("the identity provider's keys cannot be read", error)
            self._failure = str(error)
        else:
            self._fetched_at_s, self._failure = now_s, ""

    def _fetch(self) -> Mapping[str, jwt.PyJWK]:
        found = self._json(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer:
            raise ProviderError("the provider's configuration names another issuer")
        try:
            published = jwt.PyJWKSet.from_dict(self._json(str(found.get("jwks_uri"))))
        except jwt.PyJWTError:
            raise ProviderError("the provider publishes no key that can be used") from None
        return {
            key.key_id: key
            for key in published.keys
            if key.key_id and key.public_key_use in {None, "sig"}
        }

    def _json(self, url: str) -> dict[str, Any]:
        try:
            answer = self._http.request("GET", url)
            found = answer.json() if answer.status == 200 else None  # noqa: PLR2004 - the one
        except (urllib3.exceptions.HTTPError, ValueError):
            found = None
        if not isinstance(found, dict):
            raise ProviderError("the provider does not answer with JSON")
        return found


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """RFC 9068 §2.2.3 has a string, `scope`; Entra ID and Okta name it `scp`, Okta as a list."""
    found = claims.get("scope") or claims.get("scp") or ""
    words = found.split() if isinstance(found, str) else found
    return frozenset(word for word in words if isinstance(word, str))
