"""Bearer tokens: 32 random bytes of which only the SHA-256 is kept.

A token is random enough that a plain hash cannot be guessed back (RFC 6749 §10.10 asks for at most
2^-128), so it needs no salt and is found by one GetItem on its hash.

In the state table: `pk=token#{hash}, sk=token` is the token; `pk=operators, sk={id}` names the hash
of an operator's, so that operators can be listed and revoked; a device's is named by its device.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OPERATOR: Final = "operator"
DEVICE_TTL_S: Final = 90 * 86_400
_OPERATOR_TTL_S = 365 * 86_400
_TOKEN_BYTES = 32
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{43}")
_REMEMBERED_S = 10.0
_REMEMBERED_MAX = 1024

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; nothing here is secret.

    Attributes:
        id: names it in audits and lists.
        scope: "operator", or "panel:" and the panel's id.
        label: what people call its bearer, such as "Recepção".
        device: the paired device's id; None for an operator's.
        created_at: epoch seconds.
        expires_at: epoch seconds.
        last_used_day: ISO 8601 date in UTC; empty before its first use.
    """

    id: str
    scope: str
    label: str
    device: str | None
    created_at: int
    expires_at: int
    last_used_day: str = ""


def panel_scope(panel: str) -> str:
    """The scope of a device of this panel."""
    return f"panel:{panel}"


def new_token() -> str:
    """32 random bytes in base64url, 43 characters."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is kept of a token: 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_key(hashed: str) -> dict[str, dict[str, str]]:
    """The primary key of a token's item."""
    return {"pk": {"S": f"token#{hashed}"}, "sk": {"S": "token"}}


def token_item(hashed: str, token: Token) -> dict[str, Any]:
    """A token as it is kept."""
    item: dict[str, Any] = {
        **token_key(hashed),
        "id": {"S": token.id},
        "scope": {"S": token.scope},
        "label": {"S": token.label},
        "created_at": {"N": str(token.created_at)},
        "expires_at": {"N": str(token.expires_at)},
    }
    if token.device is not None:
        item["device"] = {"S": token.device}
    return item


class TokenStore:
    """Tokens in the state table."""

    def __init__(
        self, dynamodb: DynamoDBClient, table: str, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def find(self, token: str) -> Token | None:
        """The token, if it was given out and has neither expired nor been revoked.

        Its first use of a day is noted.
        """
        if not _WELL_FORMED.fullmatch(token):
            return None
        hashed = token_hash(token)
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=token_key(hashed), ConsistentRead=True
        )
        item: Item | None = answer.get("Item")
        if item is None:
            return None
        found = _token(item)
        if found.expires_at <= self._now():
            return None  # DynamoDB may take days to delete what has expired
        if found.last_used_day != self._today():
            self._note_use(hashed)
        return found

    def create_operator(self, label: str) -> str:
        """Give out an operator's token, valid for a year.

        Returns:
            The token itself, which nothing else will ever tell again.
        """
        token = new_token()
        hashed = token_hash(token)
        now = int(self._now())
        kept = Token(secrets.token_hex(8), OPERATOR, label, None, now, now + _OPERATOR_TTL_S)
        index = {
            **_operator_key(kept.id),
            "token": {"S": hashed},
            "expires_at": {"N": str(kept.expires_at)},
        }
        self._dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": self._table, "Item": token_item(hashed, kept)}},
                {"Put": {"TableName": self._table, "Item": index}},
            ]
        )
        return token

    def operators(self) -> list[Token]:
        """Every operator's token that has neither expired nor been revoked, oldest first."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :operators",
            ExpressionAttributeValues={":operators": {"S": "operators"}},
        )
        tokens = []
        for page in pages:
            for named in page["Items"]:
                answer = self._dynamodb.get_item(
                    TableName=self._table,
                    Key=token_key(named["token"]["S"]),
                    ConsistentRead=True,
                )
                if item := answer.get("Item"):
                    tokens.append(_token(item))
        living = [token for token in tokens if token.expires_at > self._now()]
        return sorted(living, key=lambda token: token.created_at)

    def revoke_operator(self, token_id: str) -> bool:
        """Take an operator's token back.

        Returns:
            Whether there was one of this id.
        """
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=_operator_key(token_id), ConsistentRead=True
        )
        item: Item | None = answer.get("Item")
        if item is None:
            return False
        self._dynamodb.transact_write_items(
            TransactItems=[
                {"Delete": {"TableName": self._table, "Key": token_key(item["token"]["S"])}},
                {"Delete": {"TableName": self._table, "Key": _operator_key(token_id)}},
            ]
        )
        return True

    def _note_use(self, hashed: str) -> None:
        # One that was revoked just now must not come back as an item without its other parts.
        with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
            self._dynamodb.update_item(
                TableName=self._table,
                Key=token_key(hashed),
                UpdateExpression="SET last_used_day = :today",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":today": {"S": self._today()}},
            )

    def _today(self) -> str:
        return datetime.fromtimestamp(self._now(), UTC).date().isoformat()


@dataclass(frozen=True, slots=True)
class _Remembered:
    token: Token | None
    at_s: float


class RememberedTokens:
    """Tokens as last seen, remembered for 10 s, also those that are none.

    So a token costs one read in 10 s, and one that is revoked works for 10 s at most. At most 1024
    are remembered, the latest looked up: a flood of wrong ones takes no memory.
    """

    def __init__(self, store: TokenStore, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._now = now
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()

    def find(self, token: str) -> Token | None:
        """The token, if it was good within the last 10 s."""
        hashed = token_hash(token)
        known = self._remembered.get(hashed)
        if known is None or self._now() - known.at_s >= _REMEMBERED_S:
            known = _Remembered(self._store.find(token), self._now())
            self._remembered[hashed] = known
            self._remembered.move_to_end(hashed)
            if len(self._remembered) > _REMEMBERED_MAX:
                self._remembered.popitem(last=False)
        return known.token


def _operator_key(token_id: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": "operators"}, "sk": {"S": token_id}}


def _token(item: Item) -> Token:
    return Token(
        id=item["id"]["S"],
        scope=item["scope"]["S"],
        label=item["label"]["S"],
        device=item.get("device", {}).get("S"),
        created_at=int(item["created_at"]["N"]),
        expires_at=int(item["expires_at"]["N"]),
        last_used_day=item.get("last_used_day", {}).get("S", ""),
    )
