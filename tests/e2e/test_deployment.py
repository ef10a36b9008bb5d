"""The template as deployed: its network, its key, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.stack import LocalStack

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


@pytest.fixture(scope="module")
def parameters(stack: LocalStack) -> dict[str, str]:
    """What the stack was deployed with."""
    name = stack.settings.stack_name
    [found] = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    return {p["ParameterKey"]: p["ParameterValue"] for p in found["Parameters"]}


def physical(stack: LocalStack, kind: str) -> dict[str, str]:
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources")
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages.paginate(StackName=stack.settings.stack_name)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == kind
    }


def test_nothing_comes_in_to_the_functions(stack: LocalStack) -> None:
    group = stack.outputs["FunctionsSecurityGroupId"]
    [found] = boto3.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert found["IpPermissions"] == []
    ports = {rule["FromPort"] for rule in found["IpPermissionsEgress"]}
    assert ports == {443, stack.settings.host_port}


def test_the_vpc_has_endpoints_and_no_way_out(parameters: dict[str, str]) -> None:
    ec2 = boto3.client("ec2")
    vpc = [{"Name": "vpc-id", "Values": [parameters["VpcId"]]}]
    endpoints = ec2.describe_vpc_endpoints(Filters=vpc)["VpcEndpoints"]
    assert {e["ServiceName"].rsplit(".", 1)[1]: e["VpcEndpointType"] for e in endpoints} == {
        "s3": "Gateway",
        "dynamodb": "Gateway",
        "sqs": "Interface",
        "secretsmanager": "Interface",
    }
    assert ec2.describe_nat_gateways(Filters=vpc)["NatGateways"] == []


def test_queues_and_secrets_are_under_the_accounts_own_key(
    stack: LocalStack, parameters: dict[str, str], sqs: SQSClient
) -> None:
    key = parameters["KmsKeyArn"]
    for url in physical(stack, "AWS::SQS::Queue").values():
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["KmsMasterKeyId"])
        assert attributes["Attributes"]["KmsMasterKeyId"] == key
    for secret in physical(stack, "AWS::SecretsManager::Secret").values():
        found = boto3.client("secretsmanager").describe_secret(SecretId=secret)
        assert found["KmsKeyId"] == key


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"SubnetIds": ""}, "VpcId needs SubnetIds"),
        ({"VpcId": ""}, "SubnetIds, HostSecurityGroup and RouteTableIds need VpcId"),
        ({"DomainName": "c-tv.saude.pi.gov.br"}, "DomainName needs CertificateArn"),
        ({"HostedZoneId": "Z123"}, "CertificateArn and HostedZoneId need DomainName"),
        (
            {
                "ServePages": "false",
                "PagesWebAclArn": "arn:aws:wafv2:us-east-1:000000000000:global/webacl/a/b",
            },
            "PagesWebAclArn needs ServePages=true",
        ),
        ({"OidcIssuer": "https://login.example"}, "OidcIssuer needs OidcAudience"),
    ],
)
def test_half_filled_parameters_are_refused_before_anything_is_made(
    stack: LocalStack, parameters: dict[str, str], changed: dict[str, str], why: str
) -> None:
    # Given the deployed stack
    cloudformation = boto3.client("cloudformation")
    name = stack.settings.stack_name
    # When somebody changes parameters and forgets what belongs to them
    with pytest.raises(ClientError) as refused:
        cloudformation.create_change_set(
            StackName=name,
            ChangeSetName=f"refused-{uuid4().hex[:8]}",
            UsePreviousTemplate=True,
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": n, "ParameterValue": changed[n]}
                if n in changed
                else {"ParameterKey": n, "UsePreviousValue": True}
                for n in sorted(parameters)
            ],
        )
    # Then CloudFormation says what is missing
    assert why in str(refused.value)
