"""What Sentry gets of a function's fault and timing, and nothing of what was to be said."""

from __future__ import annotations

import pytest

from speech import VERSION
from tests.integration.host.api_call import ApiCall, call_api
from tests.integration.host.receiver import receiving
from tests.integration.host.test_sentry import NAME, TRACE_ID, assert_nameless, of_type

BODY = {"call": {"name": NAME, "place": "Consultório 3"}}
X_RAY = f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent=53995c3f42cd8ad8;Sampled=0"


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
