"""How much of a patient's name a waiting room sees."""

from __future__ import annotations

from typing import Literal

Show = Literal["name", "short_name", "ticket", "name_and_ticket"]


def short_name(name: str) -> str:
    """The first name and the last one's initial: "Maria da Silva" becomes "Maria S."."""
    first, *others = name.split()
    return f"{first} {others[-1][0]}." if others else first


def shown(ticket: str | None, name: str | None, show: Show) -> tuple[str | None, str | None]:
    """What a screen may get of a ticket and a name.

    A ticket stands in for a name that is missing, since it names nobody. A name never stands in
    for a ticket: who set a panel to tickets wants no names on it.

    Returns:
        The ticket and the name, each None where it must not be seen.
    """
    if show == "ticket" or name is None:
        return ticket, None
    if show == "name_and_ticket":
        return ticket, name
    return None, short_name(name) if show == "short_name" else name
