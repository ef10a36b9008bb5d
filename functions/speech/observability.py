"""The one place where the logger, the metrics and the traces are made.

Nothing that leaves through here may carry what is spoken: no text, no name, no body.
"""

from __future__ import annotations

import os
import random
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import ClientError

from speech import settings, trace_context

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from speech.sentry import SentryReports

_SETTINGS = settings.read()
logger = Logger(service=_SETTINGS.powertools_service_name)

CACHE_HIT = "CacheHit"
CACHE_MISS = "CacheMiss"
RENDER = "Render"
RENDER_SECONDS = "RenderSeconds"
HOST_ERROR = "HostError"
QUEUE_AGE_SECONDS = "QueueAgeSeconds"
QUEUED = "Queued"
ROWS_ACCEPTED = "RowsAccepted"
ROWS_REJECTED = "RowsRejected"
EXPIRED = "Expired"
PINNED_QUEUED = "PinnedQueued"
HOST_UP = "HostUp"
FINGERPRINT_CHANGED = "FingerprintChanged"
API_FAULT = "ApiFault"
ACCESS_DENIED = "AccessDenied"
SPEECH_DOUBTFUL = "SpeechDoubtful"
CALL_ANNOUNCED = "CallAnnounced"
CALL_CANCELLED = "CallCancelled"
CALL_ATTENDED = "CallAttended"
CALL_NO_SHOW = "CallNoShow"
CALL_TRANSFERRED = "CallTransferred"
CHECKED_IN = "CheckedIn"
NOT_RENDERED_AHEAD = "NotRenderedAhead"

Handler = Callable[[dict[str, Any], "LambdaContext"], object]


class ToldFaultError(Exception):
    """Ends an invocation over an error that `log_fault` has told already."""


def count(name: str, value: float = 1, **dimensions: str) -> None:
    """Emit a count as one EMF line, at once. Dimension `service` is always there."""
    _emit(name, MetricUnit.Count, value, dimensions)


def seconds(name: str, value: float, **dimensions: str) -> None:
    """Emit a duration in seconds as one EMF line, at once."""
    _emit(name, MetricUnit.Seconds, value, dimensions)


def _emit(name: str, unit: MetricUnit, value: float, dimensions: dict[str, str]) -> None:
    with single_metric(
        name=name,
        unit=unit,
        value=value,
        namespace=_SETTINGS.powertools_metrics_namespace,
        default_dimensions={"service": _SETTINGS.powertools_service_name},
    ) as metric:
        for key, dimension in dimensions.items():
            metric.add_dimension(name=key, value=dimension)


def log_fault(message: str, error: BaseException) -> None:
    """Log an unexpected error by its type and place, and by its code if it is one of AWS's.

    Sentry is told the same, if there is a DSN.

    Its message stays out: a library's error may quote the input it choked on, and that input
    may be a patient's name.
    """
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    details: dict[str, object] = {
        "error_type": type(error).__qualname__,
        "error_at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if isinstance(error, ClientError):
        details["aws_code"] = error.response["Error"]["Code"]
        details["aws_operation"] = error.operation_name
    logger.error(message, extra=details)
    if _SETTINGS.sentry_dsn:
        _sentry().report(error)


def traced(handler: Handler) -> Handler:
    """Give each invocation its place in a trace, and trace those that X-Ray samples.

    Importing the X-Ray SDK takes 0.36 s, most of a cold start's budget, so nothing of it is
    loaded until Lambda marks an invocation as sampled. Neither answers nor errors are captured:
    both may quote what is spoken. Sentry, if there is a DSN, is loaded for the share of
    invocations that it is told of, and for faults.
    """

    @wraps(handler)
    def traced_handler(event: dict[str, Any], context: LambdaContext) -> object:
        logger.append_keys(trace_id=trace_context.begin().trace_id)
        # Lambda's runtime sets this variable anew for each invocation.
        sampled = "Sampled=1" in os.environ.get("_X_AMZN_TRACE_ID", "")
        with _told_to_sentry():
            return (_with_tracer(handler) if sampled else handler)(event, context)

    return traced_handler


@contextmanager
def _told_to_sentry() -> Iterator[None]:
    """Tell Sentry of an error that ends the invocation, and of chosen invocations' timing."""
    if not _SETTINGS.sentry_dsn:
        yield
        return
    began_s = time.time()
    try:
        yield
    except ToldFaultError:
        raise
    except Exception as error:
        _sentry().report(error)
        raise
    finally:
        chance = random.random()  # noqa: S311 - no secret hangs on it
        if chance < _SETTINGS.sentry_traces_sample_rate:
            _sentry().report_timing(began_s, time.time())


@cache
def _sentry() -> SentryReports:
    from speech.sentry import SentryReports  # noqa: PLC0415 - takes 0.1 s and 22 MB

    return SentryReports(_SETTINGS)


@cache
def _with_tracer(handler: Handler) -> Handler:
    from aws_lambda_powertools import Tracer  # noqa: PLC0415 - the measured import above

    tracer = Tracer(patch_modules=["botocore"])
    traced_handler: Handler = tracer.capture_lambda_handler(
        handler, capture_response=False, capture_error=False
    )
    return traced_handler
