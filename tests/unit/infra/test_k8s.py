"""The manifests as Kustomize renders them: valid for the API server, and safe to run."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml
from kubernetes_validate.utils import all_versions

from infra.local.settings import ROOT
from infra.system_tools import find
from infra.walk import commands
from infra.walk import manifests as walked
from model_host.observability.metrics import Metrics
from tests.unit.infra.k8s_policies import (
    EVERYWHERE,
    IN_PRODUCTION,
    Manifest,
    Manifests,
    Policy,
    a_connection_waits_for_a_whole_recording,
    a_full_pod_stays_a_target,
    containers_are_probed,
    everything_is_in_the_restricted_namespace,
    host_environment,
    images_are_named_exactly,
    images_are_pinned_by_digest,
    monitors_ask_at_a_port,
    network_policies_open_what_is_listened_at,
    no_token_of_the_cluster_is_mounted,
    nobody_comes_in_from_everywhere,
    nothing_reaches_the_node,
    nothing_runs_as_root,
    of_kind,
    one,
    one_autoscaler_has_a_target,
    paths_are_mounted,
    pods,
    pods_have_time_to_end,
    pods_run_where_all_else_is,
    resources_are_bounded,
    rollouts_leave_no_gap,
    routes_lead_to_services,
    selectors_select,
    services_lead_to_containers,
    the_environment_is_understood,
    the_load_balancer_is_internal,
    threads_fit_the_cpu_limit,
    traffic_is_denied_by_default,
    volumes_are_shared,
    what_pods_name_exists,
    zones_of,
)

K8S = ROOT / "infra/k8s"
PRODUCTION = ("prod", "irsa", "keda", "lattice")
OVERLAYS = ("dev", *PRODUCTION)
_VERSIONS = list(dict.fromkeys(all_versions()))
VERSIONS = (_VERSIONS[-1], _VERSIONS[-3])
SCHEMAS = {path.stem: json.loads(path.read_text("utf-8")) for path in K8S.glob("schemas/*.json")}


@cache
def rendered(overlay: str) -> Manifests:
    return list(yaml.safe_load_all(kustomized(K8S / "overlays" / overlay)))


def kustomized(overlay: Path) -> str:
    return subprocess.run(
        [find("kubectl"), "kustomize", overlay],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    ).stdout


def is_builtin(manifest: Manifest) -> bool:
    group = manifest["apiVersion"].rpartition("/")[0]
    return "." not in group or (group.endswith(".k8s.io") and not group.startswith("gateway."))


@cache  # most manifests are the same in all overlays
def validate_builtin(manifest: str, version: str) -> None:
    kubernetes_validate.validate(json.loads(manifest), version, strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("version", VERSIONS)
def test_what_kubernetes_defines_is_valid_for_it(overlay: str, version: str) -> None:
    for manifest in filter(is_builtin, rendered(overlay)):
        validate_builtin(json.dumps(manifest), version)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_controllers_define_is_valid_for_them(overlay: str) -> None:
    for manifest in rendered(overlay):
        if not is_builtin(manifest):
            jsonschema.validate(manifest, SCHEMAS[manifest["kind"].lower()])


def test_every_schema_is_used_and_says_where_it_is_from() -> None:
    kinds = {m["kind"].lower() for overlay in OVERLAYS for m in rendered(overlay)}
    assert set(SCHEMAS) <= kinds
    assert all("Apache-2.0" in schema["$comment"] for schema in SCHEMAS.values())


def test_given_a_misspelt_field_then_validation_fails() -> None:
    service = copy.deepcopy(one(rendered("prod"), "Service", "coqui-server"))
    service["spec"]["selectors"] = service["spec"].pop("selector")
    with pytest.raises(kubernetes_validate.ValidationError):
        validate_builtin(json.dumps(service), VERSIONS[0])
    monitor = copy.deepcopy(one(rendered("prod"), "ServiceMonitor", "coqui-server"))
    monitor["spec"]["endpoints"][0]["every"] = "15s"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(monitor, SCHEMAS["servicemonitor"])


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize("policy", EVERYWHERE, ids=lambda policy: policy.__name__)
def test_every_overlay_keeps_to_the_policy(policy: Policy, overlay: str) -> None:
    assert list(policy(rendered(overlay))) == []


@pytest.mark.parametrize("overlay", PRODUCTION)
@pytest.mark.parametrize("policy", IN_PRODUCTION, ids=lambda policy: policy.__name__)
def test_production_keeps_to_the_policy(policy: Policy, overlay: str) -> None:
    assert list(policy(rendered(overlay))) == []


POD = "Deployment/coqui-server/spec/template/spec"
SERVER = f"{POD}/containers/0"
FETCHER = f"{POD}/initContainers/0"
ENV = "ConfigMap/env/data"
SERVICE = "Service/coqui-server"
SCALER = "HorizontalPodAutoscaler/coqui-server/spec"
CLAIM = "PersistentVolumeClaim/audio-cache-pvc/spec"
MONITOR = "ServiceMonitor/coqui-server/spec"
NETWORK = "NetworkPolicy"
DENY = f"{NETWORK}/default-deny/spec"
PROMETHEUS = f"{NETWORK}/from-prometheus/spec/ingress/0"
BALANCER = f"{NETWORK}/from-load-balancer/spec/ingress/0"
INGRESS = "Ingress/coqui-server"
ALB = "alb.ingress.kubernetes.io|"
GONE = object()

OFFENCES: list[tuple[Policy, str, object]] = [
    (nothing_runs_as_root, f"{POD}/securityContext/runAsNonRoot", GONE),
    (nothing_runs_as_root, f"{POD}/securityContext/runAsUser", 0),
    (nothing_runs_as_root, f"{POD}/securityContext/seccompProfile", GONE),
    (nothing_runs_as_root, f"{SERVER}/securityContext/capabilities", GONE),
    (nothing_runs_as_root, f"{FETCHER}/securityContext/privileged", True),
    (nothing_runs_as_root, f"{FETCHER}/securityContext/readOnlyRootFilesystem", GONE),
    (nothing_reaches_the_node, f"{POD}/hostNetwork", True),
    (nothing_reaches_the_node, f"{POD}/volumes/0/hostPath", {"path": "/"}),
    (resources_are_bounded, f"{SERVER}/resources/limits/memory", GONE),
    (resources_are_bounded, f"{FETCHER}/resources", GONE),
    (resources_are_bounded, f"{SERVER}/resources/requests/cpu", "2500m"),
    (resources_are_bounded, f"{SERVER}/resources/limits/memory", "6Gi"),
    (resources_are_bounded, f"{POD}/volumes/0/emptyDir/sizeLimit", GONE),
    (threads_fit_the_cpu_limit, f"{ENV}/XTTS_THREADS", "8"),
    (containers_are_probed, f"{SERVER}/startupProbe", GONE),
    (containers_are_probed, f"{SERVER}/livenessProbe/httpGet/path", "/health/ready"),
    (containers_are_probed, f"{SERVER}/readinessProbe/httpGet/path", "/health/ready"),
    (images_are_named_exactly, f"{SERVER}/image", "registry:5000/c-tv/host"),
    (images_are_named_exactly, f"{SERVER}/image", "c-tv/host:latest"),
    (images_are_pinned_by_digest, f"{FETCHER}/image", "c-tv/pack:1.0"),
    (traffic_is_denied_by_default, f"{DENY}/policyTypes", ["Ingress"]),
    (nobody_comes_in_from_everywhere, f"{PROMETHEUS}/from", []),
    (nobody_comes_in_from_everywhere, f"{BALANCER}/from/0/ipBlock/cidr", "0.0.0.0/0"),
    (no_token_of_the_cluster_is_mounted, f"{POD}/automountServiceAccountToken", GONE),
    (no_token_of_the_cluster_is_mounted, f"{POD}/serviceAccountName", "default"),
    (what_pods_name_exists, f"{SERVER}/envFrom/0/configMapRef/name", "environment"),
    (what_pods_name_exists, f"{SERVER}/envFrom/0/secretRef", {"name": "unheard-of"}),
    (what_pods_name_exists, f"{POD}/volumes/3/secret/secretName", "unheard-of"),
    (the_environment_is_understood, f"{ENV}/XTTS_THREAD", "2"),
    (the_environment_is_understood, f"{ENV}/DRAIN_GRACE_S", "soon"),
    (the_environment_is_understood, f"{FETCHER}/env/0", GONE),
    (paths_are_mounted, f"{SERVER}/volumeMounts/0", GONE),
    (paths_are_mounted, f"{SERVER}/volumeMounts/2/readOnly", True),
    (paths_are_mounted, f"{ENV}/HOST_KEYS_FILE", "/etc/keys.json"),
    (paths_are_mounted, f"{POD}/volumes/0", GONE),
    (pods_have_time_to_end, f"{POD}/terminationGracePeriodSeconds", 30),
    (pods_have_time_to_end, f"{ENV}/DRAIN_GRACE_S", "60"),
    (
        a_connection_waits_for_a_whole_recording,
        f"{INGRESS}/metadata/annotations/{ALB}load-balancer-attributes",
        "idle_timeout.timeout_seconds=60",
    ),
    (a_connection_waits_for_a_whole_recording, f"{ENV}/KEEP_ALIVE_S", "120"),
    (a_connection_waits_for_a_whole_recording, f"{ENV}/KEEP_ALIVE_S", GONE),
    (
        a_full_pod_stays_a_target,
        f"{INGRESS}/metadata/annotations/{ALB}healthcheck-path",
        "/health/ready",
    ),
    (pods_run_where_all_else_is, f"{POD}/nodeSelector", GONE),
    (pods_run_where_all_else_is, f"{POD}/affinity", GONE),
    (pods_run_where_all_else_is, f"{INGRESS}/metadata/annotations/{ALB}subnets", GONE),
    (selectors_select, f"{SERVICE}/spec/selector/tier", "web"),
    (selectors_select, "PodDisruptionBudget/coqui-server/spec/selector/matchLabels/tier", "web"),
    (selectors_select, f"{MONITOR}/selector/matchLabels/tier", "web"),
    (selectors_select, f"{POD}/topologySpreadConstraints/0/labelSelector/matchLabels/a", "b"),
    (services_lead_to_containers, f"{SERVICE}/spec/ports/0/targetPort", "grpc"),
    (routes_lead_to_services, f"{SERVICE}/spec/ports/0/name", "web"),
    (monitors_ask_at_a_port, f"{MONITOR}/endpoints/0/port", "metrics"),
    (network_policies_open_what_is_listened_at, f"{PROMETHEUS}/ports/0/port", 80),
    (
        the_load_balancer_is_internal,
        f"{INGRESS}/metadata/annotations/{ALB}scheme",
        "internet-facing",
    ),
    (
        the_load_balancer_is_internal,
        f"{INGRESS}/metadata/annotations/{ALB}listen-ports",
        '[{"HTTP": 80}]',
    ),
    (the_load_balancer_is_internal, f"{INGRESS}/metadata/annotations/{ALB}security-groups", GONE),
    (one_autoscaler_has_a_target, f"{SCALER}/scaleTargetRef/name", "web"),
    (one_autoscaler_has_a_target, f"{SCALER}/minReplicas", 1),
    (one_autoscaler_has_a_target, "HorizontalPodAutoscaler/coqui-server/kind", "Other"),
    (one_autoscaler_has_a_target, "Deployment/coqui-server/spec/replicas", 1),
    (
        rollouts_leave_no_gap,
        "Deployment/coqui-server/spec/strategy/rollingUpdate/maxUnavailable",
        1,
    ),
    (rollouts_leave_no_gap, "Deployment/coqui-server/spec/minReadySeconds", GONE),
    (volumes_are_shared, f"{CLAIM}/accessModes", ["ReadWriteOnce"]),
    (volumes_are_shared, f"{CLAIM}/storageClassName", GONE),
    (everything_is_in_the_restricted_namespace, f"{SERVICE}/metadata/namespace", "default"),
    (everything_is_in_the_restricted_namespace, "Namespace/c-tv/metadata/labels", {}),
]


def changed(manifests: Manifests, place: str, value: object) -> Manifests:
    """A copy in which one place, by `kind/name/keys and indices`, has another value or is gone."""
    copied = copy.deepcopy(manifests)
    kind, name, *keys = place.split("/")
    *path, last = (key.replace("|", "/") for key in keys)
    target: Any = one(copied, kind, name)
    for key in path:
        target = target[int(key) if isinstance(target, list) else key]
    if value is GONE:
        del target[int(last) if isinstance(target, list) else last]
    else:
        target[last] = value
    return copied


@pytest.mark.parametrize(("policy", "place", "value"), OFFENCES)
def test_given_a_manifest_that_offends_then_the_policy_says_so(
    policy: Policy, place: str, value: object
) -> None:
    assert list(policy(changed(rendered("prod"), place, value))) != []


def test_every_policy_was_seen_to_be_offended() -> None:
    assert {policy for policy, *_ in OFFENCES} == {*EVERYWHERE, *IN_PRODUCTION}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Namespace", "c-tv"),
        ("ConfigMap", "env"),
        ("Deployment", "coqui-server"),
        ("Service", "coqui-server"),
        ("PersistentVolumeClaim", "audio-cache-pvc"),
        ("ServiceAccount", "coqui-server"),
    ],
)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_names_are_those_of_the_old_system(overlay: str, kind: str, name: str) -> None:
    one(rendered(overlay), kind, name)


def test_the_service_is_where_it_was() -> None:
    service = one(rendered("prod"), "Service", "coqui-server")["spec"]
    assert (service["type"], service["ports"][0]["port"]) == ("ClusterIP", 5000)


def test_the_reference_voice_is_where_it_was() -> None:
    manifests = rendered("prod")
    (pod,) = pods(manifests)
    (server,) = pod["containers"]
    (volume,) = (v for v in pod["volumes"] if v["name"] == "voice-reference")
    (mount,) = (m for m in server["volumeMounts"] if m["name"] == volume["name"])
    assert volume["secret"]["secretName"] == "coqui-voice-reference"
    file = f"{mount['mountPath']}/{volume['secret']['items'][0]['path']}"
    assert file == host_environment(manifests)["REFERENCE_AUDIO"]
    assert file == "/app/voice_samples/reference_voice.wav"


def test_given_the_overlay_irsa_then_only_the_service_account_differs() -> None:
    assert [m for m in rendered("irsa") if m not in rendered("prod")] == [
        one(rendered("irsa"), "ServiceAccount", "coqui-server")
    ]


def test_given_the_overlay_keda_then_it_waits_for_as_long_and_for_as_many_as_without() -> None:
    hpa = one(rendered("prod"), "HorizontalPodAutoscaler", "coqui-server")["spec"]
    keda = one(rendered("keda"), "ScaledObject", "coqui-server")["spec"]
    assert keda["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == hpa["behavior"]
    assert (keda["minReplicaCount"], keda["maxReplicaCount"]) == (
        hpa["minReplicas"],
        hpa["maxReplicas"],
    )
    in_hand = hpa["metrics"][0]["pods"]["target"]["averageValue"]
    assert keda["triggers"][-1]["metadata"]["threshold"] == in_hand


def test_given_the_overlay_keda_after_prod_then_the_autoscaler_becomes_its_own() -> None:
    keda = one(rendered("keda"), "ScaledObject", "coqui-server")
    notes = keda["metadata"]["annotations"]
    assert notes["scaledobject.keda.sh/transfer-hpa-ownership"] == "true"
    name = keda["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"]
    one(rendered("prod"), "HorizontalPodAutoscaler", name)


def test_given_the_overlay_lattice_then_nothing_of_the_load_balancer_is_left() -> None:
    manifests = rendered("lattice")
    assert not of_kind(manifests, "Ingress")
    assert "elbv2" not in json.dumps(manifests)
    # A policy's own name: the load balancer's stays in the cluster until its Ingress is deleted
    opened = {m["metadata"]["name"] for m in of_kind(manifests, "NetworkPolicy")}
    assert "from-lattice" in opened
    assert "from-load-balancer" not in opened


def test_given_the_overlay_lattice_then_the_route_waits_as_long_as_the_load_balancer() -> None:
    idle = "HTTPRoute/coqui-server/metadata/annotations"
    cut = changed(rendered("lattice"), idle, {})
    assert list(a_connection_waits_for_a_whole_recording(cut)) != []
    health = "TargetGroupPolicy/coqui-server/spec/healthCheck/path"
    cut = changed(rendered("lattice"), health, "/health/ready")
    assert list(a_full_pod_stays_a_target(cut)) != []


def test_the_autoscaler_asks_for_what_the_adapter_makes_of_metrics_that_the_host_has() -> None:
    values = yaml.safe_load((K8S / "prometheus-adapter/values.yaml").read_text("utf-8"))
    (rule,) = values["rules"]["custom"]
    hpa = one(rendered("prod"), "HorizontalPodAutoscaler", "coqui-server")["spec"]
    assert hpa["metrics"][0]["pods"]["metric"]["name"] == rule["name"]["as"]

    exported = Metrics().exposition().decode()
    keda = one(rendered("keda"), "ScaledObject", "coqui-server")["spec"]["triggers"][-1][
        "metadata"
    ]["query"]
    for query in (rule["seriesQuery"], rule["metricsQuery"], keda):
        for metric in re.findall(r"ctv_host_\w+", query):
            assert f"# TYPE {metric} " in exported


def test_alerts_are_those_of_the_rule_file() -> None:
    rules = yaml.safe_load(
        (ROOT / "infra/monitoring/prometheus/c-tv.rules.yaml").read_text("utf-8")
    )
    assert one(rendered("prod"), "PrometheusRule", "coqui-server")["spec"] == rules


SITE = {
    "AWS_REGION": "us-east-2",
    "ACCOUNT": "444455556666",
    "CLUSTER": "hospital",
    "MODEL_BUCKET": "a-bucket",
    "MODEL_URI": "s3://a-bucket/models/xtts-v2",
    "HOST_CERTIFICATE": "arn:aws:acm:us-east-2:444455556666:certificate/a",
    "HOST_SECURITY_GROUP": "sg-0a",
    "PRIVATE_SUBNETS": "subnet-0a subnet-0b",
    "HOST_ZONE_A": "us-east-2a",
    "HOST_ZONE_B": "us-east-2b",
    "HOST_BLOCK_A": "10.0.16.0/20",
    "HOST_BLOCK_B": "10.0.0.0/20",
    "FILE_SYSTEM": "fs-0a",
    "REGISTRY": "444455556666.dkr.ecr.us-east-2.amazonaws.com",
    "HOST_DIGEST": f"sha256:{'1' * 64}",
    "PACK_DIGEST": f"sha256:{'2' * 64}",
    "LIVE_QUEUE_URL": "https://sqs.us-east-2.amazonaws.com/444455556666/live",
    "BULK_QUEUE_URL": "https://sqs.us-east-2.amazonaws.com/444455556666/bulk",
}


def guide(page: str = "deploy.md") -> list[str]:
    return [one.text for one in commands.read((ROOT / "docs" / page).read_text("utf-8"))]


PLACEHOLDER = r"REGION|ACCOUNT_ID|CLUSTER_NAME|MODEL_BUCKET|(LIVE|BULK)_QUEUE_\w+|sa-east-1"


@pytest.fixture(scope="module")
def filled_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's repository, in which the pages' own `sed` commands were run."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("k8s", "iam", "monitoring"):
        shutil.copytree(ROOT / "infra" / name, folder / "infra" / name)
    for page in ("deploy.md", "kubernetes.md"):
        for command in guide(page):
            if command.startswith("sed "):
                subprocess.run(
                    ["/bin/bash", "-euc", command],
                    cwd=folder,
                    env={**os.environ, **SITE},
                    check=True,
                )
    return folder


@pytest.mark.parametrize("policy", ["trust.json", "access.json"])
def test_given_the_guides_commands_then_no_policy_of_the_pods_role_has_a_placeholder_left(
    filled_in: Path, policy: str
) -> None:
    text = (filled_in / policy).read_text("utf-8")
    assert not re.search(PLACEHOLDER, text)


def test_given_the_guides_commands_then_the_role_reaches_models_and_packs_of_the_bucket(
    filled_in: Path,
) -> None:
    access = json.loads((filled_in / "access.json").read_text("utf-8"))
    (read,) = (one for one in access["Statement"] if one["Action"] == "s3:GetObject")
    assert read["Resource"] == ["arn:aws:s3:::a-bucket/models/*", "arn:aws:s3:::a-bucket/packs/*"]


@pytest.mark.parametrize("overlay", ["prod", "keda", "lattice"])
def test_given_the_guides_commands_then_no_manifest_has_a_placeholder_left(
    filled_in: Path, overlay: str
) -> None:
    text = kustomized(filled_in / "infra/k8s/overlays" / overlay)
    assert walked.check(text) > 0
    assert not re.search(PLACEHOLDER, text)


def test_given_the_guides_commands_then_load_balancer_policy_and_pods_are_of_the_same_subnets(
    filled_in: Path,
) -> None:
    site = list(yaml.safe_load_all(kustomized(filled_in / "infra/k8s/overlays/prod")))
    notes = one(site, "Ingress", "coqui-server")["metadata"]["annotations"]
    assert notes["alb.ingress.kubernetes.io/subnets"] == "subnet-0a, subnet-0b"
    (rule,) = one(site, "NetworkPolicy", "from-load-balancer")["spec"]["ingress"]
    assert [peer["ipBlock"]["cidr"] for peer in rule["from"]] == ["10.0.16.0/20", "10.0.0.0/20"]
    (pod,) = pods(site)
    assert zones_of(pod) == ["us-east-2a", "us-east-2b"]


def test_given_the_guide_when_images_are_built_then_it_is_for_the_nodes_that_pods_ask_for() -> None:
    (pod,) = pods(rendered("prod"))
    platform = f"--platform linux/{pod['nodeSelector']['kubernetes.io/arch']} "
    builds = [text for text in guide() if text.startswith("docker build ")]
    assert len(builds) == 2
    assert all(platform in text for text in builds)


def test_given_pods_that_waited_for_the_keys_when_the_guide_watches_them_then_they_began_anew() -> (
    None
):
    # A Deployment past its progressDeadlineSeconds fails `rollout status` at once
    told = guide()
    (watched,) = (n for n, text in enumerate(told) if " rollout status " in text)
    assert " rollout restart deployment/coqui-server" in told[watched - 1]
    assert "coqui-host-keys" in told[watched - 2]
