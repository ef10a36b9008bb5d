"""Faults and timings told to Sentry, without anything that a request said.

Events are made anew from what is known to hold no text: types, places in the code, ids. What the
SDK may gather besides, in this version or the next, never gets through.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import sentry_sdk
from pydantic import SecretStr
from sentry_sdk.integrations.logging import LoggingIntegration

from model_host import VERSION
from model_host.observability import timeline
from model_host.observability.record import RequestRecord
from model_host.settings import Settings

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_CLOSE_WITHIN_S = 2.0
_SERVER_FAULT = 500
_OWN_LOGGERS = "model_host"
_IDS = ("request_id", "trace_id")
_ABOUT_THE_EVENT = (
    *("event_id", "type", "timestamp", "start_timestamp", "level", "logger", "platform"),
    *("environment", "release", "server_name", "sdk", "transaction", "transaction_info"),
)
_ABOUT_A_FRAME = ("filename", "abs_path", "module", "function", "lineno", "in_app")
_ABOUT_A_SPAN = (
    *("trace_id", "span_id", "parent_span_id", "op", "status"),
    *("start_timestamp", "timestamp", "same_process_as_parent"),
)


class SentryExporter:
    """Every logged error becomes an event, a share of requests a transaction."""

    def __init__(self, settings: Settings, dsn: SecretStr) -> None:
        """Start the SDK for this process."""
        sentry_sdk.init(
            dsn=dsn.get_secret_value(),
            environment=settings.ctv_env,
            release=f"c-tv-model-host@{VERSION}",
            traces_sample_rate=settings.sentry_traces_sample_rate,
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[
                LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None)
            ],
            before_send=_fault_without_texts,
            before_send_transaction=_without_texts,
        )

    def observe(self, record: RequestRecord) -> None:
        """Make a transaction of a finished request, if chance chooses it."""
        whole = timeline.whole(record)
        transaction = sentry_sdk.start_transaction(
            name=whole.name,
            source="route",
            op="http.server",
            start_timestamp=_moment(whole.began_at),
        )
        if record.caller is not None:
            transaction.trace_id = record.caller.trace_id
            transaction.parent_span_id = record.caller.span_id
        transaction.set_status("internal_error" if record.status >= _SERVER_FAULT else "ok")
        for part in timeline.parts(record, whole.began_at):
            child = transaction.start_child(op=part.name, start_timestamp=_moment(part.began_at))
            child.finish(end_timestamp=_moment(part.ended_at))
        transaction.finish(end_timestamp=_moment(whole.ended_at))

    def close(self) -> None:
        """Send what is left, for two seconds at most."""
        sentry_sdk.get_client().close(timeout=_CLOSE_WITHIN_S)


def _moment(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def _fault_without_texts(event: Event, hint: Hint) -> Event | None:
    """Drop what a library complains of in words alone: without them it says nothing."""
    ours = str(event.get("logger", "")).startswith(_OWN_LOGGERS)
    return _without_texts(event, hint) if ours or "exception" in event else None


def _without_texts(event: Event, _hint: Hint) -> Event:
    """Copy what may leave: an allow-list, for what is unknown may quote a patient's name."""
    given = cast("Mapping[str, Any]", event)
    kept = _only(_ABOUT_THE_EVENT, given)
    kept["tags"] = _only(_IDS, given.get("extra", {}))
    if str(given.get("logger", "")).startswith(_OWN_LOGGERS):
        # The line as it stands in our code, where nothing is formatted into it.
        kept["logentry"] = _only(("message",), given.get("logentry", {}))
    if "exception" in given:
        values = given["exception"]["values"]
        kept["exception"] = {"values": [_type_and_place(value) for value in values]}
    if trace := given.get("contexts", {}).get("trace"):
        kept["contexts"] = {"trace": _only(_ABOUT_A_SPAN, trace)}
    if "spans" in given:
        kept["spans"] = [_only(_ABOUT_A_SPAN, span) for span in given["spans"]]
    return cast("Event", kept)


def _type_and_place(exception: Mapping[str, Any]) -> dict[str, Any]:
    frames = (exception.get("stacktrace") or {}).get("frames", [])
    return {
        **_only(("module", "type"), exception),
        "stacktrace": {"frames": [_only(_ABOUT_A_FRAME, frame) for frame in frames]},
    }


def _only(names: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}
