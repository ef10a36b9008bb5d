"""Faults and timings told to Sentry, without anything that a request said.

Events are made anew from what is known to hold no text: types, places in the code, ids. What the
SDK may gather besides, in this version or the next, never gets through. Imported only when there is
something to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import sentry_sdk

from speech import VERSION, trace_context
from speech.settings import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

# Lambda freezes a process that has answered, so an event is sent before; nobody waits longer.
_SEND_WITHIN_S = 1.0
_ABOUT_THE_EVENT = (
    *("event_id", "type", "timestamp", "start_timestamp", "level", "platform", "tags"),
    *("environment", "release", "sdk", "transaction", "transaction_info"),
)
_ABOUT_A_FRAME = ("filename", "abs_path", "module", "function", "lineno", "in_app")
_ABOUT_A_SPAN = ("trace_id", "span_id", "parent_span_id", "op", "status")


class SentryReports:
    """What one function tells Sentry."""

    def __init__(self, settings: Settings) -> None:
        """Start the SDK for this process."""
        self._service = settings.powertools_service_name
        sentry_sdk.init(
            dsn=settings.sentry_dsn,
            environment=settings.ctv_env,
            release=f"c-tv-functions@{VERSION}",
            traces_sample_rate=1.0,  # whoever calls has chosen already, before this was imported
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            default_integrations=False,
            auto_enabling_integrations=False,
            before_send=_without_texts,
            before_send_transaction=_without_texts,
        )
        sentry_sdk.set_tag("service", self._service)

    def report(self, error: BaseException) -> None:
        """Tell an error by its types and places; waits a second at most."""
        _name_trace(trace_context.current())
        sentry_sdk.capture_exception(error)
        sentry_sdk.flush(_SEND_WITHIN_S)

    def report_timing(self, began_s: float, ended_s: float) -> None:
        """Tell how long an invocation took; waits a second at most.

        Args:
            began_s: seconds since the epoch.
            ended_s: seconds since the epoch.
        """
        place = trace_context.current()
        _name_trace(place)
        transaction = sentry_sdk.start_transaction(
            name=self._service,
            source="task",
            op="function.aws",
            start_timestamp=datetime.fromtimestamp(began_s, UTC),
        )
        transaction.trace_id, transaction.parent_span_id = place.trace_id, place.parent_id
        transaction.finish(end_timestamp=datetime.fromtimestamp(ended_s, UTC))
        sentry_sdk.flush(_SEND_WITHIN_S)


def _name_trace(place: trace_context.TraceContext) -> None:
    # Tags outlive an invocation: each event sets its own.
    sentry_sdk.set_tag("trace_id", place.trace_id)


def _without_texts(event: Event, _hint: Hint) -> Event:
    """Copy what may leave: an allow-list, for what is unknown may quote a patient's name."""
    given = cast("Mapping[str, Any]", event)
    kept = _only(_ABOUT_THE_EVENT, given)
    if "exception" in given:
        values = given["exception"]["values"]
        kept["exception"] = {"values": [_type_and_place(value) for value in values]}
    if trace := given.get("contexts", {}).get("trace"):
        kept["contexts"] = {"trace": _only(_ABOUT_A_SPAN, trace)}
    return cast("Event", kept)


def _type_and_place(exception: Mapping[str, Any]) -> dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames", [])
    return {
        **_only(("module", "type"), exception),
        "stacktrace": {"frames": [_only(_ABOUT_A_FRAME, frame) for frame in frames]},
    }


def _only(names: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}
