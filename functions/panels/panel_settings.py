"""How a panel looks and sounds."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from panels.names import Show
from speech.request import VoiceId, fold

PANEL_ID = r"^[a-z0-9][a-z0-9-]{0,39}$"
PLACES_MAX = 20
PICTURES_MAX = 20
PLACEHOLDERS = ("{senha}", "{nome}", "{local}")

_TITLE_CHARS_MAX = 80
_TEMPLATE_CHARS_MAX = 300
_PLACE_CHARS_MAX = 80
_BRACED = re.compile(r"\{[^{}]*\}|[{}]")


def _title(text: str) -> str:
    return _short(text, _TITLE_CHARS_MAX)


def _place(text: str) -> str:
    return _short(text, _PLACE_CHARS_MAX)


def _short(text: str, chars_max: int) -> str:
    folded = fold(text)
    if not 1 <= len(folded) <= chars_max:
        raise ValueError(f"must have 1 to {chars_max} characters, has {len(folded)}")
    return folded


def _template(text: str) -> str:
    folded = _short(text, _TEMPLATE_CHARS_MAX)
    found = set(_BRACED.findall(folded))
    if not found <= set(PLACEHOLDERS) or not found & {"{senha}", "{nome}"}:
        raise ValueError(
            f"needs {{senha}} or {{nome}}, and braces only as {', '.join(PLACEHOLDERS)}"
        )
    return folded


def _different(places: tuple[str, ...]) -> tuple[str, ...]:
    if len({place.casefold() for place in places}) < len(places):
        raise ValueError("must not name a place twice")
    return places


Title = Annotated[str, AfterValidator(_title)]
Place = Annotated[str, AfterValidator(_place)]
Template = Annotated[str, AfterValidator(_template)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Picture = Annotated[
    str,
    StringConstraints(
        pattern=r"^media/([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*"
        r"\.(webp|jpg|png|mp4|webm)$",
        max_length=200,
    ),
]
# All of Brazil's, as the IANA time zone database lists them (zone1970.tab, code BR).
TimeZone = Literal[
    "America/Araguaina",
    "America/Bahia",
    "America/Belem",
    "America/Boa_Vista",
    "America/Campo_Grande",
    "America/Cuiaba",
    "America/Eirunepe",
    "America/Fortaleza",
    "America/Maceio",
    "America/Manaus",
    "America/Noronha",
    "America/Porto_Velho",
    "America/Recife",
    "America/Rio_Branco",
    "America/Santarem",
    "America/Sao_Paulo",
]


class QuietHours(BaseModel):
    """When nothing is spoken, in the panel's own time; `to` before `from` is the next day's."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_: TimeOfDay = Field(alias="from", examples=["22:00"])
    to: TimeOfDay = Field(examples=["06:00"])


class PanelSettings(BaseModel):
    """Everything that is set about a panel; what is left out has the default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Title = Field(description=f"Heading on the screen, 1-{_TITLE_CHARS_MAX} characters.")
    show: Show = Field("name", description="What a screen gets of a patient.")
    say: Literal["name", "ticket", "name_and_ticket"] = Field(
        "name", description="What is spoken; a part that is missing is replaced by the other."
    )
    template: Template | None = Field(
        None,
        description="Words of a call with {senha}, {nome} and {local}; none means the host's own.",
    )
    voice: VoiceId | None = Field(None, description="A voice's id; none means the default voice.")
    repeats: int = Field(2, ge=1, le=3, description="How often a call is spoken.")
    chime: Literal["two_tones", "none"] = Field("two_tones", description="Sounds before a call.")
    volume: float = Field(1.0, ge=0, le=1, allow_inf_nan=False, description="Of all sound.")
    quiet_hours: QuietHours | None = Field(None, description="When nothing is spoken.")
    time_zone: TimeZone = Field("America/Fortaleza", description="One of Brazil's.")
    places: Annotated[tuple[Place, ...], AfterValidator(_different)] = Field(
        (), max_length=PLACES_MAX, description="Where patients are called to."
    )
    history: int = Field(5, ge=4, le=6, description="Earlier calls that stay on the screen.")
    pictures: tuple[Picture, ...] = Field(
        (), max_length=PICTURES_MAX, description="Shown between calls; below the pages' media/."
    )
    theme: Literal["dark", "light", "auto"] = Field("dark", description="Colours of the screen.")

    def written(self) -> str:
        """As JSON, as it is stored and answered."""
        return self.model_dump_json(by_alias=True)
