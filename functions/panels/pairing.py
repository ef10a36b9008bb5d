"""Pairing a TV with a panel: the device authorization grant of RFC 8628.

The TV shows a short code, an operator types it at the desk, and the TV, which has been asking with
a long code of its own, is given its token. In the state table:

- `pk=pairing#{hash of the device code}, sk=pairing`: the pairing; `device` once it is approved.
- `pk=user-code#{code}, sk=pairing`: which pairing a code that may still be typed belongs to.
- `pk=pairings-from#{address}, sk=window#{number}`: how many began there in these ten minutes.
"""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from access.scopes import panel_scope
from access.tokens import DEVICE_TTL_S, Token, new_token, token_hash, token_item
from panels.audit import Audit, Author
from panels.contention import attempts, update_item
from panels.devices import Device, DeviceStore, device_sk, pairing_key
from panels.errors import PanelContendedError
from panels.table import PanelTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

Item = Mapping[str, Any]

CODE_LIFE_S: Final = 600
INTERVAL_S: Final = 5
# No vowels, so that no words come about; no Y, which is one to some (RFC 8628 §6.1).
_ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
_USER_CODE_CHARS = 8
# What the network may take from the pause between two questions that were sent 5 s apart.
_JITTER_MS = 1000
# A room full of TVs that are set up together, seen from outside as one address.
_CODES_PER_ADDRESS = 60
# A code about to end is refused: the TV might not ask again in time for its token.
_LAST_CALL_S = 15


class TooManyCodesError(Exception):
    """So many codes were asked for from one address that no more are given out for a while."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too many codes, retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s


class UnknownCodeError(Exception):
    """No TV shows this code: mistyped, expired or used already."""


class NotPairedError(Exception):
    """No token yet, or none at all; `code` is one of RFC 8628 §3.5."""

    def __init__(
        self,
        code: Literal["authorization_pending", "slow_down", "expired_token", "access_denied"],
    ) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Codes:
    """What a TV gets that wants to be paired.

    Attributes:
        device_code: known to this TV alone; it asks for its token with it.
        user_code: for the operator, as `BCDF-GHJK`.
        expires_in_s: seconds that both are good for.
        interval_s: seconds to wait between two questions.
    """

    device_code: str
    user_code: str
    expires_in_s: int = CODE_LIFE_S
    interval_s: int = INTERVAL_S


@dataclass(frozen=True, slots=True)
class Granted:
    """What a TV gets in the end, once."""

    token: str
    panel: str
    device: str


@dataclass(frozen=True, slots=True)
class _Paired:
    """A pairing that is approved; `pairing` is the hash of its device code."""

    device: str
    panel: str
    label: str
    pairing: str


class PairingStore:
    """Pairings in the state table."""

    def __init__(
        self, dynamodb: DynamoDBClient, table: str, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now
        self._panels = PanelTable(dynamodb, table, now)
        self._audit = Audit(self._panels, now)
        self._devices = DeviceStore(dynamodb, table, now)

    def begin(self, address: str) -> Codes:
        """Give a TV its codes.

        Args:
            address: where it asks from, an IPv4 or IPv6 address.

        Raises:
            TooManyCodesError: too many began there in these ten minutes.
        """
        self._count(address)
        device_code = new_token()
        hashed = token_hash(device_code)
        user_code = "".join(secrets.choice(_ALPHABET) for _ in range(_USER_CODE_CHARS))
        now = int(self._now())
        expires = {"N": str(now + CODE_LIFE_S)}
        # A code that is shown elsewhere, one in 25 thousand million for each, fails as a fault.
        self._dynamodb.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": self._table,
                        "Item": {
                            **pairing_key(hashed),
                            "interval_ms": {"N": str(INTERVAL_S * 1000)},
                            "asked_ms": {"N": "0"},
                            "expires_at": expires,
                        },
                    }
                },
                {
                    "Put": {
                        "TableName": self._table,
                        "Item": {
                            **_user_code_key(user_code),
                            "pairing": {"S": hashed},
                            "expires_at": expires,
                        },
                        "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
                        "ExpressionAttributeValues": {":now": {"N": str(now)}},
                    }
                },
            ]
        )
        return Codes(device_code, f"{user_code[:4]}-{user_code[4:]}")

    def approve(self, panel: str, user_code: str, label: str, by: Author) -> Device:
        """Pair the TV that shows this code with a panel.

        Args:
            panel: whose device it becomes.
            user_code: in either case, with or without its hyphen.
            label: where the TV hangs, as people say.
            by: the operator; a request that comes again is answered alike.

        Raises:
            UnknownPanelError: no such panel.
            UnknownCodeError: no TV shows this code.
            UnknownDeviceError: the request comes again, and the device was taken out since.
            KeyReusedError: the idempotency key came with another request.
            PanelContendedError: the TV asked at this very moment, again and again.
        """
        typed = _typed(user_code)
        for _ in attempts():
            # In this order: whoever uses the code up leaves the request's answer in its place.
            pairing = self._pairing_of(typed)
            if by.once and (device := by.once.answer(self._panels, panel)):
                return self._devices.get(panel, device)
            if pairing is None:
                raise UnknownCodeError
            self._panels.head(panel)
            paired = _Paired(secrets.token_hex(8), panel, label, pairing)
            writes = [
                *self._approval(typed, paired),
                self._audit.entry(panel, by, "device_paired"),
                *([by.once.answered(self._panels, panel, paired.device)] if by.once else []),
            ]
            if self._panels.commit(writes):
                return self._devices.get(panel, paired.device)
            # Another approved it, or the TV asked at this very moment: looking again will tell.
        raise PanelContendedError

    def redeem(self, device_code: str) -> Granted:
        """Give a TV its token, once.

        Raises:
            NotPairedError: not yet, or not at all.
            PanelContendedError: the pairing changed again and again at this moment.
        """
        hashed = token_hash(device_code)
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=pairing_key(hashed), ConsistentRead=True
        )
        item: Item | None = answer.get("Item")
        if item is None or int(item["expires_at"]["N"]) <= self._now():
            raise NotPairedError("expired_token")
        if "denied" in item:
            raise NotPairedError("access_denied")
        self._note_question(hashed, item)
        if "device" not in item:
            raise NotPairedError("authorization_pending")
        paired = _Paired(item["device"]["S"], item["panel"]["S"], item["label"]["S"], hashed)
        token = new_token()
        if not self._panels.commit(self._delivery(paired, token)):
            # It was revoked, or redeemed, at this very moment: the next question will tell.
            raise NotPairedError("authorization_pending")
        return Granted(token, paired.panel, paired.device)

    def _count(self, address: str) -> None:
        now = int(self._now())
        window = now // CODE_LIFE_S
        ends_at = (window + 1) * CODE_LIFE_S
        try:
            self._dynamodb.update_item(
                TableName=self._table,
                Key={
                    "pk": {"S": f"pairings-from#{_origin(address)}"},
                    "sk": {"S": f"window#{window}"},
                },
                UpdateExpression="ADD begun :one SET expires_at = :ends",
                ConditionExpression="attribute_not_exists(begun) OR begun < :most",
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":most": {"N": str(_CODES_PER_ADDRESS)},
                    ":ends": {"N": str(ends_at)},
                },
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            raise TooManyCodesError(ends_at - now) from None

    def _pairing_of(self, typed: str) -> str | None:
        """The hash that names the pairing of a user code, if that has time left."""
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=_user_code_key(typed), ConsistentRead=True
        )
        item: Item | None = answer.get("Item")
        if item is None or int(item["expires_at"]["N"]) - self._now() < _LAST_CALL_S:
            return None
        return str(item["pairing"]["S"])

    def _approval(self, typed: str, paired: _Paired) -> list[TransactWriteItemTypeDef]:
        """Use the code up, tell the TV's next question, and let the panel know its device."""
        return [
            {
                "Delete": {
                    "TableName": self._table,
                    "Key": _user_code_key(typed),
                    "ConditionExpression": "attribute_exists(pk)",
                }
            },
            {
                "Update": {
                    "TableName": self._table,
                    "Key": pairing_key(paired.pairing),
                    "UpdateExpression": "SET panel = :panel, device = :device, label = :label",
                    "ConditionExpression": "attribute_exists(pk)",
                    "ExpressionAttributeValues": {
                        ":panel": {"S": paired.panel},
                        ":device": {"S": paired.device},
                        ":label": {"S": paired.label},
                    },
                }
            },
            self._panels.new(
                paired.panel,
                device_sk(paired.device),
                {
                    "label": paired.label,
                    "paired_ms": int(self._now() * 1000),
                    "pairing": paired.pairing,
                },
                life_s=DEVICE_TTL_S,
            ),
        ]

    def _note_question(self, hashed: str, pairing: Item) -> None:
        """Refuse a question that comes too soon; from then on the pause is 5 s longer (§3.5)."""
        now_ms = int(self._now() * 1000)
        interval_ms = int(pairing["interval_ms"]["N"])
        too_soon = now_ms - int(pairing["asked_ms"]["N"]) < interval_ms - _JITTER_MS
        try:
            update_item(
                self._dynamodb,
                TableName=self._table,
                Key=pairing_key(hashed),
                UpdateExpression="SET asked_ms = :now_ms, interval_ms = :interval_ms",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={
                    ":now_ms": {"N": str(now_ms)},
                    ":interval_ms": {"N": str(interval_ms + too_soon * INTERVAL_S * 1000)},
                },
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            raise NotPairedError("expired_token") from None
        if too_soon:
            raise NotPairedError("slow_down")

    def _delivery(self, paired: _Paired, token: str) -> list[TransactWriteItemTypeDef]:
        """End the pairing, so that this token is its only one, and keep the token's hash."""
        now = int(self._now())
        kept = Token(
            id=secrets.token_hex(8),
            scopes=frozenset({panel_scope(paired.panel)}),
            label=paired.label,
            device=paired.device,
            created_at=now,
            expires_at=now + DEVICE_TTL_S,
        )
        return [
            {
                "Delete": {
                    "TableName": self._table,
                    "Key": pairing_key(paired.pairing),
                    "ConditionExpression": "device = :device AND attribute_not_exists(denied)",
                    "ExpressionAttributeValues": {":device": {"S": paired.device}},
                }
            },
            {"Put": {"TableName": self._table, "Item": token_item(token_hash(token), kept)}},
            self._panels.changed(
                paired.panel,
                device_sk(paired.device),
                {"token": token_hash(token)},
                {"pairing": paired.pairing},
            ),
        ]


def _user_code_key(typed: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"user-code#{typed}"}, "sk": {"S": "pairing"}}


def _typed(user_code: str) -> str:
    """A user code as it is kept: its letters alone, in capitals (RFC 8628 §6.1)."""
    letters = "".join(char for char in user_code.upper() if char not in "- ")
    if len(letters) != _USER_CODE_CHARS or not set(letters) <= set(_ALPHABET):
        raise UnknownCodeError
    return letters


def _origin(address: str) -> str:
    """Whom an address is counted for: an IPv6 customer has a /64 at least, so that is one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:  # noqa: PLR2004 - the protocol's own number
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
