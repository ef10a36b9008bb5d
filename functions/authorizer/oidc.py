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

_ALGORITHMS: Final = ["RS256", "ES256"]
_LEEWAY_S: Final = 60
_TRUSTED_S: Final = 600.0
# A token with a made-up key id must not send us to the provider each time.
_ASK_AGAIN_S: Final = 10.0
_NETWORK_TIMEOUT_S: Final = 2.0
_LABEL_CLAIMS: Final = ("preferred_username", "client_id", "azp", "sub")
_LABEL_CHARS_MAX: Final = 60
_PLAIN_ID: Final = re.compile(r"[!-~]{1,128}")


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
    them: so a provider may change its keys at any time.
    """

    def __init__(self, issuer: str, now: Callable[[], float]) -> None:
        self._issuer = issuer
        self._now = now
        self._http = urllib3.PoolManager(
            timeout=_NETWORK_TIMEOUT_S, retries=urllib3.Retry(1, redirect=0)
        )
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at_s = float("-inf")

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key of this id, if it is published."""
        age_s = self._now() - self._fetched_at_s
        if age_s >= _TRUSTED_S or (key_id not in self._keys and age_s >= _ASK_AGAIN_S):
            self._keys = self._fetch()
            self._fetched_at_s = self._now()
        return self._keys.get(key_id)

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
