"""The TVs paired with a panel: which there are, how they do, and taking them out.

In the state table: `pk=panel#{id}, sk=device#{id}`. It names its token's hash (`token`) once the TV
has fetched one; `pairing` names the pairing that it came from.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from access.tokens import DEVICE_TTL_S, token_key
from panels.audit import Audit, Author
from panels.contention import attempts, update_item
from panels.errors import PanelContendedError
from panels.moments import timestamp
from panels.table import Attributes, PanelTable
from panels.voice import Heartbeat, Sound, Voice, VoiceStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

DEVICE_ID: Final = r"^[0-9a-f]{16}$"

# Twelve heartbeats missed: such a device is off, or as good as that for the room.
_AWAY_MS = 60_000
_DAY_MS = 86_400_000
# Until a TV whose pairing was denied has asked once more.
_DENIED_S = 600


class UnknownDeviceError(Exception):
    """The panel has no such device, or no longer."""


class Device(BaseModel):
    """One TV."""

    model_config = ConfigDict(frozen=True)

    id: str
    label: str = Field(description="Where it hangs, as people say.")
    paired_at: str
    last_seen_at: str | None = Field(None, description="Its last heartbeat.")
    sound: Sound | None = Field(
        None, description="As it last said; blocked: the browser waits for a click."
    )
    voice: bool = Field(False, description="Whether it is the one that speaks now.")
    version: str | None = Field(None, description="Of the page that it runs.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a heartbeat is answered with.

    Attributes:
        voice: whether this device is to speak.
        spoken: `seq` of the last event that the room has heard.
        devices: how many could speak: sound on, and seen within a minute.
    """

    voice: bool
    spoken: int
    devices: int


class DeviceStore:
    """Devices in the state table."""

    def __init__(
        self, dynamodb: DynamoDBClient, table: str, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now
        self._panels = PanelTable(dynamodb, table, now)
        self._audit = Audit(self._panels, now)
        self._voices = VoiceStore(dynamodb, table, now)

    def voice(self, panel: str) -> Voice:
        """Who speaks in the panel."""
        return self._voices.current(panel)

    def all(self, panel: str, voice: Voice) -> list[Device]:
        """The panel's devices, in the order in which they were paired."""
        now_ms = self._now_ms()
        items = sorted(self._items(panel), key=lambda item: int(item["paired_ms"]))
        return [_device(item, voice=voice.held_by(_id_of(item), now_ms)) for item in items]

    def get(self, panel: str, device: str) -> Device:
        """One of the panel's devices.

        Raises:
            UnknownDeviceError: the panel has no such device.
        """
        item = self._panels.item(panel, device_sk(device))
        if item is None:
            raise UnknownDeviceError
        voice = self.voice(panel)
        return _device(item, voice=voice.held_by(device, self._now_ms()))

    def beat(self, panel: str, beat: Heartbeat) -> Standing:
        """Note that a device is there, and say whether it is to speak.

        Raises:
            UnknownDeviceError: it was taken out; its token works for some seconds more.
            PanelContendedError: it changed again and again at this moment.
        """
        self._note(panel, beat)
        voice = self._voices.beat(panel, beat)
        return Standing(
            voice=voice.held_by(beat.device, self._now_ms()),
            spoken=voice.spoken,
            devices=sum(map(self._can_speak, self._items(panel))),
        )

    def revoke(self, panel: str, device: str, by: Author) -> None:
        """Take a device out: the device and its token go together.

        If it is the voice, its lease ends by itself: until then it may be speaking still, and
        another would speak over it.

        Raises:
            UnknownDeviceError: the panel has no such device.
            PanelContendedError: it changed again and again at this moment.
        """
        for _ in attempts():
            item = self._panels.item(panel, device_sk(device))
            if item is None:
                raise UnknownDeviceError
            audited = self._audit.entry(panel, by, "device_revoked")
            if self._panels.commit([*self._removal(panel, item), audited]):
                return
            # It fetched its token in between, or its heartbeat came at this very moment.
        raise PanelContendedError

    def _removal(self, panel: str, item: Attributes) -> list[TransactWriteItemTypeDef]:
        """Remove a device with its token, or deny its pairing if it has not fetched that yet."""
        key = _key(panel, _id_of(item))
        if "token" in item:
            return [
                {"Delete": {"TableName": self._table, "Key": key}},
                {"Delete": {"TableName": self._table, "Key": token_key(str(item["token"]))}},
            ]
        return [
            {
                "Delete": {
                    "TableName": self._table,
                    "Key": key,
                    "ConditionExpression": "attribute_not_exists(#token)",
                    "ExpressionAttributeNames": {"#token": "token"},
                }
            },
            {
                "Update": {
                    "TableName": self._table,
                    "Key": pairing_key(str(item["pairing"])),
                    "UpdateExpression": "SET denied = :yes, expires_at = :expires",
                    "ExpressionAttributeValues": {
                        ":yes": {"N": "1"},
                        ":expires": {"N": str(int(self._now()) + _DENIED_S)},
                    },
                }
            },
        ]

    def _note(self, panel: str, beat: Heartbeat) -> None:
        now_ms = self._now_ms()
        expires_at = now_ms // 1000 + DEVICE_TTL_S
        try:
            answer = update_item(
                self._dynamodb,
                TableName=self._table,
                Key=_key(panel, beat.device),
                UpdateExpression=(
                    "SET last_seen_ms = :now_ms, sound = :sound, version = :version,"
                    " expires_at = :expires"
                ),
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={
                    ":now_ms": {"N": str(now_ms)},
                    ":sound": {"S": beat.sound},
                    ":version": {"S": beat.version},
                    ":expires": {"N": str(expires_at)},
                },
                ReturnValues="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            raise UnknownDeviceError from None
        before: dict[str, Any] = answer["Attributes"]
        last_seen_ms = int(before.get("last_seen_ms", {}).get("N", "0"))
        if last_seen_ms // _DAY_MS != now_ms // _DAY_MS:
            self._renew(before["token"]["S"], expires_at)

    def _renew(self, hashed: str, expires_at: int) -> None:
        """Let a token live on: once a day is enough for one that lives 90."""
        with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
            update_item(
                self._dynamodb,
                TableName=self._table,
                Key=token_key(hashed),
                UpdateExpression="SET expires_at = :expires",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":expires": {"N": str(expires_at)}},
            )

    def _items(self, panel: str) -> list[Attributes]:
        return [*self._panels.items(panel, _PREFIX, f"{_PREFIX}~")]

    def _can_speak(self, item: Attributes) -> bool:
        last_seen_ms = int(item.get("last_seen_ms", 0))
        return item.get("sound") == "on" and self._now_ms() - last_seen_ms < _AWAY_MS

    def _now_ms(self) -> int:
        return int(self._now() * 1000)


_PREFIX: Final = "device#"


def device_sk(device: str) -> str:
    """The sort key of a device's item."""
    return f"{_PREFIX}{device}"


def pairing_key(hashed_code: str) -> dict[str, dict[str, str]]:
    """The primary key of the pairing whose device code has this hash."""
    return {"pk": {"S": f"pairing#{hashed_code}"}, "sk": {"S": "pairing"}}


def _key(panel: str, device: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"panel#{panel}"}, "sk": {"S": device_sk(device)}}


def _id_of(item: Attributes) -> str:
    return str(item["sk"]).removeprefix(_PREFIX)


def _device(item: Attributes, *, voice: bool) -> Device:
    last_seen_ms = item.get("last_seen_ms")
    return Device.model_validate(
        {
            "id": _id_of(item),
            "label": item["label"],
            "paired_at": timestamp(int(item["paired_ms"]) / 1000),
            "last_seen_at": None if last_seen_ms is None else timestamp(int(last_seen_ms) / 1000),
            "sound": item.get("sound"),
            "voice": voice,
            "version": item.get("version"),
        }
    )
