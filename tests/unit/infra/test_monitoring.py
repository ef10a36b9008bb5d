"""What watches the system: every name it uses exists, every alarm can fire and is explained."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import system_tools
from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT
from infra.monitoring.__main__ import FOLDER, RULES, made
from infra.monitoring.dashboard import DASHBOARD
from tests.unit.infra.emitted_metrics import FUNCTIONS, emissions
from tests.unit.infra.exported_metrics import FROM_ELSEWHERE, asked_for, exported, grouped_by

TESTS = RULES.with_name("c-tv.rules.test.yaml")
ROOT_RESOURCES = read_template(ROOT / "template.yaml")["Resources"]
NESTED = read_template(ROOT / "infra/aws/monitoring.yaml")
RESOURCES: dict[str, dict[str, Any]] = NESTED["Resources"]
ALARMS: dict[str, dict[str, Any]] = {
    name: resource["Properties"]
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
RULE_GROUPS = yaml.safe_load(RULES.read_text())["groups"]
ALERTS: dict[str, dict[str, Any]] = {
    rule["alert"]: rule for group in RULE_GROUPS for rule in group["rules"] if "alert" in rule
}
RECORDED: dict[str, str] = {
    rule["record"]: rule["expr"]
    for group in RULE_GROUPS
    for rule in group["rules"]
    if "record" in rule
}
_BODY, _VARIABLES = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
FULL_BODY, BARE_BODY = (
    json.loads(_BODY.replace("${AlarmsOfMetricMath}", alarms))
    for _, when_full, otherwise in [_VARIABLES["AlarmsOfMetricMath"]["Fn::If"]]
    for alarms in (when_full["Fn::Sub"], otherwise)
)
WIDGETS = FULL_BODY["widgets"]
PANELS = [panel for panel in DASHBOARD.json()["panels"] if panel["type"] != "row"]
# What AWS's own services send, with the set of dimensions that is used here:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
AWS_METRICS = {
    ("AWS/ApiGateway", ("ApiName", "Stage")): {"5XXError", "Count", "Latency"},
    ("AWS/SQS", ("QueueName",)): {
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
    },
    ("AWS/Lambda", ("FunctionName",)): {"Errors", "Throttles", "Invocations"},
    ("AWS/DynamoDB", ("TableName",)): {
        "ReadThrottleEvents",
        "WriteThrottleEvents",
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
    },
    ("AWS/S3", ("BucketName", "StorageType")): {"NumberOfObjects", "BucketSizeBytes"},
}


# Each stack has a namespace of its own, as the template, its dashboard and Grafana name it.
OURS = ({"Ref": "MetricsNamespace"}, "${MetricsNamespace}", "CTV/$system")


@dataclass(frozen=True)
class Use:
    """A metric of CloudWatch, as an alarm or a graph names it; `by` says which."""

    by: str
    namespace: Any
    name: str
    dimensions: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return f"{self.by}-{self.name}"


def in_alarms() -> Iterator[Use]:
    for name, alarm in ALARMS.items():
        metrics = [
            one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one
        ]
        for metric in metrics or [alarm]:
            dimensions = tuple((one["Name"], str(one["Value"])) for one in metric["Dimensions"])
            yield Use(name, metric["Namespace"], metric["MetricName"], dimensions)


def in_widgets() -> Iterator[Use]:
    for widget in WIDGETS:
        before: list[str] = []
        for entry in widget["properties"].get("metrics", []):
            row = [one for one in entry if isinstance(one, str)]
            if not row and "expression" in entry[0]:
                continue
            # CloudWatch's short form: "..." stands for all before the last words of the row above
            row = [*before[: len(before) - len(row) + 1], *row[1:]] if row[0] == "..." else row
            before = row
            pairs = tuple(zip(row[2::2], row[3::2], strict=True))
            yield Use(widget["properties"]["title"], row[0], row[1], pairs)


def in_panels() -> Iterator[Use]:
    for panel in PANELS:
        for target in panel["targets"]:
            if "metricName" in target:
                dimensions = tuple(target["dimensions"].items())
                yield Use(panel["title"], target["namespace"], target["metricName"], dimensions)


USES = sorted([*in_alarms(), *in_widgets(), *in_panels()], key=str)


# ── CloudWatch ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("use", [use for use in USES if use.namespace in OURS], ids=str)
def test_given_a_metric_of_ours_when_watched_then_a_function_sends_it_with_these_dimensions(
    use: Use,
) -> None:
    assert any(one.covers(use.name, dict(use.dimensions)) for one in emissions())


def test_given_a_metric_that_is_sent_then_the_documentation_names_it_with_its_dimensions() -> None:
    page, _, _ = (ROOT / "docs/monitoring.md").read_text().partition("## When somebody is told")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for one in emissions():
        [row] = [row for row in rows if f"`{one.name}`" in row.split("|")[1]]
        assert all(f"`{key}`" in row for key in one.dimensions.keys() - {"service"}), one


@pytest.mark.parametrize("use", [use for use in USES if use.namespace not in OURS], ids=str)
def test_given_a_metric_of_awss_when_watched_then_it_exists_with_these_dimensions(use: Use) -> None:
    names = tuple(name for name, _ in use.dimensions)
    assert use.name in AWS_METRICS[use.namespace, names]


def test_given_a_metric_with_dimensions_when_sent_then_its_line_has_exactly_these() -> None:
    # When a function sends one (in a process of its own, as its settings are read at import)
    sent = subprocess.run(
        [
            sys.executable,
            "-c",
            "from speech import observability as o; o.count(o.HOST_ERROR, kind='busy')",
        ],
        env={
            **os.environ,
            "PYTHONPATH": str(FUNCTIONS),
            "POWERTOOLS_SERVICE_NAME": "render",
            "POWERTOOLS_METRICS_NAMESPACE": "CTV/c-tv-prod",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    # Then CloudWatch files it under the one set that alarms ask for
    line = json.loads(sent.stdout)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "CTV/c-tv-prod"
    assert [sorted(dimensions) for dimensions in directive["Dimensions"]] == [["kind", "service"]]
    assert (line["service"], line["kind"]) == ("render", "busy")
    assert any(
        one.covers("HostError", {"service": "render", "kind": "busy"}) for one in emissions()
    )


@pytest.mark.parametrize("name", ALARMS)
def test_given_an_alarm_then_it_tells_the_topic_both_ways_and_says_what_silence_means(
    name: str,
) -> None:
    alarm = ALARMS[name]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}]
    assert alarm["TreatMissingData"] == ("breaching" if name == "HostDown" else "notBreaching")
    assert alarm["AlarmName"] == {"Fn::Sub": f"${{SystemName}}-{name}"}


@pytest.mark.parametrize("name", ALARMS)
def test_given_an_alarm_of_metric_math_then_an_emulator_can_leave_it_out(name: str) -> None:
    # MiniStack refuses a stack with one.
    assert ("Metrics" in ALARMS[name]) == (RESOURCES[name].get("Condition") == "Full")


@pytest.mark.parametrize("name", [name for name in ALARMS if "Metrics" in ALARMS[name]])
def test_given_an_alarm_of_metric_math_then_one_expression_of_all_its_metrics_is_watched(
    name: str,
) -> None:
    metrics = ALARMS[name]["Metrics"]
    [watched] = [one for one in metrics if one["ReturnData"]]
    assert "Expression" in watched
    expressions = " ".join(one.get("Expression", "") for one in metrics)
    assert {one["Id"] for one in metrics if one is not watched} <= set(
        re.findall(r"[a-z]\w*", expressions)
    )
    # FILL would put a 0 where the latest minutes' data are still on their way.
    assert "FILL" not in expressions


def test_given_the_root_template_then_it_gives_each_parameter_and_the_nested_one_uses_it() -> None:
    given = ROOT_RESOURCES["Monitoring"]["Properties"]["Parameters"]
    assert given.keys() == NESTED["Parameters"].keys()
    body = {section: NESTED[section] for section in ("Conditions", "Resources")}
    used = set(re.findall(r"""'Ref': '(\w+)'|\$\{(\w+)\}""", str(body)))
    assert given.keys() <= {name for pair in used for name in pair}


def test_given_an_answer_not_ready_yet_then_the_alarm_of_faults_does_not_count_it() -> None:
    # API Gateway's 5XXError would; ApiFault does not, which test_api_speech.py sees.
    [watched] = [use for use in in_alarms() if use.by == "ApiFaults"]
    assert (watched.name, watched.dimensions) == ("ApiFault", (("service", "api"),))


def test_given_two_stacks_in_one_account_then_neither_reads_the_others_metrics() -> None:
    sent = read_template(ROOT / "template.yaml")["Globals"]["Function"]["Environment"]["Variables"]
    given = ROOT_RESOURCES["Monitoring"]["Properties"]["Parameters"]
    assert sent["POWERTOOLS_METRICS_NAMESPACE"] == {"Fn::Sub": "CTV/${AWS::StackName}"}
    assert given["MetricsNamespace"] == sent["POWERTOOLS_METRICS_NAMESPACE"]
    for use in USES:
        assert use.namespace in OURS or use.namespace.startswith("AWS/"), use


def test_given_an_alarm_then_the_first_widget_shows_it_wherever_it_is_made() -> None:
    for body, alarms in (
        (FULL_BODY, set(ALARMS)),
        (BARE_BODY, {name for name in ALARMS if "Condition" not in RESOURCES[name]}),
    ):
        shown = body["widgets"][0]["properties"]["alarms"]
        assert sorted(shown) == sorted(f"${{{name}.Arn}}" for name in alarms)


def test_given_a_message_that_keeps_failing_then_two_receipts_fall_into_the_alarms_window() -> None:
    late = ALARMS["LiveRendersLate"]
    render = ROOT_RESOURCES["RenderFunction"]["Properties"]
    [backoff_s] = re.findall(
        r"^_LONGEST_BACKOFF_S = (\d+)$", (FUNCTIONS / "render/worker.py").read_text(), re.MULTILINE
    )
    window_s = late["Period"] * late["EvaluationPeriods"]
    assert late["DatapointsToAlarm"] * (int(backoff_s) + render["Timeout"]) < window_s


def test_given_a_program_that_repeats_one_key_then_its_refusals_can_be_a_burst() -> None:
    # API Gateway keeps what the authorizer answered about a key, and counts no more meanwhile.
    [authorizer] = ROOT_RESOURCES["Api"]["Properties"]["Auth"]["Authorizers"].values()
    burst = ALARMS["AccessDeniedBurst"]
    [expired] = [one["MetricStat"] for one in burst["Metrics"] if one["Id"] == "expired"]
    assert burst["Threshold"] < expired["Period"] / authorizer["Identity"]["ReauthorizeEvery"]


def test_given_a_function_then_its_crashes_and_its_throttling_are_told() -> None:
    functions = {
        name.removesuffix("Function")
        for name, resource in ROOT_RESOURCES.items()
        if resource["Type"] == "AWS::Serverless::Function" and name.endswith("Function")
    }
    for name in functions:
        assert ALARMS[f"{name}Throttles"]["MetricName"] == "Throttles"
        assert ALARMS[f"{name}Errors"]["MetricName"] == "Errors"


def test_given_a_queue_of_dead_letters_then_the_first_one_is_told() -> None:
    queues = {
        name
        for name, resource in ROOT_RESOURCES.items()
        if resource["Type"] == "AWS::SQS::Queue" and name.endswith("DeadLetters")
    }
    assert queues
    given = ROOT_RESOURCES["Monitoring"]["Properties"]["Parameters"]
    for name in queues:
        assert given[f"{name}Name"] == {"Fn::GetAtt": f"{name}.QueueName"}
        [dimension] = ALARMS[name]["Dimensions"]
        assert dimension["Value"] == {"Ref": f"{name}Name"}
        assert ALARMS[name]["Threshold"] == 1


# ── Prometheus ────────────────────────────────────────────────────────────────────────────────


def expressions() -> dict[str, str]:
    return {
        **RECORDED,
        **{name: alert["expr"] for name, alert in ALERTS.items()},
        **{
            f"{panel['title']} {target['refId']}": target["expr"]
            for panel in PANELS
            for target in panel["targets"]
            if "expr" in target
        },
    }


@pytest.mark.parametrize("where", expressions())
def test_given_a_metric_in_a_rule_or_panel_then_a_running_host_exports_it_with_these_labels(
    where: str,
) -> None:
    recorded = {
        name: {label: frozenset({"live", "bulk"}) for label in grouped_by(expression)}
        for name, expression in RECORDED.items()
    }
    known = {**exported(), **FROM_ELSEWHERE, **recorded}
    asked = list(asked_for(expressions()[where]))
    assert asked
    assert [unknown for one in asked for unknown in one.unknown(known)] == []


@pytest.mark.parametrize("where", expressions())
def test_given_a_rule_or_panel_that_groups_then_its_metrics_have_these_labels(where: str) -> None:
    expression = expressions()[where]
    labels = {
        "pod",
        *(label for one in asked_for(expression) for label in exported().get(one.metric, {})),
    }
    assert grouped_by(expression) <= labels


@pytest.mark.parametrize("name", ALERTS)
def test_given_an_alert_then_it_says_how_bad_what_and_where_to_read_on(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert alert["annotations"]["runbook_url"] == f"docs/runbook.md#{name.lower()}"


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    tool = system_tools.find("promtool")
    return subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)


def test_given_the_rules_when_checked_by_prometheus_then_they_are_rules() -> None:
    checked = promtool("check", "rules", str(RULES))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_given_the_panels_queries_when_checked_by_prometheus_then_they_are_promql(
    tmp_path: Path,
) -> None:
    rules = [
        {"record": "panel", "labels": {"where": where}, "expr": re.sub(r"\$\w+", "1", expression)}
        for where, expression in expressions().items()
    ]
    written = tmp_path / "panels.yaml"
    written.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    checked = promtool("check", "rules", str(written))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.slow
def test_given_the_rules_when_tried_on_series_then_each_alert_fires_when_it_should() -> None:
    tested = promtool("test", "rules", str(TESTS))
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_given_an_alert_then_a_test_has_it_fire() -> None:
    told = TESTS.read_text()
    for name in ALERTS:
        assert re.search(rf'alertname="{name}"}}\'|alertname: {name}\n', told), name


def test_given_the_pods_of_the_deployment_then_alerts_know_them_by_name() -> None:
    base = ROOT / "infra/k8s/base"
    deployment = yaml.safe_load((base / "coqui-deployment.yaml").read_text())
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    service = yaml.safe_load((base / "coqui-service.yaml").read_text())
    rules = RULES.read_text()
    assert set(re.findall(r'container="([^"]+)"', rules)) == {container["name"]}
    # A ServiceMonitor without jobLabel names the job after the Service.
    assert set(re.findall(r'job="([^"]+)"', rules)) == {service["metadata"]["name"]}


# ── Grafana ───────────────────────────────────────────────────────────────────────────────────


def test_given_the_sources_then_what_is_made_of_them_is_up_to_date() -> None:
    for path, content in made().items():
        assert path.read_text() == content, f"{path.name}: run `make monitoring`"


def test_given_the_dashboard_then_its_panels_lie_beside_each_other_and_can_be_told_apart() -> None:
    panels = json.loads((FOLDER / "grafana" / "c-tv.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_given_a_panel_then_its_queries_are_distinct_and_of_a_source_that_can_be_chosen() -> None:
    variables = {one["name"]: one["type"] for one in DASHBOARD.json()["templating"]["list"]}
    for panel in PANELS:
        letters = [target["refId"] for target in panel["targets"]]
        assert len(set(letters)) == len(letters)
        for target in panel["targets"]:
            kind, uid = target["datasource"]["type"], target["datasource"]["uid"]
            assert (uid, variables[kind]) == (f"${{{kind}}}", "datasource")
            assert set(re.findall(r"\$(\w+)", json.dumps(target))) <= variables.keys()


# ── The runbook ───────────────────────────────────────────────────────────────────────────────


def test_given_an_alert_or_alarm_then_the_runbook_has_its_section_and_no_other() -> None:
    sections = re.findall(r"^## (\w+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
    linked = {
        alarm["AlarmDescription"]["Fn::Sub"].strip().rpartition("${RunbookUrl}#")[2]
        for alarm in ALARMS.values()
    }
    linked |= {alert["annotations"]["runbook_url"].rpartition("#")[2] for alert in ALERTS.values()}
    linked |= {
        name.lower() for name, one in RESOURCES.items() if one["Type"] == "AWS::Budgets::Budget"
    }
    assert sorted(linked) == sorted(section.lower() for section in sections)


def test_given_the_runbook_then_each_section_answers_the_same_questions() -> None:
    text = (ROOT / "docs/runbook.md").read_text()
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        questions = re.findall(r"^\*\*(.+?)\*\*", section, re.MULTILINE)
        assert questions == ["Means.", "Felt by.", "Look.", "Do.", "Over when."], section[:40]
