"""What panels ask for: requests, and what each of them takes of the services behind the API.

All of it is linear in panels, so everything here is for one panel: over a month, or in a second of
the busiest hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from infra.scale.inputs import Assumptions
from infra.scale.known import Known

_HOUR_S: Final = 3600.0
# RFC 8246 and the build's digests: a screen fetches the scripts anew at each release only; a page
# load otherwise asks for the shell, its service worker and its manifest.
_FILES_A_LOAD: Final = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request takes.

    Attributes:
        reads: DynamoDB read units (consistent, up to 4 KB each).
        writes: DynamoDB write units (1 KB each; in a transaction each counts twice).
        aws_calls: requests to AWS that follow one another.
        looks: S3 requests that ask whether an object is there.
    """

    reads: float
    writes: float
    aws_calls: float
    looks: float = 0.0


# As `functions/api` and `functions/panels` do it. The most frequent ones are watched in the real
# handler: tests/unit/functions/panels/test_scale_costs.py.
REQUESTS: Final[Mapping[str, Cost]] = {
    # The head alone says that nothing is new.
    "feed": Cost(reads=1, writes=0, aws_calls=1),
    # … or else the events are read as well.
    "feed_changed": Cost(reads=2, writes=0, aws_calls=2),
    # The device is noted, the voice read and renewed, the room's devices counted.
    "heartbeat": Cost(reads=2, writes=2, aws_calls=4),
    # The head, and a list of some 7 KB.
    "waiting": Cost(reads=3, writes=0, aws_calls=2),
    # Idempotency record, head, who waits, settings; six items in one transaction; is it cached?
    "call": Cost(reads=5, writes=12, aws_calls=6, looks=1.5),
    # Idempotency record, head, call; five items in one transaction.
    "settle": Cost(reads=3, writes=10, aws_calls=4),
    # Head and call, then the object.
    "clip": Cost(reads=2, writes=0, aws_calls=3, looks=1),
    # Panel and settings; three items in one transaction, a job for each clip.
    "check_in": Cost(reads=2, writes=7.5, aws_calls=5),
}
# Lease taken and given back; the upload's row settled in a transaction, or the job. Four looks: for
# the personal and the general object, before and after it has the lease.
RENDER: Final = Cost(reads=0, writes=5, aws_calls=8, looks=4)
# A row of an uploaded list: the waiting entry, in a transaction of many.
ROW: Final = Cost(reads=0, writes=2, aws_calls=0)
# An object that has expired: its job is forgotten.
EXPIRY: Final = Cost(reads=0, writes=1, aws_calls=1)
_EXPIRIES_A_BATCH: Final = 10
# Sent, received, deleted.
_REQUESTS_A_MESSAGE: Final = 3


@dataclass(frozen=True, slots=True)
class Activity:
    """What happens on a panel in some time.

    Attributes:
        calls: first calls of patients.
        screen_s: seconds that screens are on, all of its screens together.
        desk_s: seconds that desks are open, together.
        screen_days: screens, each counted once for every day.
    """

    calls: float
    screen_s: float
    desk_s: float
    screen_days: float


@dataclass(frozen=True, slots=True)
class Load:
    """What that asks of the services; units are a month's or a second's, as the activity's.

    Attributes:
        requests: to the API, by name.
        authorized: invocations of the authorizer.
        api_s: seconds of the API function.
        renders: clips that the host speaks.
        missed: of these, those that somebody waits for.
        render_s: seconds of the render function.
        render_calls: its invocations.
        expiry_calls: invocations of the cleanup function.
        reads, writes: DynamoDB units.
        object_reads, object_writes: S3 requests.
        clip_bytes: audio from S3 to screens.
        stored_bytes: audio that is written, each kept a day.
        answer_bytes: what the API answers to screens and desks.
        page_requests, page_bytes: of pages and scripts.
        queue_requests: SQS requests that move messages.
        speech_s: seconds of speech that the host makes.
    """

    requests: Mapping[str, float]
    authorized: float
    api_s: float
    renders: float
    missed: float
    render_s: float
    render_calls: float
    expiry_calls: float
    reads: float
    writes: float
    object_reads: float
    object_writes: float
    clip_bytes: float
    stored_bytes: float
    answer_bytes: float
    page_requests: float
    page_bytes: float
    queue_requests: float
    speech_s: float

    @property
    def api_requests(self) -> float:
        """All requests to the API."""
        return sum(self.requests.values())

    @property
    def invocations(self) -> float:
        """Of all functions, those that the clock starts aside."""
        return self.api_requests + self.authorized + self.render_calls + self.expiry_calls


def month(assumed: Assumptions) -> Activity:
    """One panel's month."""
    day = assumed.clinic_day
    return Activity(
        calls=day.calls * day.days_per_month,
        screen_s=day.screens_per_panel * day.screens_on_h * _HOUR_S * day.days_per_month,
        desk_s=day.desks_per_panel * day.desks_on_h * _HOUR_S * day.days_per_month,
        screen_days=day.screens_per_panel * day.days_per_month,
    )


def busiest_second(assumed: Assumptions) -> Activity:
    """One panel's second in the busiest hour."""
    day = assumed.clinic_day
    return Activity(
        calls=day.busiest_calls_per_hour / _HOUR_S,
        screen_s=day.screens_per_panel,
        desk_s=day.desks_per_panel,
        screen_days=0,
    )


def load(activity: Activity, assumed: Assumptions, known: Known) -> Load:
    """What an activity asks of the services."""
    speech, around, stack = assumed.speech, assumed.functions, known.stack
    requests = _requests(activity, assumed, known)
    missed = activity.calls * speech.missed_share
    renders = activity.calls * speech.renders_per_call
    rows = activity.calls * speech.on_list_share
    ahead = renders - missed
    clip_bytes = known.host.audio_s * stack.clip_bytes_per_s
    expiry_calls = renders / _EXPIRIES_A_BATCH
    authorized = (activity.screen_s + activity.desk_s) / stack.authorizer_cache_s

    def total(part: str) -> float:
        asked = sum(count * getattr(REQUESTS[name], part) for name, count in requests.items())
        rendered = renders * (getattr(RENDER, part) + getattr(EXPIRY, part))
        return float(asked + rendered + rows * getattr(ROW, part))

    changed = requests["feed_changed"] + activity.screen_s / known.pages.whole_answer_s
    unchanged = max(0.0, requests["feed"] - activity.screen_s / known.pages.whole_answer_s)
    others = sum(requests.values()) - requests["feed"] - requests["feed_changed"]
    waited_s = known.host.call_s[assumed.fleet.live_at_once]
    handler_s = stack.handler_on_s(stack.api_gb)
    return Load(
        requests=requests,
        authorized=authorized,
        api_s=missed * waited_s
        + sum(
            count * (handler_s + REQUESTS[name].aws_calls * around.aws_call_s)
            for name, count in requests.items()
        ),
        renders=renders,
        missed=missed,
        render_s=missed * waited_s
        + ahead * known.host.call_s[assumed.fleet.bulk_at_once]
        + renders * RENDER.aws_calls * around.aws_call_s,
        render_calls=missed + ahead / stack.bulk_batch,
        expiry_calls=expiry_calls,
        reads=total("reads") + authorized,
        writes=total("writes"),
        object_reads=total("looks") + requests["clip"],
        object_writes=renders,
        clip_bytes=requests["clip"] * clip_bytes,
        stored_bytes=renders * clip_bytes,
        answer_bytes=unchanged * around.unchanged_bytes + (changed + others) * around.answer_bytes,
        page_requests=activity.screen_days * around.page_loads_per_screen_day * _FILES_A_LOAD,
        page_bytes=activity.screen_days
        * around.page_loads_per_screen_day
        * known.pages.script_bytes,
        queue_requests=_REQUESTS_A_MESSAGE * (missed + ahead / stack.bulk_batch + expiry_calls),
        speech_s=renders * known.host.audio_s,
    )


def _requests(activity: Activity, assumed: Assumptions, known: Known) -> dict[str, float]:
    """Requests to the API by name."""
    around, pages, day = assumed.functions, known.pages, assumed.clinic_day
    announced = activity.calls * (1 + assumed.speech.recall_share)
    settled = activity.calls
    watchers = day.screens_per_panel + day.desks_per_panel
    changed = (announced + settled) * watchers
    polls = activity.screen_s / (pages.poll_s + around.round_trip_s)
    desk_rounds = activity.desk_s / (pages.desk_poll_s + around.round_trip_s)
    return {
        "feed": max(0.0, polls + desk_rounds - changed),
        "feed_changed": changed,
        "heartbeat": activity.screen_s / (pages.beat_s + around.round_trip_s),
        "waiting": desk_rounds / pages.waiting_every + (announced + settled) * day.desks_per_panel,
        "call": announced,
        "settle": settled,
        "clip": announced * day.screens_per_panel,
        "check_in": activity.calls * assumed.speech.check_in_share,
    }
