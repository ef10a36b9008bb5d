"""A waiting-room call in typed fields: what is written where needs no guessing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Field = Literal["ticket", "name", "place"]
"""A typed field of a call: its own rules beat guessing."""

Part = tuple[Field | None, str]
"""Something written, and where; None is free text."""

_NAMES_ITSELF = re.compile(
    r"(?:senha|ticket|ficha|c[óo]digo|atendimento|protocolo)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Call:
    """Who is called, by ticket, name or both, and where to; at least one of them is there.

    Attributes:
        ticket: as printed, "A042".
        name: the (social) name.
        place: where to go, "Consultório 03".
    """

    ticket: str | None = None
    name: str | None = None
    place: str | None = None

    def texts(self) -> tuple[str, ...]:
        """What is written in its fields."""
        return tuple(text for text in (self.ticket, self.name, self.place) if text)

    def parts(self) -> list[Part]:
        """The announcement in writing, part by part, each with the field that it comes from.

        A ticket calls for attention by itself. A lone name would be too short for XTTS to say
        well, and too sudden for people to hear: "Atenção" goes before it.
        """
        parts: list[Part] = []
        if self.ticket:
            named = _NAMES_ITSELF.match(self.ticket)
            parts.append(("ticket", self.ticket if named else f"Senha {self.ticket}"))
        else:
            parts.append((None, "Atenção"))
        if self.name:
            parts.append(("name", self.name))
        if self.place:
            parts.append(("place", self.place))
        return parts
