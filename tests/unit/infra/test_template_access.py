"""Who may call, as the template has it: promises that MiniStack does not hold or cannot show."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT

TEMPLATE = read_template(ROOT / "template.yaml")
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
API: dict[str, Any] = RESOURCES["Api"]["Properties"]
AUTHORIZER: dict[str, Any] = RESOURCES["AuthorizerFunction"]["Properties"]
ROUTES = [
    event["Properties"] for event in RESOURCES["ApiFunction"]["Properties"]["Events"].values()
]
OPEN = {"/health", "/info", "/openapi.json", "/docs", "/docs/{asset}"}


def test_a_route_asks_who_calls_unless_it_is_one_of_the_few() -> None:
    assert API["Auth"]["DefaultAuthorizer"] in API["Auth"]["Authorizers"]
    for route in ROUTES:
        is_open = route["Path"] in OPEN or route["Path"].startswith("/v1/device/")
        asks_nobody = route.get("Auth", {}).get("Authorizer") == "NONE"
        assert asks_nobody == is_open, route["Path"]


def test_a_revoked_key_is_forgotten_within_ten_seconds() -> None:
    [authorizer] = API["Auth"]["Authorizers"].values()
    assert authorizer["FunctionPayloadType"] == "REQUEST"
    assert authorizer["Identity"]["Headers"] == ["Authorization"]
    assert 0 < authorizer["Identity"]["ReauthorizeEvery"] <= 10


def test_the_authorizer_may_read_tokens_and_note_their_use_and_nothing_else() -> None:
    assert "VpcConfig" not in AUTHORIZER
    assert "VpcConfig" not in TEMPLATE["Globals"]["Function"]
    [policy] = AUTHORIZER["Policies"]
    [statement] = [s for s in policy["Statement"] if s["Sid"] == "Tokens"]
    assert set(statement["Action"]) == {"dynamodb:GetItem", "dynamodb:UpdateItem"}
    assert statement["Condition"]["ForAllValues:StringLike"] == {
        "dynamodb:LeadingKeys": ["token#*"]
    }


def test_the_authorizer_in_no_vpc_has_no_use_for_a_relay_within_one() -> None:
    variables = AUTHORIZER["Environment"]["Variables"]
    assert variables["SENTRY_DSN"] == {"Fn::If": ["InVpc", "", {"Fn::Sub": "${SentryDsn}"}]}


@pytest.mark.parametrize("kind", API["GatewayResponses"])
def test_what_the_gateway_answers_by_itself_is_a_problem(kind: str) -> None:
    response = API["GatewayResponses"][kind]
    problem = json.loads(response["ResponseTemplates"]["application/json"])
    assert problem["status"] == response["StatusCode"]
    assert problem["type"].startswith("urn:c-tv:problem:")
    assert problem["request_id"] == "$context.requestId"
    assert "$context.error" not in json.dumps(problem)
    headers = response["ResponseParameters"]["Headers"]
    assert headers["Content-Type"] == "'application/problem+json'"
    assert ("WWW-Authenticate" in headers) == (response["StatusCode"] == 401)


def test_a_key_that_is_not_known_is_unauthorized_and_a_fault_is_not() -> None:
    statuses = {kind: found["StatusCode"] for kind, found in API["GatewayResponses"].items()}
    assert statuses["UNAUTHORIZED"] == statuses["ACCESS_DENIED"] == 401
    assert statuses["AUTHORIZER_FAILURE"] == statuses["AUTHORIZER_CONFIGURATION_ERROR"] == 500
    assert statuses["QUOTA_EXCEEDED"] == 429


def test_usage_plans_count_what_costs_and_never_a_panels_polling() -> None:
    counted = {route["Path"] for route in ROUTES if route.get("Auth", {}).get("ApiKeyRequired")}
    assert counted == {"/v1/speech", "/v1/prewarm", "/v1/audio/speech"}
    assert API["ApiKeySourceType"] == "AUTHORIZER"
    # A key without a plan needs one that lets it pass.
    unplanned = AUTHORIZER["Environment"]["Variables"]["UNPLANNED_USAGE_KEY"]
    assert RESOURCES["UnplannedKey"]["Properties"]["Value"] == unplanned
    assert "Quota" not in RESOURCES["NoPlan"]["Properties"]
    assert "Throttle" not in RESOURCES["NoPlan"]["Properties"]
