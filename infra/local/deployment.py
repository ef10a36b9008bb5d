"""How the production template is deployed to MiniStack: what it is given, and where it must differ.

Everything that MiniStack can carry is on, as in production: a VPC with its endpoints, a key of our
own, reserved concurrency, the host's URL in Parameter Store. The rest is named here once, with its
reason, and printed by `make deploy-local`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import boto3

from infra.local.settings import ROOT, STAGE, LocalSettings

ACCOUNT_TEMPLATE: Final = ROOT / "infra" / "aws" / "account.yaml"


@dataclass(frozen=True, slots=True)
class Departure:
    """A parameter that differs from production, and why MiniStack leaves no choice."""

    parameter: str
    value: str
    why: str


DEPARTURES: Final = (
    Departure("RequireTls", "false", "MiniStack speaks plain HTTP on 127.0.0.1"),
    Departure("Firewall", "false", "MiniStack has no AWS::WAFv2::WebACLAssociation"),
    Departure("HostSecurityGroup", "", "MiniStack has no AWS::EC2::SecurityGroupIngress"),
    Departure("FullMonitoring", "false", "MiniStack has no metric-math alarms and no budgets"),
    Departure("RenderConcurrency", "4", "the functions share this machine's cores with the host"),
    Departure("DomainName", "", "no DNS name leads to this machine"),
)


# What MiniStack takes from the template without acting on it, and what stands in for it.
WITHOUT_EFFECT: Final = (
    "VPC endpoints and security groups: they are made, and the functions run beside them",
    "ReservedConcurrentExecutions: MaximumConcurrency of the queues holds",
    "the key's policy, encryption of buckets and table, the access log",
    "lifecycle rules, time to live and gateway responses: put in place through the APIs",
    "CloudFront: the pages' own server stands in",
)


def production_like(settings: LocalSettings) -> dict[str, str]:
    """Make what the template expects of an account, and return the template's parameters.

    Args:
        settings: the run; its AWS variables must be in the environment.
    """
    url_parameter = f"/c-tv/{STAGE}/coqui-server-url"
    boto3.client("ssm").put_parameter(
        Name=url_parameter, Value=settings.host_url, Type="String", Overwrite=True
    )
    return {
        "Stage": STAGE,
        "CoquiServerUrl": url_parameter,
        "ReserveConcurrency": "true",
        "KmsKeyArn": _account_key(),
        "HostPort": str(settings.host_port),
        **_vpc(),
        **{d.parameter: d.value for d in DEPARTURES if d.value},  # sam takes no empty value
    }


def _account_key() -> str:
    """Deploy what an account needs once, and return its key's ARN."""
    cloudformation = boto3.client("cloudformation")
    name = "c-tv-account"
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=ACCOUNT_TEMPLATE.read_text(),
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}["KeyArn"]


def _vpc() -> dict[str, str]:
    """Make a VPC with two subnets that have no way out."""
    ec2 = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for block, zone in (("10.0.0.0/24", "sa-east-1a"), ("10.0.1.0/24", "sa-east-1b"))
    ]
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return {"VpcId": vpc, "SubnetIds": ",".join(subnets), "RouteTableIds": table}
