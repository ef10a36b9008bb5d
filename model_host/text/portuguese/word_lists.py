"""Word lists as they are easiest to read and to add to."""

from __future__ import annotations


def words(listed: str) -> frozenset[str]:
    """The words of a text, between blanks or line ends."""
    return frozenset(listed.split())
