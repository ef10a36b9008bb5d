"""Conditional requests (RFC 9110 §13): entity tags in `If-Match` and `If-None-Match`."""

from __future__ import annotations

import re
from collections.abc import Collection

_ENTITY_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this representation already; weak comparison (§8.8.3.2).

    Args:
        if_none_match: the header's value, None if it was not sent.
        etag: of what would be sent, with its quotes.
    """
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in {
        tag for _, tag in _ENTITY_TAG.findall(if_none_match)
    }


def may_change(if_match: str, etags: Collection[str]) -> bool:
    """Whether the client knows what it is about to change; strong comparison (§8.8.3.2).

    Args:
        if_match: the header's value.
        etags: of every representation of the present state, with their quotes.
    """
    known = {tag for weak, tag in _ENTITY_TAG.findall(if_match) if not weak}
    return if_match.strip() == "*" or not known.isdisjoint(etags)
