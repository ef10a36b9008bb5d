"""What SAM makes of the template before CloudFormation sees it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT

# As `sam build` and `sam deploy` do, but for the uploads; the translator is in SAM's environment.
TRANSFORM = """
import json, sys
import boto3
from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

template = yaml_parse(open(sys.argv[1]).read())
template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::CloudFormation::Stack":
        resource["Properties"]["TemplateURL"] = "https://s3.amazonaws.com/bucket/key"
parameters = {name: about.get("Default", "") for name, about in template["Parameters"].items()}
translator = Translator({}, Parser(), boto_session=boto3.Session(region_name="sa-east-1"))
json.dump(translator.translate(template, parameter_values=parameters), sys.stdout)
"""
# Names of what is in a resource, or of no resource at all.
WITHIN = {"AttributeName", "DisplayName", "HeaderName", "MetricName"}

Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def resources() -> Resources:
    ran = subprocess.run(
        [ROOT / ".venv-sam" / "bin" / "python", "-c", TRANSFORM, ROOT / "template.yaml"],
        capture_output=True,
        text=True,
        check=True,
    )
    transformed: Resources = json.loads(ran.stdout)["Resources"]
    return transformed


def of_type(resources: Resources, kind: str) -> list[dict[str, Any]]:
    return [r["Properties"] for r in resources.values() if r["Type"] == kind]


def fixed_names(properties: dict[str, Any], depth: int = 2) -> Iterator[str]:
    """Names without anything of the stack in them, of a resource or in its configuration."""
    for key, value in properties.items():
        if isinstance(value, dict) and depth > 1:
            yield from fixed_names(value, depth - 1)
        text = value.get("Fn::Sub") if isinstance(value, dict) else value
        if not isinstance(text, str) or "${" in text:
            continue
        if key.endswith("Name") and key not in WITHIN:
            yield f"{key}: {text}"


def test_a_second_stack_finds_no_name_taken(resources: Resources) -> None:
    everything = dict(resources)
    for path in ("edge", "monitoring", "network"):
        everything |= read_template(ROOT / "infra" / "aws" / f"{path}.yaml")["Resources"]
    for name, resource in everything.items():
        assert not list(fixed_names(resource.get("Properties", {}))), name


def test_the_api_has_one_stage_which_is_the_guarded_one(resources: Resources) -> None:
    [deployment] = of_type(resources, "AWS::ApiGateway::Deployment")
    assert "StageName" not in deployment
    [stage] = of_type(resources, "AWS::ApiGateway::Stage")
    assert stage["StageName"] == {"Ref": "Stage"}
    assert stage["AccessLogSetting"]["DestinationArn"]
    assert stage["MethodSettings"][0]["ThrottlingRateLimit"]


def test_the_api_asks_who_calls_and_answers_in_its_own_words(resources: Resources) -> None:
    [api] = of_type(resources, "AWS::ApiGateway::RestApi")
    document = api["Body"]
    assert document["components"]["securitySchemes"]["Keys"]["x-amazon-apigateway-authorizer"]
    assert {"Keys": []} in document["paths"]["/v1/voices"]["get"]["security"]
    assert {"Keys": []} not in document["paths"]["/health"]["get"]["security"]
    answers = read_template(ROOT / "template.yaml")["Resources"]["Api"]["Properties"]
    assert set(document["x-amazon-apigateway-gateway-responses"]) == set(
        answers["GatewayResponses"]
    )
