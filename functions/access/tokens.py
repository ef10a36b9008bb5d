"""Bearer tokens: 32 random bytes of which only the SHA-256 is kept.

A token is random enough that a plain hash cannot be guessed back (RFC 6749 §10.10 asks for at most
2^-128), so it needs no salt and is found by one GetItem on its hash. An API key is a token that
`python -m infra.access` gave out; a TV's is given out by pairing.

In the state table: `pk=token#{hash}, sk=token` is the token; `pk=keys, sk={id}` names the hash of a
key's, so that keys can be listed, rotated and revoked; a device's is named by its device.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from access.caller import Caller
from access.refusals import RefusedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

DEVICE_TTL_S: Final = 90 * 86_400
KEY_DAYS: Final = 365
_DAY_S = 86_400
_TOKEN_BYTES = 32
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{43}")

Item = Mapping[str, Any]


class UnknownKeyError(Exception):
    """No key has this id: never given out, revoked or expired."""


class RotatedKeyError(Exception):
    """This key has a successor already; the message is the successor's id."""


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; nothing here is secret.

    Attributes:
        id: names it in audits, lists and logs.
        scopes: what it may do, such as "speech" or "panel:recepcao".
        label: what people call its bearer, such as "Recepção".
        device: the paired device's id; None for a key.
        created_at: epoch seconds.
        expires_at: epoch seconds.
        last_used_day: ISO 8601 date in UTC; empty before its first use.
        usage_key: what API Gateway counts its requests under; None: with all others.
        successor: the id of the key that it was rotated to; empty if it was not.
    """

    id: str
    scopes: frozenset[str]
    label: str
    device: str | None
    created_at: int
    expires_at: int
    last_used_day: str = ""
    usage_key: str | None = None
    successor: str = ""

    @property
    def caller(self) -> Caller:
        """Whoever bears it."""
        return Caller(self.id, self.label, self.scopes, self.device)


@dataclass(frozen=True, slots=True)
class Issued:
    """A key as it is given out: `value` is the key itself, which nothing tells again."""

    value: str = field(repr=False)
    token: Token


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
        "scope": {"S": " ".join(sorted(token.scopes))},
        "label": {"S": token.label},
        "created_at": {"N": str(token.created_at)},
        "expires_at": {"N": str(token.expires_at)},
    }
    if token.device is not None:
        item["device"] = {"S": token.device}
    if token.usage_key is not None:
        item["usage_key"] = {"S": token.usage_key}
    return item


class TokenStore:
    """Tokens in the state table."""

    def __init__(
        self, dynamodb: DynamoDBClient, table: str, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def find(self, token: str) -> Token:
        """The token that was given out; its first use of a day is noted.

        Raises:
            RefusedError: malformed, unknown (never given out, or revoked) or expired.
        """
        if not _WELL_FORMED.fullmatch(token):
            raise RefusedError("malformed")
        hashed = token_hash(token)
        item = self._item(token_key(hashed))
        if item is None:
            raise RefusedError("unknown")
        found = _token(item)
        if found.expires_at <= self._now():
            # DynamoDB may take days to delete what has expired.
            raise RefusedError("expired", found.id)
        if found.last_used_day != self._today():
            self._note_use(hashed)
        return found

    def create_key(
        self,
        label: str,
        scopes: Iterable[str],
        days: int = KEY_DAYS,
        usage_key: str | None = None,
    ) -> Issued:
        """Give out a key.

        Args:
            label: who uses it.
            scopes: what it may do.
            days: how long it is valid.
            usage_key: what API Gateway counts its requests under.
        """
        now = int(self._now())
        token = Token(
            id=secrets.token_hex(8),
            scopes=frozenset(scopes),
            label=label,
            device=None,
            created_at=now,
            expires_at=now + days * _DAY_S,
            usage_key=usage_key,
        )
        value = new_token()
        self._dynamodb.transact_write_items(TransactItems=self._issue(value, token))
        return Issued(value, token)

    def all_keys(self) -> list[Token]:
        """Every key that has neither expired nor been revoked, oldest first."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            ConsistentRead=True,
            KeyConditionExpression="pk = :keys",
            ExpressionAttributeValues={":keys": {"S": "keys"}},
        )
        items = (
            self._item(token_key(named["token"]["S"])) for page in pages for named in page["Items"]
        )
        tokens = [_token(item) for item in items if item]
        living = [token for token in tokens if token.expires_at > self._now()]
        return sorted(living, key=lambda token: token.created_at)

    def rotate_key(self, token_id: str, overlap_s: int) -> Issued:
        """Give out a successor with the same label, scopes and life, and let the key end.

        Args:
            token_id: the key's id.
            overlap_s: seconds that the old key is still good for, at most until its own end.

        Raises:
            UnknownKeyError: there is none.
            RotatedKeyError: it is ending already, so that nothing tells how long it was to live.
        """
        hashed, old = self._key(token_id)
        if old.successor:
            raise RotatedKeyError(old.successor)
        now = int(self._now())
        token = Token(
            id=secrets.token_hex(8),
            scopes=old.scopes,
            label=old.label,
            device=None,
            created_at=now,
            expires_at=now + old.expires_at - old.created_at,
            usage_key=old.usage_key,
        )
        value = new_token()
        ends_at = min(old.expires_at, now + overlap_s)
        ending = (token_key(hashed), _key_index(token_id))
        self._dynamodb.transact_write_items(
            TransactItems=[
                *self._issue(value, token),
                *(self._end(key, ends_at, token.id) for key in ending),
            ]
        )
        return Issued(value, token)

    def revoke_key(self, token_id: str) -> Token:
        """Take a key back.

        Returns:
            What it was.

        Raises:
            UnknownKeyError: there is none.
        """
        hashed, token = self._key(token_id)
        self._dynamodb.transact_write_items(
            TransactItems=[
                {"Delete": {"TableName": self._table, "Key": token_key(hashed)}},
                {"Delete": {"TableName": self._table, "Key": _key_index(token_id)}},
            ]
        )
        return token

    def _key(self, token_id: str) -> tuple[str, Token]:
        """The hash of a living key, and the key."""
        index = self._item(_key_index(token_id))
        hashed: str = index["token"]["S"] if index else ""
        item = self._item(token_key(hashed)) if index else None
        if item is None or int(item["expires_at"]["N"]) <= self._now():
            raise UnknownKeyError
        return hashed, _token(item)

    def _item(self, key: dict[str, dict[str, str]]) -> Item | None:
        answer = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return answer.get("Item")

    def _issue(self, value: str, token: Token) -> list[TransactWriteItemTypeDef]:
        hashed = token_hash(value)
        index = {
            **_key_index(token.id),
            "token": {"S": hashed},
            "expires_at": {"N": str(token.expires_at)},
        }
        return [
            {"Put": {"TableName": self._table, "Item": token_item(hashed, token)}},
            {"Put": {"TableName": self._table, "Item": index}},
        ]

    def _end(
        self, key: dict[str, dict[str, str]], ends_at: int, successor: str
    ) -> TransactWriteItemTypeDef:
        return {
            "Update": {
                "TableName": self._table,
                "Key": key,
                "UpdateExpression": "SET expires_at = :ends, successor = :successor",
                # One that is revoked at this very moment must not come back.
                "ConditionExpression": "attribute_exists(pk)",
                "ExpressionAttributeValues": {
                    ":ends": {"N": str(ends_at)},
                    ":successor": {"S": successor},
                },
            }
        }

    def _note_use(self, hashed: str) -> None:
        """Note the day; a table that can be read but not written must not make a key worthless."""
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key=token_key(hashed),
                UpdateExpression="SET last_used_day = :today",
                # One that was revoked just now must not come back without its other parts.
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":today": {"S": self._today()}},
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            pass
        except (ClientError, BotoCoreError) as error:
            # Reads a function's environment, which the command that gives out keys has not.
            from speech import observability  # noqa: PLC0415

            observability.log_fault("a key's use could not be noted", error)

    def _today(self) -> str:
        return datetime.fromtimestamp(self._now(), UTC).date().isoformat()


def _key_index(token_id: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": "keys"}, "sk": {"S": token_id}}


def _token(item: Item) -> Token:
    return Token(
        id=item["id"]["S"],
        scopes=frozenset(item["scope"]["S"].split()),
        label=item["label"]["S"],
        device=item.get("device", {}).get("S"),
        created_at=int(item["created_at"]["N"]),
        expires_at=int(item["expires_at"]["N"]),
        last_used_day=item.get("last_used_day", {}).get("S", ""),
        usage_key=item.get("usage_key", {}).get("S"),
        successor=item.get("successor", {}).get("S", ""),
    )
