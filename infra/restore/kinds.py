"""Which items of the state table come back out of a copy of it.

What a panel is nothing without, or must account for, comes back:

- `panels` and each panel's `head`: that it is there, its settings, how far it has counted;
- `event#`, `call#`: what the room saw today, and what a desk may still do about it;
- `audit#`: who did what, for half a year.

The rest stays away, for the copy knows nothing of what happened since:

- `token#`, `keys`, `device#`: a key that is missing may have been revoked, a TV stolen;
- `waiting#`: who is missing may have been called;
- `idem#`: answers for whoever sends a request twice, and nobody does so hours later;
- `voice`, `lease#`, `speech#`, `upload#`, `pairing#`, `user-code#`, `pairings-from#`: work that was
  in progress; TVs, lists and callers begin it anew;
- what has expired, whatever it is: deletion was only a matter of days.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Item = Mapping[str, Any]

PANELS: Final = "panels"
HEAD: Final = "head"
EVENT: Final = "event"
RESTORED: Final = frozenset({PANELS, HEAD, EVENT, "call", "audit"})

_OF_PANEL: Final = "panel"


def kind_of(item: Item) -> str:
    """An item's kind: how its key begins; of a panel's items, the sort key."""
    kind = str(item["pk"]["S"]).partition("#")[0]
    return str(item["sk"]["S"]).partition("#")[0] if kind == _OF_PANEL else kind


def has_expired(item: Item, now: float) -> bool:
    """Whether its life was over at `now`, epoch seconds."""
    return "expires_at" in item and float(item["expires_at"]["N"]) <= now
