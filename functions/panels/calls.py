"""A call and what may become of it. Nothing here knows where calls are kept."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from panels.errors import NotPossibleError
from panels.moments import epoch_s
from speech.request import Part, Text

Status = Literal["calling", "cancelled", "attended", "no_show", "transferred"]
Action = Literal["recall", "cancel", "attended", "no_show", "transfer"]

# A slip is noticed at once; later the room has heard the call, and undoing it would hide that.
CANCEL_WITHIN_S: Final = 5.0
ENTRY_ID: Final = r"^\d{13}-\d{6}-[0-9a-f]{8}$"

# What an action makes of a call. A recall leaves the old call as it is and makes a new one.
_BECOMES: Final[Mapping[Status, Mapping[Action, Status]]] = MappingProxyType(
    {
        "calling": {
            "recall": "calling",
            "cancel": "cancelled",
            "attended": "attended",
            "no_show": "no_show",
            "transfer": "transferred",
        },
        "no_show": {"recall": "no_show"},
        "cancelled": {},
        "attended": {},
        "transferred": {},
    }
)


class Patient(BaseModel):
    """Who is called, and where to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ticket: Part | None = Field(None, description="The ticket as printed, e.g. A042.")
    name: Part | None = Field(None, description="The (social) name to be called.")
    place: Part | None = Field(None, description="Where to go, e.g. Consultório 3.")


class Wanted(Patient):
    """What is to be announced: a patient, somebody of the waiting list, or free words."""

    waiting: str | None = Field(
        None, pattern=ENTRY_ID, description="An entry of the waiting list, instead of a patient."
    )
    text: Text | None = Field(None, description="Free words, instead of a patient.")

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        is_patient = self.ticket is not None or self.name is not None
        things = (is_patient, self.waiting is not None, self.text is not None)
        if sum(things) != 1 or (self.text is not None and self.place is not None):
            raise PydanticCustomError(
                "one_call", "needs a ticket or a name, or else waiting, or else a text alone"
            )
        return self


class PanelCall(Patient):
    """A call as it stands.

    Attributes:
        seq: of the event that announced it.
        called_at: RFC 3339, UTC.
        text: free words; None if it is of a patient.
        recall_of: the id of the call that this one repeats.
    """

    id: str
    seq: int
    status: Status
    called_at: str
    text: Text | None = None
    recall_of: str | None = None

    def possible(self, now: float) -> tuple[Action, ...]:
        """What may be done with it at `now`, epoch seconds."""
        actions = dict(_BECOMES[self.status])
        if now - epoch_s(self.called_at) > CANCEL_WITHIN_S:
            actions.pop("cancel", None)
        if self.text is not None:
            actions.pop("transfer", None)  # free words are nobody who could wait elsewhere
        return tuple(actions)

    def after(self, action: Action, now: float) -> PanelCall:
        """The call once `action` was taken at `now`, epoch seconds.

        Raises:
            NotPossibleError: its status or its age does not allow that.
        """
        possible = self.possible(now)
        if action not in possible:
            raise NotPossibleError(self.status, possible)
        return self.model_copy(update={"status": _BECOMES[self.status][action]})
