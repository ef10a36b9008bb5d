"""The three files that are there to be edited, read and checked."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

HERE: Final = Path(__file__).resolve().parent

Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]

HOURS_A_DAY: Final = 24


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClinicDay(_Strict):
    """When calls are made, and who polls meanwhile. Hours are local time."""

    calls_by_hour: Annotated[
        tuple[Amount, ...], Field(min_length=HOURS_A_DAY, max_length=HOURS_A_DAY)
    ]
    days_per_month: Amount
    screens_per_panel: Amount
    screens_on_h: Amount
    desks_per_panel: Amount
    desks_on_h: Amount
    on_at_h: Amount
    panels_per_address: Amount

    @property
    def calls(self) -> float:
        """First calls of one panel in a day."""
        return sum(self.calls_by_hour)

    @property
    def busiest_calls_per_hour(self) -> float:
        """First calls of one panel in its busiest hour."""
        return max(self.calls_by_hour)


class Speech(_Strict):
    """How what is said becomes known, and how long it is."""

    on_list_share: Share
    check_in_share: Share
    renders_per_patient: Annotated[float, Field(ge=1, le=4)]
    list_uploaded_at_h: Amount
    list_uploads_take_s: Amount
    check_in_ahead_s: Amount
    heard_before_share: Share
    recall_share: Share
    length_spread: Share

    @property
    def unannounced_share(self) -> float:
        """Of first calls, those of whom nothing was known before."""
        return 1 - self.on_list_share - self.check_in_share

    @property
    def missed_share(self) -> float:
        """Of first calls, those that somebody waits for while they are spoken."""
        return self.unannounced_share * (1 - self.heard_before_share)

    @property
    def renders_per_call(self) -> float:
        """Clips that the host speaks for one first call."""
        ahead = (self.on_list_share + self.check_in_share) * self.renders_per_patient
        return ahead + self.missed_share


class Functions(_Strict):
    """What surrounds a request to the API."""

    aws_call_s: Amount
    round_trip_s: Amount
    traced_share: Share
    platform_log_bytes: Amount
    access_log_bytes: Amount
    unchanged_bytes: Amount
    answer_bytes: Amount
    page_loads_per_screen_day: Amount


class Pod(_Strict):
    """How long a pod of the model host takes to serve, beside its own loading."""

    node_s: Amount
    image_bytes_per_s: Annotated[float, Field(gt=0)]
    pack_bytes: Amount
    fetch_bytes_per_s: Annotated[float, Field(gt=0)]
    registered_s: Amount
    metric_age_s: Amount

    @property
    def fetch_s(self) -> float:
        """Seconds in which the pack comes."""
        return self.pack_bytes / self.fetch_bytes_per_s

    def pull_s(self, image_bytes: float) -> float:
        """Seconds in which images come that are so large unpacked."""
        return image_bytes / self.image_bytes_per_s

    def start_s(self, image_bytes: float, load_s: float) -> float:
        """Seconds from "wanted" to "serves", for a host that loads in `load_s`."""
        before_s = self.node_s + self.pull_s(image_bytes) + self.fetch_s
        return before_s + load_s + self.registered_s


class Fleet(_Strict):
    """What is there whether anybody calls or not."""

    planned_load: Annotated[float, Field(gt=0, le=1)]
    live_at_once: Annotated[int, Field(ge=1)]
    bulk_at_once: Annotated[int, Field(ge=1)]
    availability_zones: Amount
    system_nodes: Amount
    custom_metrics: Amount
    alarms: Amount
    secrets: Amount
    hours_per_month: Amount


class Assumptions(_Strict):
    """All that nobody has measured."""

    clinic_day: ClinicDay
    speech: Speech
    functions: Functions
    pod: Pod
    fleet: Fleet


class Price(_Strict):
    """One price, in USD for `per` units, and what it rests on.

    Attributes:
        steps: from how many units a month on another price holds, in ascending order.
    """

    usd: Amount
    per: Annotated[float, Field(gt=0)]
    page: str
    basis: Literal["price list", "memory"]
    as_of: date
    steps: tuple[tuple[float, float], ...] = ()

    def cost(self, units: float) -> float:
        """USD for so many units in one month."""
        starts = [0.0, *(start for start, _ in self.steps)]
        ends = [*starts[1:], float("inf")]
        rates = [self.usd, *(usd for _, usd in self.steps)]
        total = 0.0
        for start, end, usd in zip(starts, ends, rates, strict=True):
            total += max(0.0, min(units, end) - start) * usd
        return total / self.per


class Prices(_Strict):
    """The price table; `price` is by what is paid for."""

    currency: Literal["USD"]
    region: str
    price: dict[str, Price]

    def cost(self, item: str, units: float) -> float:
        """USD for so many units of an item in one month.

        Raises:
            KeyError: the table has no such item.
        """
        return self.price[item].cost(units)


class Limit(_Strict):
    """The most that an account may do before anybody asks for more."""

    most: Annotated[float, Field(gt=0)]
    unit: str
    page: str
    raisable: bool


class Limits(_Strict):
    """The quotas; `limit` is by name."""

    limit: dict[str, Limit]


def assumptions(path: Path = HERE / "assumptions.toml") -> Assumptions:
    """Read the assumptions.

    Raises:
        pydantic.ValidationError: a figure is missing, unknown or impossible.
    """
    return Assumptions.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def prices(path: Path = HERE / "prices.toml") -> Prices:
    """Read the price table.

    Raises:
        pydantic.ValidationError: a figure is missing, unknown or impossible.
    """
    return Prices.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def limits(path: Path = HERE / "limits.toml") -> Limits:
    """Read the quotas.

    Raises:
        pydantic.ValidationError: a figure is missing, unknown or impossible.
    """
    return Limits.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
