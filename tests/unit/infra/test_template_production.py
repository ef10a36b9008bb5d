"""What production relies on in the templates: data stays, no way out, limits that fit."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from infra.local.deployment import DEPARTURES
from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT
from speech.settings import Settings

TEMPLATES = {
    path.relative_to(ROOT).as_posix(): read_template(path)
    for path in (ROOT / "template.yaml", *sorted((ROOT / "infra" / "aws").glob("*.yaml")))
}
MAIN = TEMPLATES["template.yaml"]
RESOURCES: dict[str, dict[str, Any]] = MAIN["Resources"]
NETWORK: dict[str, dict[str, Any]] = TEMPLATES["infra/aws/network.yaml"]["Resources"]
EDGE: dict[str, dict[str, Any]] = TEMPLATES["infra/aws/edge.yaml"]["Resources"]

# What the first create made is empty if that is rolled back, and the next one wants its name.
NAMED = {"AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
DATA = {"AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::SecretsManager::Secret", "AWS::KMS::Key"}
WAYS_OUT = {
    "AWS::EC2::NatGateway",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::EgressOnlyInternetGateway",
    "AWS::EC2::EIP",
    "AWS::EC2::Route",
}
STACK_ID_AT_SLASH = ["/", {"Ref": "AWS::StackId"}]
OWN_KEY = {"Fn::If": ["HasKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]}


def everything() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, template in TEMPLATES.items():
        for name, resource in template["Resources"].items():
            yield path, name, resource


def named(kind: str) -> dict[str, dict[str, Any]]:
    return {n: r["Properties"] for n, r in RESOURCES.items() if r["Type"] == kind}


FUNCTIONS = named("AWS::Serverless::Function")
QUEUES = named("AWS::SQS::Queue")


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(function: str) -> Iterator[dict[str, Any]]:
    for policy in FUNCTIONS[function]["Policies"]:
        yield from policy["Statement"]


def rate_limits(path: str) -> dict[str, dict[str, Any]]:
    """The rate-based rules of a web ACL, by name."""
    return {
        rule["Name"]: rule["Statement"]["RateBasedStatement"]
        for rule in TEMPLATES[path]["Resources"]["Firewall"]["Properties"]["Rules"]
        if "RateBasedStatement" in rule["Statement"]
    }


def holds(template: dict[str, Any], condition: Any, parameters: dict[str, str]) -> bool:
    """Whether a condition of a template is true."""

    def value(operand: Any) -> str:
        return parameters[operand["Ref"]] if isinstance(operand, dict) else str(operand)

    [(kind, operands)] = condition.items()
    match kind:
        case "Condition":
            return holds(template, template["Conditions"][operands], parameters)
        case "Fn::Equals":
            return value(operands[0]) == value(operands[1])
        case "Fn::Not":
            return not holds(template, operands[0], parameters)
        case "Fn::And":
            return all(holds(template, operand, parameters) for operand in operands)
        case _:
            return any(holds(template, operand, parameters) for operand in operands)


def calls_the_host(function: str) -> bool:
    handler = FUNCTIONS[function]["Handler"].split(".")[0]
    return '"coqui_server_url"' in (ROOT / "functions" / handler / "app.py").read_text()


def test_what_holds_data_outlives_the_stack() -> None:
    holding = [(name, r) for _, name, r in everything() if r["Type"] in DATA]
    assert {r["Type"] for _, r in holding} == DATA
    for name, resource in holding:
        kept = "RetainExceptOnCreate" if resource["Type"] in NAMED else "Retain"
        assert resource.get("DeletionPolicy") == kept, name
        assert resource.get("UpdateReplacePolicy") == "Retain", name


def test_nothing_is_deleted_on_purpose() -> None:
    for _, name, resource in everything():
        assert resource.get("DeletionPolicy", "Retain").startswith("Retain"), name


def test_the_table_is_protected_and_its_backup_forgets_after_days() -> None:
    table = RESOURCES["StateTable"]["Properties"]
    assert table["DeletionProtectionEnabled"] is True
    backup = table["PointInTimeRecoverySpecification"]
    assert backup["PointInTimeRecoveryEnabled"] is True
    assert backup["RecoveryPeriodInDays"] <= 3  # what it holds, it holds with names


def test_buckets_that_hold_names_keep_no_older_versions() -> None:
    for name in ("CacheBucket", "PhrasesBucket"):
        assert "VersioningConfiguration" not in RESOURCES[name]["Properties"], name


def test_every_queue_has_dead_letters_or_holds_them() -> None:
    targets = {
        queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"].split(".")[0]
        for queue in QUEUES.values()
        if "RedrivePolicy" in queue
    }
    unread = {
        function["DeadLetterQueue"]["TargetArn"]["Fn::GetAtt"].split(".")[0]
        for function in FUNCTIONS.values()
        if "DeadLetterQueue" in function
    }
    for name, queue in QUEUES.items():
        assert ("RedrivePolicy" in queue) != (name in targets | unread), name


def test_every_call_that_nobody_waits_for_has_dead_letters() -> None:
    # Scheduler → Lambda is two edges: Scheduler's own, and Lambda's asynchronous one
    for name, function in FUNCTIONS.items():
        for event in function.get("Events", {}).values():
            if event["Type"] == "ScheduleV2":
                assert event["Properties"]["DeadLetterConfig"]["Arn"], name
                assert event["Properties"]["RetryPolicy"]["MaximumRetryAttempts"], name
                assert function["DeadLetterQueue"]["Type"] == "SQS", name
            else:
                assert event["Type"] in {"Api", "SQS"}, name


def test_every_queue_refuses_plain_http() -> None:
    refusing = set()
    for policy in named("AWS::SQS::QueuePolicy").values():
        text = json.dumps(policy["PolicyDocument"])
        if '"aws:SecureTransport": "false"' in text and '"Deny"' in text:
            refusing |= {queue["Ref"] for queue in policy["Queues"]}
    assert refusing == set(QUEUES)


def test_a_key_of_ones_own_covers_all_that_is_kept() -> None:
    for _, name, resource in everything():
        properties = resource.get("Properties", {})
        match resource["Type"]:
            case "AWS::SQS::Queue" | "AWS::SNS::Topic":
                assert properties["KmsMasterKeyId"] == OWN_KEY, name
            case "AWS::Logs::LogGroup" | "AWS::SecretsManager::Secret":
                assert properties["KmsKeyId"] == OWN_KEY, name
            case "AWS::DynamoDB::Table":
                assert properties["SSESpecification"]["KMSMasterKeyId"] == OWN_KEY, name
            case "AWS::S3::Bucket" if name != "PagesBucket":  # public, and read by CloudFront
                assert '"Ref": "KmsKeyArn"' in json.dumps(properties["BucketEncryption"]), name


def test_every_log_group_forgets() -> None:
    for _, name, resource in everything():
        if resource["Type"] == "AWS::Logs::LogGroup":
            assert resource["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name


def test_the_access_log_names_neither_addresses_nor_queries() -> None:
    told = json.loads(RESOURCES["Api"]["Properties"]["AccessLogSetting"]["Format"])
    for value in told.values():
        assert not re.search(
            r"identity|context\.path|querystring|request\.", value, re.IGNORECASE
        ), value
    assert told["request_id"] == "$context.requestId"


def test_there_is_no_way_out_of_the_vpc() -> None:
    for _, name, resource in everything():
        assert resource["Type"] not in WAYS_OUT, name


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_that_may_call_the_host_and_no_others_are_in_its_vpc(function: str) -> None:
    assert ("VpcConfig" in FUNCTIONS[function]) == calls_the_host(function)


def test_there_is_an_endpoint_for_each_service_that_is_called_from_the_vpc() -> None:
    # Given the clients that functions make
    code = (ROOT / "functions" / "speech" / "clients.py").read_text()
    called = set(re.findall(r'boto3\.client\("(\w+)"', code))
    # Then the VPC has their endpoints, and those that cost are only there where needed
    endpoints = {
        r["Properties"]["ServiceName"]["Fn::Sub"].rsplit(".", 1)[1]: r["Properties"]
        for r in NETWORK.values()
        if r["Type"] == "AWS::EC2::VPCEndpoint"
    }
    assert set(endpoints) == called
    for service, endpoint in endpoints.items():
        gateway = service in {"s3", "dynamodb"}
        assert endpoint["VpcEndpointType"] == ("Gateway" if gateway else "Interface")


def test_an_endpoint_lets_through_what_functions_may_do_and_no_more() -> None:
    allowed = set()
    for name, resource in NETWORK.items():
        if resource["Type"] == "AWS::EC2::VPCEndpoint":
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                assert "Ref" in statement["Resource"], name
                assert statement["Condition"]["StringEquals"]["aws:PrincipalAccount"], name
                allowed |= set(listed(statement["Action"]))
    granted = {
        action
        for function in FUNCTIONS
        if calls_the_host(function)
        for statement in statements(function)
        for action in listed(statement["Action"])
    }
    # AWS knows no action of that name, MiniStack does
    assert allowed == granted - {"sqs:SendMessageBatch"}


def test_every_variable_of_a_function_is_one_that_it_reads() -> None:
    read = {name.upper() for name in Settings.model_fields}
    for path in (ROOT / "functions" / "authorizer").glob("*.py"):
        read |= set(re.findall(r'"([A-Z][A-Z_]+)"', path.read_text()))
    common = MAIN["Globals"]["Function"]["Environment"]["Variables"]
    for name, function in FUNCTIONS.items():
        assert set(common | function["Environment"]["Variables"]) <= read, name


def test_the_queues_let_the_autoscaler_reach_its_most_pods() -> None:
    # Given the autoscaler's own figures
    scaler = yaml.safe_load((ROOT / "infra/k8s/overlays/prod/coqui-hpa.yaml").read_text())["spec"]
    [in_hand] = [metric["pods"] for metric in scaler["metrics"] if metric["type"] == "Pods"]
    # When a queue alone keeps the hosts busy, then its renders want that many pods
    most = scaler["maxReplicas"] * int(in_hand["target"]["averageValue"])
    assert most == MAIN["Parameters"]["RenderConcurrency"]["Default"]


def test_a_hospital_behind_one_address_stays_well_under_the_firewalls_limits() -> None:
    # Given how often the panel asks, and 30 TVs and 10 desks behind one address
    def milliseconds(module: str, constant: str) -> int:
        code = (ROOT / "web" / "panel" / "net" / module).read_text()
        found = re.search(rf"const {constant} = ([\d_]+);", code)
        assert found
        return int(found[1])

    television = 60_000 / milliseconds("feed.js", "POLL_MS")
    television += 60_000 / milliseconds("heartbeat.js", "BEAT_MS")
    television += 3  # clips of calls
    hospital = 30 * television + 10 * 60
    # Then no limit is near
    limits = rate_limits("infra/aws/edge.yaml")
    assert all(limit["EvaluationWindowSec"] == 60 for limit in limits.values())
    assert limits["each-key"]["Limit"] > 10 * television
    assert limits["each-address"]["Limit"] > 2 * hospital


def test_an_address_may_do_as_much_through_cloudfront_as_without_it() -> None:
    # Given the firewall of each way
    api = rate_limits("infra/aws/edge.yaml")
    pages = rate_limits("infra/aws/pages-web-acl.yaml")
    assert set(pages) == {"pairing", "each-address"}
    for name, limit in pages.items():
        # Then both count the peer's own address, which no header can forge
        assert limit["AggregateKeyType"] == api[name]["AggregateKeyType"] == "IP"
        assert limit["Limit"] == api[name]["Limit"]
        # And the API counts whoever does not bear CloudFront's mark
        behind, answer, _ = api[name]["ScopeDownStatement"]["Fn::If"]
        assert behind == "IsBehindCloudFront"
        straight = answer if name == "each-address" else answer["AndStatement"]["Statements"][1]
        match = straight["NotStatement"]["Statement"]["ByteMatchStatement"]
        assert match["SearchString"] == {"Ref": "CloudFrontMark"}
        assert match["PositionalConstraint"] == "EXACTLY"
        # And CloudFront sends it
        origins = RESOURCES["Pages"]["Properties"]["DistributionConfig"]["Origins"]
        [mark] = next(o for o in origins if o["Id"] == "api")["OriginCustomHeaders"]
        assert match["FieldToMatch"] == {"SingleHeader": {"Name": mark["HeaderName"]}}
        told = RESOURCES["Edge"]["Properties"]["Parameters"]["CloudFrontMark"]
        assert mark["HeaderValue"] == told == {"Fn::Select": [2, {"Fn::Split": STACK_ID_AT_SLASH}]}


def test_cloudfront_keeps_no_error_of_the_api() -> None:
    # CloudFront Developer Guide, "HTTP 4xx and 5xx status codes that CloudFront caches"
    config = RESOURCES["Pages"]["Properties"]["DistributionConfig"]
    kept_s = {e["ErrorCode"]: e["ErrorCachingMinTTL"] for e in config["CustomErrorResponses"]}
    assert kept_s == dict.fromkeys((400, 403, 404, 405, 414, 500, 501, 502, 503, 504), 0)


@pytest.mark.parametrize("firewall", ["true", "false"])
@pytest.mark.parametrize("pages", ["true", "false"])
@pytest.mark.parametrize(  # a zone without a domain is refused by the rule CertificateNamed
    ("domain", "zone"), [("", ""), ("c-tv.saude.pi.gov.br", ""), ("c-tv.saude.pi.gov.br", "Z1")]
)
def test_the_edge_is_a_stack_where_it_has_a_resource(
    firewall: str, pages: str, domain: str, zone: str
) -> None:
    # Given what an operator may choose
    parameters = {p: str(about.get("Default", "")) for p, about in MAIN["Parameters"].items()}
    parameters |= {
        "Firewall": firewall,
        "ServePages": pages,
        "DomainName": domain,
        "HostedZoneId": zone,
    }
    # When the nested stack is handed it
    handed = RESOURCES["Edge"]["Properties"]["Parameters"]
    inside = {
        name: parameters.get(value["Ref"], "") if "Ref" in value else ""
        for name, value in handed.items()
    }
    edge = TEMPLATES["infra/aws/edge.yaml"]
    made = [r for r in EDGE.values() if holds(edge, {"Condition": r["Condition"]}, inside)]
    # Then it is made if there is anything in it
    assert holds(MAIN, {"Condition": RESOURCES["Edge"]["Condition"]}, parameters) == bool(made)


def test_the_firewall_keeps_no_samples_and_logs_no_keys() -> None:
    for path in ("infra/aws/edge.yaml", "infra/aws/pages-web-acl.yaml"):
        assert '"SampledRequestsEnabled": true' not in json.dumps(TEMPLATES[path])
    firewall = EDGE["Firewall"]["Properties"]
    protected = {
        tuple(rule["Field"].get("FieldKeys", [rule["Field"]["FieldType"]])): rule
        for rule in firewall["DataProtectionConfig"]["DataProtections"]
    }
    assert set(protected) == {("authorization",), ("QUERY_STRING",)}
    for rule in protected.values():
        assert not rule.get("ExcludeRuleMatchDetails")
        assert not rule.get("ExcludeRateBasedDetails")  # customValues of the rule each-key


@pytest.mark.parametrize(
    "name", [n for n, r in RESOURCES.items() if r["Type"] == "AWS::CloudFormation::Stack"]
)
def test_a_nested_stack_is_given_what_it_asks_for(name: str) -> None:
    nested = RESOURCES[name]["Properties"]
    declared = TEMPLATES[nested["TemplateURL"]]["Parameters"]
    required = {p for p, about in declared.items() if "Default" not in about}
    assert required <= set(nested["Parameters"]) <= set(declared)


def test_every_parameter_is_described_and_in_a_group() -> None:
    groups = MAIN["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = [parameter for group in groups for parameter in group["Parameters"]]
    assert sorted(grouped) == sorted(MAIN["Parameters"])
    for name, parameter in MAIN["Parameters"].items():
        assert parameter.get("Description"), name


@pytest.mark.parametrize("page", ["deploy.md", "operate.md"])
def test_the_pages_deploy_the_stack_that_the_operator_named(page: str) -> None:
    # samconfig.toml has a name and a region of its own, which an operator's edit does not reach
    text = (ROOT / "docs" / page).read_text().replace("\\\n", " ")
    deployments = re.findall(r"sam deploy --[^`\n]*", text)
    assert deployments
    for deployment in deployments:
        assert '--stack-name "$STACK" --region "$AWS_REGION"' in deployment


def test_a_deployment_may_make_roles_and_expand_the_transform_of_nested_stacks() -> None:
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for stage in ("dev", "prod"):
        granted = environments[stage]["deploy"]["parameters"]["capabilities"]
        assert granted == ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]


def test_where_the_local_run_departs_it_says_why() -> None:
    for departure in DEPARTURES:
        assert departure.parameter in MAIN["Parameters"]
        assert departure.why
