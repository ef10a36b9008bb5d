"""Which of a panel's devices speaks: one at a time, by a lease that it renews with its heartbeats.

In the state table: `pk=panel#{id}, sk=voice`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from panels.contention import attempts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Sound = Literal["on", "blocked", "off"]

VOICE: Final = "voice"
LEASE_S: Final = 15
# A panel that nobody has spoken on for so long starts anew; its calls are gone long before.
_KEPT_S = 90 * 86_400


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, and how far the room has heard.

    Attributes:
        device: the holder's id; empty for nobody.
        until_ms: when its lease ends, in epoch milliseconds.
        spoken: `seq` of the last event that any device finished speaking; 0 for none.
    """

    device: str = ""
    until_ms: int = 0
    spoken: int = 0

    def held_by(self, device: str, now_ms: int) -> bool:
        """Whether this device may speak now."""
        return self.device == device and self.until_ms > now_ms


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a device says of itself.

    Attributes:
        device: its id.
        sound: "blocked" while the browser waits for a click before it plays.
        spoken: `seq` of the last event that it finished speaking; 0 for none.
        version: of the page that it runs.
    """

    device: str
    sound: Sound
    spoken: int
    version: str


def after_heartbeat(voice: Voice, beat: Heartbeat, now_ms: int) -> Voice:
    """What a heartbeat makes of the voice.

    A device whose sound is on renews its own lease or takes one that has ended; a device whose
    sound is not on gives its lease up. `spoken` only grows, whoever finished speaking: one that
    lost its lease in mid-call has been heard all the same.
    """
    heard = replace(voice, spoken=max(voice.spoken, beat.spoken))
    if beat.sound != "on":
        return replace(heard, device="", until_ms=0) if voice.device == beat.device else heard
    if voice.device == beat.device or voice.until_ms <= now_ms:
        return replace(heard, device=beat.device, until_ms=now_ms + LEASE_S * 1000)
    return heard


def voice_in(item: Mapping[str, Any]) -> Voice:
    """The voice that an item of the table holds; nobody's, if it is empty."""
    return Voice(
        item.get("device", {}).get("S", ""),
        int(item.get("until_ms", {}).get("N", "0")),
        int(item.get("spoken", {}).get("N", "0")),
    )


class VoiceStore:
    """Each panel's voice in the state table."""

    def __init__(
        self, dynamodb: DynamoDBClient, table: str, now: Callable[[], float] = time.time
    ) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._now = now

    def current(self, panel: str) -> Voice:
        """The panel's voice, whether or not its lease has ended."""
        return voice_in(self._item(panel, VOICE))

    def beat(self, panel: str, beat: Heartbeat) -> Voice:
        """Apply a heartbeat, unless others do so at this moment again and again.

        Returns:
            The voice as it is now.
        """
        for _ in attempts():
            seen = self.current(panel)
            wanted = after_heartbeat(seen, self._plausible(panel, beat, seen), self._now_ms())
            if wanted == seen or self._replace(panel, seen, wanted):
                return wanted
        return self.current(panel)

    def _plausible(self, panel: str, beat: Heartbeat, seen: Voice) -> Heartbeat:
        """Bound `spoken` by what was ever called.

        A device may remember more than the panel does after the table was restored from a backup;
        believed, it would keep the room silent until the panel has caught up.
        """
        if beat.spoken <= seen.spoken:
            return beat
        called = int(self._item(panel, "head").get("seq", {}).get("N", "0"))
        return replace(beat, spoken=min(beat.spoken, called))

    def _replace(self, panel: str, seen: Voice, wanted: Voice) -> bool:
        """Write the wanted voice if the seen one is still there."""
        is_seen = "device = :device AND until_ms = :until_ms AND spoken = :spoken"
        try:
            self._dynamodb.put_item(
                TableName=self._table,
                Item={
                    **_primary_key(panel, VOICE),
                    "device": {"S": wanted.device},
                    "until_ms": {"N": str(wanted.until_ms)},
                    "spoken": {"N": str(wanted.spoken)},
                    "expires_at": {"N": str(int(self._now()) + _KEPT_S)},
                },
                ConditionExpression=(
                    f"attribute_not_exists(pk) OR ({is_seen})" if seen == Voice() else is_seen
                ),
                ExpressionAttributeValues={
                    ":device": {"S": seen.device},
                    ":until_ms": {"N": str(seen.until_ms)},
                    ":spoken": {"N": str(seen.spoken)},
                },
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _item(self, panel: str, name: str) -> dict[str, Any]:
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=_primary_key(panel, name), ConsistentRead=True
        )
        item: dict[str, Any] = answer.get("Item", {})
        return item

    def _now_ms(self) -> int:
        return int(self._now() * 1000)


def _primary_key(panel: str, name: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"panel#{panel}"}, "sk": {"S": name}}
