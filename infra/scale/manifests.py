"""How the model host is scaled, read from `infra/k8s`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from infra.local.settings import ROOT
from infra.scale.autoscaler import DOWN_BY_DEFAULT, UP_BY_DEFAULT, Bounds, ScalingRules

_K8S: Final = ROOT / "infra" / "k8s"
_CONTAINER: Final = "coqui-server"


@dataclass(frozen=True, slots=True)
class Scaling:
    """One autoscaler's numbers.

    Attributes:
        jobs: calls in hand for each pod.
        cpu: percent of the CPU request; None if the autoscaler does not look at it.
        queued: messages in the bulk queue for each pod; None if it does not look at them.
    """

    bounds: Bounds
    jobs: float
    cpu: float | None = None
    queued: float | None = None


def hpa() -> Scaling:
    """The HorizontalPodAutoscaler of the overlay `prod`."""
    [spec] = _specs("overlays/prod/coqui-hpa.yaml", "HorizontalPodAutoscaler")
    by_type = {metric["type"]: metric for metric in spec["metrics"]}
    return Scaling(
        _bounds(spec["minReplicas"], spec["maxReplicas"], spec["behavior"]),
        jobs=float(by_type["Pods"]["pods"]["target"]["averageValue"]),
        cpu=float(by_type["Resource"]["resource"]["target"]["averageUtilization"]),
    )


def keda() -> Scaling:
    """The ScaledObject of the overlay `keda`."""
    [spec] = _specs("components/keda/scaledobject.yaml", "ScaledObject")
    behavior = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    triggers = [trigger["metadata"] for trigger in spec["triggers"]]
    [jobs] = [float(one["threshold"]) for one in triggers if "query" in one]
    [queued] = [
        float(one["queueLength"]) for one in triggers if "BULK" in one.get("queueURL", "").upper()
    ]
    return Scaling(
        _bounds(spec["minReplicaCount"], spec["maxReplicaCount"], behavior),
        jobs=jobs,
        queued=queued,
    )


def busy_cpu_percent() -> float:
    """What a pod that speaks shows of its CPU request: it uses all that its limit allows."""
    [spec] = _specs("base/coqui-deployment.yaml", "Deployment")
    [resources] = [
        container["resources"]
        for container in spec["template"]["spec"]["containers"]
        if container["name"] == _CONTAINER
    ]
    return 100 * float(resources["limits"]["cpu"]) / float(resources["requests"]["cpu"])


def _bounds(least: int, most: int, behavior: Mapping[str, Any]) -> Bounds:
    return Bounds(
        least,
        most,
        ScalingRules.of(behavior["scaleUp"], UP_BY_DEFAULT),
        ScalingRules.of(behavior["scaleDown"], DOWN_BY_DEFAULT),
    )


def _specs(file: str, kind: str) -> list[dict[str, Any]]:
    documents = yaml.safe_load_all((_K8S / file).read_text(encoding="utf-8"))
    return [document["spec"] for document in documents if document["kind"] == kind]
