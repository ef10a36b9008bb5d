"""What a caller may do, as the words of OAuth's `scope` (RFC 6749 §3.3)."""

from __future__ import annotations

from typing import Final

SPEECH: Final = "speech"
PREWARM: Final = "prewarm"
OPERATOR: Final = "operator"


def panel_scope(panel: str) -> str:
    """The scope of whoever reads this panel, such as its TVs."""
    return f"panel:{panel}"
