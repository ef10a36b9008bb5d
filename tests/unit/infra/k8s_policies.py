"""What every rendered overlay must keep to; each policy yields what offends it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from pydantic import ValidationError

from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT
from infra.model_fetch.settings import Settings as FetchSettings
from model_host.settings import Settings as HostSettings

Manifest = dict[str, Any]
Manifests = Sequence[Manifest]
Policy = Callable[[Manifests], Iterator[str]]

NAMESPACE = "c-tv"
READ_BY_LIBRARIES = {"OTEL_EXPORTER_OTLP_ENDPOINT"}
CLUSTER_WIDE = {"Namespace", "StorageClass"}
_UNITS = {"": 1.0, "m": 1e-3, "Mi": 2.0**20, "Gi": 2.0**30}
_ALB = "alb.ingress.kubernetes.io"
_CEILING = {"cpu": 2, "memory": 5 * 2**30}


def of_kind(manifests: Manifests, kind: str) -> list[Manifest]:
    return [manifest for manifest in manifests if manifest["kind"] == kind]


def name_of(manifest: Manifest) -> str:
    name: str = manifest["metadata"]["name"]
    return name


def one(manifests: Manifests, kind: str, name: str) -> Manifest:
    (found,) = (manifest for manifest in of_kind(manifests, kind) if name_of(manifest) == name)
    return found


def pod_templates(manifests: Manifests) -> list[Manifest]:
    return [manifest["spec"]["template"] for manifest in of_kind(manifests, "Deployment")]


def pods(manifests: Manifests) -> list[Manifest]:
    return [template["spec"] for template in pod_templates(manifests)]


def containers(pod: Manifest) -> list[Manifest]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def quantity(value: str) -> float:
    """A Kubernetes quantity in its base unit: bytes or cores."""
    match = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", value)
    assert match, value
    return float(match[1]) * _UNITS[match[2]]


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.items())


def host_environment(manifests: Manifests) -> dict[str, str]:
    data: dict[str, str] = one(manifests, "ConfigMap", "env")["data"]
    return data


def nothing_runs_as_root(manifests: Manifests) -> Iterator[str]:
    for pod in pods(manifests):
        security = pod.get("securityContext", {})
        if security.get("runAsNonRoot") is not True or security.get("runAsUser") != 10001:
            yield "the pod may run as root, or not as the image's user"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield "the pod has no seccomp profile"
        for container in containers(pod):
            own = container.get("securityContext", {})
            restricted = {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            if own != restricted:
                yield f"{container['name']} is not restricted"


def nothing_reaches_the_node(manifests: Manifests) -> Iterator[str]:
    for pod in pods(manifests):
        for name in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.get(name):
                yield f"the pod uses {name}"
        for volume in pod["volumes"]:
            if "hostPath" in volume:
                yield f"{volume['name']} is a directory of the node"


def resources_are_bounded(manifests: Manifests) -> Iterator[str]:
    for pod in pods(manifests):
        for container in containers(pod):
            resources = container.get("resources", {})
            for name in ("cpu", "memory", "ephemeral-storage"):
                request = resources.get("requests", {}).get(name)
                limit = resources.get("limits", {}).get(name)
                if request is None or limit is None:
                    yield f"{container['name']} has no request or no limit of {name}"
                elif quantity(request) > quantity(limit):
                    yield f"{container['name']} requests more {name} than its limit"
                elif quantity(limit) > _CEILING.get(name, quantity(limit)):
                    yield f"{container['name']} may use more {name} than the old system's pods"
        for volume in pod["volumes"]:
            if "emptyDir" in volume and "sizeLimit" not in volume["emptyDir"]:
                yield f"{volume['name']} may fill the node's disk"


def threads_fit_the_cpu_limit(manifests: Manifests) -> Iterator[str]:
    threads = float(host_environment(manifests)["XTTS_THREADS"])
    for pod in pods(manifests):
        limit = quantity(pod["containers"][0]["resources"]["limits"]["cpu"])
        if threads != limit:
            yield f"{threads} threads on {limit} CPUs"


def containers_are_probed(manifests: Manifests) -> Iterator[str]:
    wanted = {
        "startupProbe": "/health/serving",
        "readinessProbe": "/health/serving",
        "livenessProbe": "/health/live",
    }
    for pod in pods(manifests):
        for container in pod["containers"]:
            for probe, path in wanted.items():
                if container.get(probe, {}).get("httpGet", {}).get("path") != path:
                    yield f"{container['name']} has no {probe} of {path}"


def images_are_named_exactly(manifests: Manifests) -> Iterator[str]:
    for pod in pods(manifests):
        for container in containers(pod):
            image = container["image"]
            if not re.search(r":[^/]+$", image) or image.endswith(":latest"):
                yield f"{image} may be another one tomorrow"


def images_are_pinned_by_digest(manifests: Manifests) -> Iterator[str]:
    for pod in pods(manifests):
        for container in containers(pod):
            if not re.search(r"@sha256:[0-9a-f]{64}$", container["image"]):
                yield f"{container['image']} has no digest"


def traffic_is_denied_by_default(manifests: Manifests) -> Iterator[str]:
    denies = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    if not any(policy["spec"] == denies for policy in of_kind(manifests, "NetworkPolicy")):
        yield "no policy denies everything first"


def nobody_comes_in_from_everywhere(manifests: Manifests) -> Iterator[str]:
    for policy in of_kind(manifests, "NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            if not rule.get("from") or not rule.get("ports"):
                yield f"{name_of(policy)} lets everybody in, or to every port"
            for peer in rule.get("from", []):
                if peer.get("ipBlock", {}).get("cidr", "").endswith("/0"):
                    yield f"{name_of(policy)} lets every address in"


def no_token_of_the_cluster_is_mounted(manifests: Manifests) -> Iterator[str]:
    accounts = of_kind(manifests, "ServiceAccount")
    for holder in [*pods(manifests), *accounts]:
        if holder.get("automountServiceAccountToken") is not False:
            yield "a token of the cluster's API is mounted that nobody uses"
    known = {name_of(account) for account in accounts}
    for pod in pods(manifests):
        if pod.get("serviceAccountName") not in known:
            yield "the pod's service account is not declared"


def what_pods_name_exists(manifests: Manifests) -> Iterator[str]:
    """Secrets are not in the repository: for each the docs have the command that makes it."""
    docs = (ROOT / "docs/kubernetes.md").read_text("utf-8")
    declared = {(manifest["kind"], name_of(manifest)) for manifest in manifests}
    for kind, name in sorted(_named_by_pods(manifests)):
        documented = kind == "Secret" and re.search(rf"create secret generic {name}\b", docs)
        if (kind, name) not in declared and not documented:
            yield f"{kind} {name} is neither declared nor documented"


def _named_by_pods(manifests: Manifests) -> set[tuple[str, str]]:
    named: set[tuple[str, str]] = set()
    for pod in pods(manifests):
        for volume in pod["volumes"]:
            if "secret" in volume:
                named.add(("Secret", volume["secret"]["secretName"]))
            if "configMap" in volume:
                named.add(("ConfigMap", volume["configMap"]["name"]))
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                named.add(("PersistentVolumeClaim", claim))
        for container in containers(pod):
            for source in container.get("envFrom", []):
                named |= {
                    ("ConfigMap", s["name"]) for k, s in source.items() if k == "configMapRef"
                }
                named |= {("Secret", s["name"]) for k, s in source.items() if k == "secretRef"}
            for variable in container.get("env", []):
                for source in variable.get("valueFrom", {}).values():
                    named.add(("ConfigMap", source["name"]))
    return named


def the_environment_is_understood(manifests: Manifests) -> Iterator[str]:
    data = host_environment(manifests)
    known = {name.upper() for name in HostSettings.model_fields} | READ_BY_LIBRARIES
    for name in sorted(set(data) - known):
        yield f"{name} is no setting of the host"
    try:
        HostSettings(**{name.lower(): value for name, value in data.items() if value})  # type: ignore[arg-type]
    except ValidationError as error:
        yield f"the host refuses {error.errors()[0]['loc']}"
    for pod in pods(manifests):
        for container in pod.get("initContainers", []):
            fields = {name.upper() for name in FetchSettings.model_fields}
            given = {variable["name"] for variable in container["env"]}
            if given - {"HOME"} != fields:
                yield f"{container['name']} wants {sorted(fields)}, has {sorted(given)}"


def paths_are_mounted(manifests: Manifests) -> Iterator[str]:
    data = host_environment(manifests)
    wanted = {"XTTS_MODEL_DIR": False, "REFERENCE_AUDIO": False, "HOST_KEYS_FILE": False,
              "TEMP_DIR": True, "VOICES_DIR": True}  # fmt: skip
    for pod in pods(manifests):
        volumes = {volume["name"] for volume in pod["volumes"]}
        for container in containers(pod):
            for mount in container["volumeMounts"]:
                if mount["name"] not in volumes:
                    yield f"{container['name']} mounts {mount['name']}, which the pod has not"
        (server,) = pod["containers"]
        writable = {m["mountPath"]: not m.get("readOnly", False) for m in server["volumeMounts"]}
        for name, is_written in wanted.items():
            if not (path := data.get(name)):
                continue
            places = [PurePosixPath(path), *PurePosixPath(path).parents]  # the nearest first
            mounted = [str(place) for place in places if str(place) in writable]
            if not mounted or (is_written and not writable[mounted[0]]):
                yield f"{name}={path} is on no volume, or on one that cannot be written"


def pods_have_time_to_end(manifests: Manifests) -> Iterator[str]:
    data = host_environment(manifests)
    needed_s = float(data["DRAIN_DELAY_S"]) + float(data["DRAIN_GRACE_S"])
    for pod in pods(manifests):
        grace_s = pod["terminationGracePeriodSeconds"]
        if grace_s < needed_s + 10:  # to end, and to send the last spans
            yield f"a pod is killed after {grace_s} s and needs {needed_s + 10}"
    for ingress in of_kind(manifests, "Ingress"):
        attributes = _attributes(ingress, "target-group-attributes")
        if float(attributes["deregistration_delay.timeout_seconds"]) < needed_s:
            yield "the load balancer cuts requests off that the host would end"


def a_connection_waits_for_a_whole_recording(manifests: Manifests) -> Iterator[str]:
    """What stands before the host waits as long as who calls, and gives up before the host."""
    template = read_template(ROOT / "template.yaml")
    longest_s = template["Resources"]["RenderFunction"]["Properties"]["Timeout"]
    for idle_s in _idle_timeouts_s(manifests):
        if idle_s < longest_s:
            yield "a call is cut off whose caller still waits for it"
        if idle_s >= float(host_environment(manifests).get("KEEP_ALIVE_S", 0)):
            yield "the host closes connections that the load balancer still uses"


def _idle_timeouts_s(manifests: Manifests) -> Iterator[float]:
    for ingress in of_kind(manifests, "Ingress"):
        attributes = _attributes(ingress, "load-balancer-attributes")
        yield float(attributes["idle_timeout.timeout_seconds"])
    for route in of_kind(manifests, "HTTPRoute"):
        notes = route["metadata"].get("annotations", {})
        yield float(notes.get("application-networking.k8s.aws/idle-timeout-seconds", 60))


def a_full_pod_stays_a_target(manifests: Manifests) -> Iterator[str]:
    """Full pods that nobody sends to cannot say 503 with Retry-After."""
    path = "/health/serving"
    for ingress in of_kind(manifests, "Ingress"):
        if ingress["metadata"]["annotations"][f"{_ALB}/healthcheck-path"] != path:
            yield "the load balancer takes full pods out"
    for policy in of_kind(manifests, "TargetGroupPolicy"):
        if policy["spec"]["healthCheck"]["path"] != path:
            yield "Lattice takes full pods out"


def _attributes(ingress: Manifest, name: str) -> dict[str, str]:
    text: str = ingress["metadata"]["annotations"][f"{_ALB}/{name}"]
    return dict(pair.split("=") for pair in text.split(","))


def selectors_select(manifests: Manifests) -> Iterator[str]:
    labels = [template["metadata"]["labels"] for template in pod_templates(manifests)]
    selectors = [
        *((m, m["spec"]["selector"]) for m in of_kind(manifests, "Service")),
        *((m, m["spec"]["selector"]["matchLabels"]) for m in of_kind(manifests, "Deployment")),
        *((m, m["spec"]["selector"]["matchLabels"])
          for m in of_kind(manifests, "PodDisruptionBudget")),
        *((m, m["spec"]["podSelector"].get("matchLabels", {}))
          for m in of_kind(manifests, "NetworkPolicy")),
        *((m, spread["labelSelector"]["matchLabels"])
          for m in of_kind(manifests, "Deployment")
          for spread in m["spec"]["template"]["spec"]["topologySpreadConstraints"]),
    ]  # fmt: skip
    for manifest, selector in selectors:
        if not any(selects(selector, own) for own in labels):
            yield f"{manifest['kind']} {name_of(manifest)} selects no pod"
    services = [m["metadata"].get("labels", {}) for m in of_kind(manifests, "Service")]
    for monitor in of_kind(manifests, "ServiceMonitor"):
        if not any(selects(monitor["spec"]["selector"]["matchLabels"], own) for own in services):
            yield f"ServiceMonitor {name_of(monitor)} selects no service"


def services_lead_to_containers(manifests: Manifests) -> Iterator[str]:
    for service in of_kind(manifests, "Service"):
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in _opened(manifests):
                yield f"port {port['name']} leads to no container"


def routes_lead_to_services(manifests: Manifests) -> Iterator[str]:
    served = _served(manifests)
    for ingress in of_kind(manifests, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                (port,) = backend["port"].values()
                if port not in served.get(backend["name"], set()):
                    yield f"Ingress {name_of(ingress)} leads to no service"
    for route in of_kind(manifests, "HTTPRoute"):
        for rule in route["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                if backend["port"] not in served.get(backend["name"], set()):
                    yield f"HTTPRoute {name_of(route)} leads to no service"


def monitors_ask_at_a_port(manifests: Manifests) -> Iterator[str]:
    for monitor in of_kind(manifests, "ServiceMonitor"):
        for endpoint in monitor["spec"]["endpoints"]:
            if not any(endpoint["port"] in ports for ports in _served(manifests).values()):
                yield f"ServiceMonitor {name_of(monitor)} asks at no port"


def network_policies_open_what_is_listened_at(manifests: Manifests) -> Iterator[str]:
    listened_at = set(_opened(manifests).values())
    for policy in of_kind(manifests, "NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            if {port["port"] for port in rule["ports"]} != listened_at:
                yield f"NetworkPolicy {name_of(policy)} opens other ports"


def _opened(manifests: Manifests) -> dict[str, int]:
    return {
        port["name"]: port["containerPort"]
        for pod in pods(manifests)
        for container in pod["containers"]
        for port in container["ports"]
    }


def _served(manifests: Manifests) -> dict[str, set[Any]]:
    return {
        name_of(service): {
            port[key] for port in service["spec"]["ports"] for key in ("port", "name")
        }
        for service in of_kind(manifests, "Service")
    }


def the_load_balancer_is_internal(manifests: Manifests) -> Iterator[str]:
    for ingress in of_kind(manifests, "Ingress"):
        notes = ingress["metadata"]["annotations"]
        if notes.get(f"{_ALB}/scheme") != "internal":
            yield "the host is on the internet"
        if "HTTP" in {k for p in json.loads(notes[f"{_ALB}/listen-ports"]) for k in p}:
            yield "patients' names go in the clear"
        if f"{_ALB}/security-groups" not in notes:
            yield "the controller makes a security group that is open to all"


def pods_run_where_all_else_is(manifests: Manifests) -> Iterator[str]:
    """On the images' architecture, in the zones of the volume and the load balancer's subnets."""
    for pod in pods(manifests):
        if pod.get("nodeSelector", {}).get("kubernetes.io/arch") != "amd64":
            yield "a pod may come to a node that cannot run its image"
        zones = zones_of(pod)
        if not zones:
            yield "a pod may come to a zone in which the volume is not"
        for ingress in of_kind(manifests, "Ingress"):
            subnets = ingress["metadata"]["annotations"].get(f"{_ALB}/subnets", "").split(", ")
            if len(subnets) != len(zones):
                yield "the load balancer stands in other subnets than those that are let in"


def zones_of(pod: Manifest) -> list[str]:
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    affinity = pod.get("affinity", {}).get("nodeAffinity", {}).get(required, {})
    return [
        zone
        for term in affinity.get("nodeSelectorTerms", [])
        for expression in term["matchExpressions"]
        if (expression["key"], expression["operator"]) == ("topology.kubernetes.io/zone", "In")
        for zone in expression["values"]
    ]


def one_autoscaler_has_a_target(manifests: Manifests) -> Iterator[str]:
    scalers = [*of_kind(manifests, "HorizontalPodAutoscaler"), *of_kind(manifests, "ScaledObject")]
    if len(scalers) != 1:
        yield f"{len(scalers)} autoscalers"
    deployments = {name_of(manifest) for manifest in of_kind(manifests, "Deployment")}
    for scaler in scalers:
        spec = scaler["spec"]
        if spec["scaleTargetRef"]["name"] not in deployments:
            yield f"{scaler['kind']} {name_of(scaler)} scales nothing"
        if spec.get("minReplicas", spec.get("minReplicaCount")) < 2:
            yield "one pod is no pod while its node is drained"
    for deployment in of_kind(manifests, "Deployment"):
        if "replicas" in deployment["spec"]:
            yield "every apply would undo what the autoscaler did"


def rollouts_leave_no_gap(manifests: Manifests) -> Iterator[str]:
    for deployment in of_kind(manifests, "Deployment"):
        strategy = deployment["spec"]["strategy"]
        if strategy.get("rollingUpdate", {}).get("maxUnavailable") != 0:
            yield "a pod may go before another one came"
        if not deployment["spec"].get("minReadySeconds"):
            yield "a pod counts as available at once"


def volumes_are_shared(manifests: Manifests) -> Iterator[str]:
    for claim in of_kind(manifests, "PersistentVolumeClaim"):
        if claim["spec"]["accessModes"] != ["ReadWriteMany"]:
            yield f"{name_of(claim)} is of one node"
        classes = {name_of(manifest) for manifest in of_kind(manifests, "StorageClass")}
        if claim["spec"].get("storageClassName") not in classes:
            yield f"{name_of(claim)} has no storage class that is declared"


def everything_is_in_the_restricted_namespace(manifests: Manifests) -> Iterator[str]:
    labels = one(manifests, "Namespace", NAMESPACE)["metadata"]["labels"]
    if labels.get("pod-security.kubernetes.io/enforce") != "restricted":
        yield "the namespace admits any pod"
    for manifest in manifests:
        if manifest["kind"] in CLUSTER_WIDE:
            continue
        if manifest["metadata"].get("namespace") != NAMESPACE:
            yield f"{manifest['kind']} {name_of(manifest)} is in another namespace"


EVERYWHERE: tuple[Policy, ...] = (
    nothing_runs_as_root,
    nothing_reaches_the_node,
    resources_are_bounded,
    threads_fit_the_cpu_limit,
    containers_are_probed,
    images_are_named_exactly,
    traffic_is_denied_by_default,
    nobody_comes_in_from_everywhere,
    no_token_of_the_cluster_is_mounted,
    what_pods_name_exists,
    the_environment_is_understood,
    paths_are_mounted,
    pods_have_time_to_end,
    a_connection_waits_for_a_whole_recording,
    a_full_pod_stays_a_target,
    selectors_select,
    services_lead_to_containers,
    routes_lead_to_services,
    monitors_ask_at_a_port,
    network_policies_open_what_is_listened_at,
    everything_is_in_the_restricted_namespace,
)
IN_PRODUCTION: tuple[Policy, ...] = (
    images_are_pinned_by_digest,
    the_load_balancer_is_internal,
    pods_run_where_all_else_is,
    one_autoscaler_has_a_target,
    rollouts_leave_no_gap,
    volumes_are_shared,
)
