"""What a panel refuses; the API answers each with a problem of its own."""

from __future__ import annotations

from collections.abc import Sequence


class PanelError(Exception):
    """What all of them are."""


class UnknownPanelError(PanelError):
    """No such panel."""


class UnknownCallError(PanelError):
    """This panel has no such call, or no longer."""


class UnknownEntryError(PanelError):
    """Nobody waits under this id: called, removed, or never there."""


class NotPossibleError(PanelError):
    """The call's status does not allow it; `possible` names the actions that it does allow."""

    def __init__(self, status: str, possible: Sequence[str]) -> None:
        super().__init__("not possible in this status")
        self.status = status
        self.possible = tuple(possible)


class StaleSettingsError(PanelError):
    """The settings are not those that the caller has seen."""


class KeyReusedError(PanelError):
    """An idempotency key came again with another request."""


class PanelContendedError(PanelError):
    """Too many others acted on the panel at this moment; nothing was done."""


class NoPanelsError(PanelError):
    """Panels need the state table, which this process is without (CACHE_BACKEND=memory)."""
