"""What MiniStack drops from a template without a word, put in place through its API.

AWS needs none of this: there the template alone does it. Found by running MiniStack 1.5.33:
CloudFormation ignores a bucket's LifecycleConfiguration, a table's TimeToLiveSpecification and an
API's GatewayResponses, while S3's, DynamoDB's and API Gateway's own calls keep them. It looks for
a method's API key in a header only, whatever `ApiKeySourceType` says, so here methods need none and
usage plans count nothing. A parameter of type Number arrives as text, and as MaximumConcurrency it
stops its poller of all queues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import boto3
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_cloudformation.client import CloudFormationClient


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's short intrinsic forms (`!Ref X`) as `{"Ref": "X"}`."""


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)  # noqa: S101 (YAML has no fourth kind)
    return {name: loader.construct_mapping(node, deep=True)}


_Template.add_multi_constructor("!", _intrinsic)


def read_template(path: Path) -> dict[str, Any]:
    """A template as plain values, its short intrinsics in their long form."""
    template: dict[str, Any] = yaml.load(path.read_text(), Loader=_Template)  # noqa: S506 (a SafeLoader)
    return template


def fill(template_path: Path, stack_name: str) -> None:
    """Apply what was dropped of the template to the deployed stack."""
    template = read_template(template_path)
    cloudformation = boto3.client("cloudformation")
    parameters = _parameters(template, cloudformation, stack_name)
    physical = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in cloudformation.get_paginator("list_stack_resources").paginate(
            StackName=stack_name
        )
        for resource in page["StackResourceSummaries"]
    }
    for logical_id, resource in template["Resources"].items():
        if logical_id not in physical:  # its condition does not hold here
            continue
        properties = _resolve(resource.get("Properties", {}), parameters)
        match resource["Type"]:
            case "AWS::S3::Bucket":
                _put_lifecycle(physical[logical_id], properties["LifecycleConfiguration"]["Rules"])
            case "AWS::DynamoDB::Table":
                boto3.client("dynamodb").update_time_to_live(
                    TableName=physical[logical_id],
                    TimeToLiveSpecification=properties["TimeToLiveSpecification"],
                )
            case "AWS::Serverless::Function":
                _put_maximum_concurrency(physical[logical_id])
            case "AWS::Serverless::Api":
                _put_gateway_responses(physical[logical_id], properties["GatewayResponses"])
                _require_no_api_keys(physical[logical_id])
                boto3.client("apigateway").create_deployment(
                    restApiId=physical[logical_id], stageName=properties["StageName"]
                )


def _put_lifecycle(bucket: str, rules: Sequence[Mapping[str, Any]]) -> None:
    boto3.client("s3").put_bucket_lifecycle_configuration(
        Bucket=bucket, LifecycleConfiguration={"Rules": [_s3_rule(rule) for rule in rules]}
    )


def _put_maximum_concurrency(function_name: str) -> None:
    functions = boto3.client("lambda")
    mappings = functions.list_event_source_mappings(FunctionName=function_name)
    for mapping in mappings["EventSourceMappings"]:
        if at_most := mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            functions.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(at_most)}
            )


def _put_gateway_responses(api_id: str, responses: Mapping[str, Mapping[str, Any]]) -> None:
    gateway = boto3.client("apigateway")
    for kind, response in responses.items():
        headers = response["ResponseParameters"]["Headers"]
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,  # type: ignore[arg-type]
            statusCode=str(response["StatusCode"]),
            responseParameters={f"gatewayresponse.header.{k}": v for k, v in headers.items()},
            responseTemplates=response["ResponseTemplates"],
        )


def _require_no_api_keys(api_id: str) -> None:
    gateway = boto3.client("apigateway")
    for resource in gateway.get_resources(restApiId=api_id, limit=500)["items"]:
        for method in resource.get("resourceMethods", {}):
            gateway.update_method(
                restApiId=api_id,
                resourceId=resource["id"],
                httpMethod=method,
                # It would take "false" of a "replace" for true.
                patchOperations=[{"op": "remove", "path": "/apiKeyRequired"}],
            )


def _parameters(
    template: Mapping[str, Any], cloudformation: CloudFormationClient, stack_name: str
) -> dict[str, str]:
    deployed = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    values = {
        name: str(declared["Default"])
        for name, declared in template["Parameters"].items()
        if "Default" in declared
    }
    values |= {p["ParameterKey"]: p["ParameterValue"] for p in deployed.get("Parameters", [])}
    return values


def _resolve(value: Any, parameters: Mapping[str, str]) -> Any:  # noqa: ANN401 (a template's tree)
    """Replace `Ref` and `Fn::Sub` of parameters; other intrinsics stay as they are."""
    if isinstance(value, list):
        return [_resolve(item, parameters) for item in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return parameters.get(value["Ref"], value)
    if isinstance(value.get("Fn::Sub"), str):
        text: str = value["Fn::Sub"]
        for name, parameter in parameters.items():
            text = text.replace(f"${{{name}}}", parameter)
        return text
    return {key: _resolve(item, parameters) for key, item in value.items()}


def _s3_rule(rule: Mapping[str, Any]) -> Any:  # noqa: ANN401 (boto3 takes a nested literal type)
    """A CloudFormation lifecycle rule in the shape of S3's PutBucketLifecycleConfiguration."""
    converted: dict[str, Any] = {
        "ID": rule["Id"],
        "Status": rule["Status"],
        "Filter": {"Prefix": rule.get("Prefix", "")},
    }
    if "ExpirationInDays" in rule:
        converted["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    if "AbortIncompleteMultipartUpload" in rule:
        converted["AbortIncompleteMultipartUpload"] = rule["AbortIncompleteMultipartUpload"]
    return converted
