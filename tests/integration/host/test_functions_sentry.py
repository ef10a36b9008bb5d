"""What Sentry gets of a function's fault and timing, and nothing of what was to be said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sentry_sdk

from speech import VERSION, settings, trace_context
from speech.sentry import SentryReports
from tests.integration.host.api_call import ApiCall, call_api
from tests.integration.host.receiver import receiving
from tests.integration.host.test_sentry import NAME, TRACE_ID, assert_nameless, of_type

BODY = {"call": {"name": NAME, "place": "Consultório 3"}}
X_RAY = f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent=53995c3f42cd8ad8;Sampled=0"


@pytest.fixture
def apart() -> Iterator[None]:
    """What a test sets up of the SDK ends with it."""
    with sentry_sdk.isolation_scope():
        yield
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(None)


def call_with_broken_aws(**environment: str) -> ApiCall:
    """Call the API where AWS refuses everything."""
    with receiving(status=403) as aws:
        return call_api(
            BODY,
            CTV_ENV="prod",
            AWS_ENDPOINT_URL=aws.url,
            AWS_DEFAULT_REGION="sa-east-1",
            AWS_ACCESS_KEY_ID="testing",
            AWS_SECRET_ACCESS_KEY="testing",
            COQUI_SERVER_URL="http://127.0.0.1:9",
            S3_CACHE_BUCKET="cache",
            STATE_TABLE="state",
            LIVE_QUEUE_URL="live",
            BULK_QUEUE_URL="bulk",
            CACHE_KEY_SECRET_ARN="cache-key",
            POWERTOOLS_SERVICE_NAME="api",
            _X_AMZN_TRACE_ID=X_RAY,
            **environment,
        )


@pytest.mark.slow
def test_given_a_fault_in_a_function_then_sentry_gets_its_type_and_place_and_no_name() -> None:
    with receiving() as sentry:
        dsn = f"http://s3cr3t@127.0.0.1:{sentry.port}/1"
        called = call_with_broken_aws(SENTRY_DSN=dsn, SENTRY_TRACES_SAMPLE_RATE="0")

    assert called.status == 500
    # Sent before the handler answered, for Lambda freezes it then
    [event] = of_type("event", sentry.received)
    assert_nameless(sentry.received)
    [error] = event["exception"]["values"]
    assert error["type"] == "ClientError"
    assert "value" not in error
    modules = {frame["module"] for frame in error["stacktrace"]["frames"]}
    assert {"speech.manifest", "botocore.client"} <= modules
    assert (event["environment"], event["release"]) == ("prod", f"c-tv-functions@{VERSION}")
    assert event["tags"] == {"service": "api", "trace_id": TRACE_ID}
    assert of_type("transaction", sentry.received) == []
    assert "s3cr3t" not in called.log


@pytest.mark.slow
def test_given_a_chosen_invocation_then_sentry_gets_its_timing_under_x_rays_trace() -> None:
    with receiving() as sentry:
        dsn = f"http://s3cr3t@127.0.0.1:{sentry.port}/1"
        call_with_broken_aws(SENTRY_DSN=dsn, SENTRY_TRACES_SAMPLE_RATE="1")

    [timing] = of_type("transaction", sentry.received)
    assert timing["transaction"] == "api"
    assert timing["contexts"]["trace"]["trace_id"] == TRACE_ID
    assert_nameless(sentry.received)


@pytest.mark.usefixtures("apart")
def test_given_a_fault_in_one_invocation_then_the_next_ones_timing_has_its_own_trace() -> None:
    with receiving() as sentry:
        dsn = f"http://s3cr3t@127.0.0.1:{sentry.port}/1"
        reports = SentryReports(settings.read({"SENTRY_DSN": dsn}))
        trace_context.begin({"_X_AMZN_TRACE_ID": X_RAY.replace(TRACE_ID[:8], "00000000")})
        reports.report(LookupError())

        trace_context.begin({"_X_AMZN_TRACE_ID": X_RAY})
        reports.report_timing(1.0, 2.0)

    [fault] = of_type("event", sentry.received)
    [timing] = of_type("transaction", sentry.received)
    assert fault["tags"]["trace_id"] == f"00000000{TRACE_ID[8:]}"
    assert timing["tags"]["trace_id"] == timing["contexts"]["trace"]["trace_id"] == TRACE_ID
