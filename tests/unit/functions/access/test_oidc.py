"""JWTs of an identity provider: a real one over HTTP, with keys made here."""

from __future__ import annotations

import base64
import io
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from access.refusals import RefusedError
from access.scopes import PREWARM, SPEECH
from authorizer.oidc import IdentityProvider, ProviderError
from tests.unit.functions.access.conftest import Ask, effect
from tests.unit.functions.conftest import Stage
from tests.unit.functions.panels.desk import Clock

AUDIENCE = "https://c-tv.saude.pi.gov.br"


@dataclass
class Issuer:
    """An identity provider."""

    url: str = ""
    named: str = ""
    keys: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    up: bool = True

    def add(self, key_id: str, private: Any, **members: str) -> None:
        """Publish a key and keep its private half to sign with."""
        self.keys[key_id] = (private, members)

    def published(self) -> dict[str, Any]:
        return {
            "keys": [
                _public(private) | {"kid": key_id} | members
                for key_id, (private, members) in self.keys.items()
            ]
        }

    def token(self, key_id: str = "rsa", algorithm: str = "RS256", **claims: Any) -> str:
        """Sign claims; None takes one out."""
        now = int(time.time())
        payload = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "agenda-7",
            "exp": now + 300,
            "nbf": now,
            "scope": "speech prewarm openid",
            **claims,
        }
        present = {name: value for name, value in payload.items() if value is not None}
        private = self.keys[key_id][0]
        return jwt.encode(present, private, algorithm, headers={"kid": key_id})


def _public(private: Any) -> dict[str, Any]:
    algorithm = RSAAlgorithm if isinstance(private, rsa.RSAPrivateKey) else ECAlgorithm
    members: dict[str, Any] = json.loads(algorithm.to_jwk(private.public_key()))
    return members


@pytest.fixture(scope="module")
def rsa_keys() -> list[rsa.RSAPrivateKey]:
    return [rsa.generate_private_key(65537, 2048) for _ in range(2)]


@pytest.fixture
def issuer(rsa_keys: list[rsa.RSAPrivateKey]) -> Iterator[Issuer]:
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            if self.path == "/realm/.well-known/openid-configuration":
                told: Any = {"issuer": issuer.named, "jwks_uri": f"{issuer.url}/keys"}
            else:
                told = issuer.published()
            self.send_response(200 if issuer.up else 503)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    issuer.url = issuer.named = f"http://127.0.0.1:{server.server_port}/realm"
    issuer.add("rsa", rsa_keys[0])
    issuer.add("ec", ec.generate_private_key(ec.SECP256R1()))
    yield issuer
    server.shutdown()
    server.server_close()


@pytest.fixture
def provider(issuer: Issuer) -> IdentityProvider:
    return IdentityProvider(issuer.url, AUDIENCE)


def reason(provider: IdentityProvider, token: str) -> str:
    with pytest.raises(RefusedError) as refused:
        provider.caller(token)
    return refused.value.reason


@pytest.mark.parametrize("signed", [("rsa", "RS256"), ("ec", "ES256")])
def test_given_a_token_of_the_provider_then_the_api_takes_it_as_a_key(
    stage: Stage, ask: Ask, issuer: Issuer, log: io.StringIO, signed: tuple[str, str]
) -> None:
    stage.restart(OIDC_ISSUER=issuer.url, OIDC_AUDIENCE=AUDIENCE)
    token = issuer.token(*signed)
    bearer = {"Authorization": f"Bearer {token}"}

    answer = ask(bearer["Authorization"])

    assert effect(answer) == "Allow"
    assert answer["context"]["token_id"] == "agenda-7"
    assert stage.api("GET", "/v1/voices", None, bearer).status == 200
    assert stage.api("GET", "/v1/panels", None, bearer).status == 403
    # And keys go on working beside it
    assert stage.api("GET", "/v1/voices").status == 200
    assert token not in log.getvalue()


def test_given_no_provider_then_a_jwt_is_no_key(stage: Stage, ask: Ask, issuer: Issuer) -> None:
    assert effect(ask(f"Bearer {issuer.token()}")) == "Deny"
    assert issuer.asked == []


@pytest.mark.parametrize(
    ("claims", "scopes"),
    [
        ({"scope": "speech prewarm"}, {SPEECH, PREWARM}),
        ({"scope": None, "scp": "speech"}, {SPEECH}),
        ({"scope": None, "scp": ["speech", "prewarm", 7]}, {SPEECH, PREWARM}),
        ({"scope": None}, set()),
    ],
)
def test_given_scopes_in_any_providers_form_then_they_are_read(
    provider: IdentityProvider, issuer: Issuer, claims: dict[str, Any], scopes: set[str]
) -> None:
    caller = provider.caller(issuer.token(**claims, client_id="agenda" * 20))

    assert caller.scopes == scopes
    assert caller.device is None
    assert caller.label == ("agenda" * 20)[:60]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "https://elsewhere"}, "unknown"),
        ({"aud": None}, "unknown"),
        ({"iss": "https://elsewhere"}, "unknown"),
        ({"exp": int(time.time()) - 90}, "expired"),
        ({"exp": None}, "unknown"),
        ({"nbf": int(time.time()) + 300}, "unknown"),
        ({"sub": None}, "unknown"),
        ({"sub": "a b"}, "malformed"),
    ],
)
def test_given_a_token_not_for_us_or_not_now_then_it_is_refused(
    provider: IdentityProvider, issuer: Issuer, claims: dict[str, Any], why: str
) -> None:
    assert reason(provider, issuer.token(**claims)) == why


def test_given_clocks_a_minute_apart_then_a_token_is_taken(
    provider: IdentityProvider, issuer: Issuer
) -> None:
    now = int(time.time())

    assert provider.caller(issuer.token(exp=now - 30, nbf=now - 60))
    assert provider.caller(issuer.token(nbf=now + 30))


def test_given_a_token_that_another_key_signed_then_it_is_refused(
    provider: IdentityProvider, issuer: Issuer, rsa_keys: list[rsa.RSAPrivateKey]
) -> None:
    forger = Issuer(url=issuer.url)
    forger.add("rsa", rsa_keys[1])

    assert reason(provider, forger.token()) == "unknown"


def test_given_a_token_that_signs_itself_then_it_is_refused(
    provider: IdentityProvider, issuer: Issuer
) -> None:
    header, payload, _ = issuer.token().split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","kid":"rsa"}').decode().rstrip("=")
    claims = {"iss": issuer.url, "aud": AUDIENCE, "sub": "x", "exp": int(time.time()) + 300}
    # RFC 8725 §2.1: the provider's public key as the secret of an HMAC
    secret = json.dumps(issuer.published()["keys"][0]) + "0" * 32
    hashed = jwt.encode(claims, secret, "HS256", headers={"kid": "rsa"})

    assert reason(provider, f"{unsigned}.{payload}.") == "malformed"
    assert reason(provider, hashed) == "malformed"
    assert reason(provider, f"{header}.{payload}.") == "unknown"
    assert reason(provider, "a.b.c") == "malformed"


def test_given_a_key_that_is_for_encryption_then_it_signs_nothing(
    provider: IdentityProvider, issuer: Issuer, rsa_keys: list[rsa.RSAPrivateKey]
) -> None:
    issuer.add("enc", rsa_keys[1], use="enc")

    assert reason(provider, issuer.token("enc")) == "unknown"


def test_given_a_provider_that_changes_its_keys_then_new_tokens_are_taken_and_old_ones_end(
    issuer: Issuer, rsa_keys: list[rsa.RSAPrivateKey]
) -> None:
    clock = Clock()
    provider = IdentityProvider(issuer.url, AUDIENCE, clock)
    old = issuer.token()
    assert provider.caller(old)

    issuer.keys = {}
    issuer.add("next", rsa_keys[1])
    clock.pass_s(11)

    assert provider.caller(issuer.token("next"))
    assert reason(provider, old) == "unknown"


def test_given_a_flood_of_made_up_key_ids_then_the_provider_is_asked_once_in_10_s(
    issuer: Issuer,
) -> None:
    clock = Clock()
    provider = IdentityProvider(issuer.url, AUDIENCE, clock)
    issuer.add("unpublished", issuer.keys["rsa"][0])
    flood = [issuer.token("unpublished") for _ in range(5)]
    del issuer.keys["unpublished"]

    assert {reason(provider, token) for token in flood} == {"unknown"}
    assert len(issuer.asked) == 2  # its configuration and its keys
    clock.pass_s(10)
    assert reason(provider, flood[0]) == "unknown"
    assert len(issuer.asked) == 4


def test_given_a_provider_that_is_away_then_a_known_key_is_good_for_hours_and_no_longer(
    issuer: Issuer, log: io.StringIO
) -> None:
    clock = Clock()
    provider = IdentityProvider(issuer.url, AUDIENCE, clock)
    token = issuer.token()
    assert provider.caller(token)

    issuer.up = False
    clock.pass_s(600)
    assert provider.caller(token)
    assert "the identity provider's keys cannot be read" in log.getvalue()
    clock.pass_s(6 * 3600 - 601)
    assert provider.caller(token)
    clock.pass_s(1)
    with pytest.raises(ProviderError):
        provider.caller(token)

    issuer.up = True
    clock.pass_s(10)
    assert provider.caller(token)


def test_given_a_provider_that_is_away_then_it_is_asked_once_in_10_s(issuer: Issuer) -> None:
    clock = Clock()
    provider = IdentityProvider(issuer.url, AUDIENCE, clock)
    issuer.add("unpublished", issuer.keys["rsa"][0])
    known, unknown = issuer.token(), issuer.token("unpublished")
    del issuer.keys["unpublished"]
    issuer.up = False

    def ask_all() -> int:
        issuer.asked.clear()
        for token in (known, unknown) * 3:
            with pytest.raises(ProviderError):
                provider.caller(token)
        return len(issuer.asked)

    assert ask_all() == 1
    clock.pass_s(9)
    assert ask_all() == 0
    clock.pass_s(1)
    assert ask_all() == 1


def test_given_a_known_key_and_a_provider_that_is_away_then_it_is_asked_once_in_10_s(
    issuer: Issuer,
) -> None:
    clock = Clock()
    provider = IdentityProvider(issuer.url, AUDIENCE, clock)
    token = issuer.token()
    provider.caller(token)
    issuer.up = False
    issuer.asked.clear()
    clock.pass_s(600)

    for _ in range(3):
        assert provider.caller(token)

    assert len(issuer.asked) == 1


@pytest.mark.parametrize(("chars", "taken"), [(255, True), (256, False)])
def test_given_a_long_subject_then_it_is_taken_as_far_as_openid_connect_allows(
    provider: IdentityProvider, issuer: Issuer, chars: int, taken: bool
) -> None:
    token = issuer.token(sub="a" * chars)

    if taken:
        assert provider.caller(token).token_id == "a" * chars
    else:
        assert reason(provider, token) == "malformed"


def test_given_a_provider_that_is_not_who_it_should_be_or_away_then_that_is_a_fault(
    stage: Stage, issuer: Issuer
) -> None:
    token = issuer.token()
    issuer.named = "https://elsewhere"
    with pytest.raises(ProviderError, match="another issuer"):
        IdentityProvider(issuer.url, AUDIENCE).caller(token)
    issuer.named, issuer.keys = issuer.url, {}
    with pytest.raises(ProviderError, match="no key"):
        IdentityProvider(issuer.url, AUDIENCE).caller(token)

    stage.restart(OIDC_ISSUER="http://127.0.0.1:9", OIDC_AUDIENCE=AUDIENCE)
    answer = stage.api("GET", "/v1/voices", None, {"Authorization": f"Bearer {token}"})
    assert answer.status == 500
