"""Which Prometheus metrics a running host exports, and what a PromQL expression asks for."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from unittest.mock import MagicMock

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from model_host.app import create_app
from model_host.engines.base import EngineStatistics
from model_host.engines.xtts.statistics import measure
from model_host.settings import Settings
from tests.unit.model_host.fake_engine import FakeEngine

Labels = Mapping[str, frozenset[str]]

# What Prometheus, kube-state-metrics and the kubelet's cAdvisor add, with the labels used here:
# https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/pod-metrics.md
# https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
FROM_ELSEWHERE: Mapping[str, Labels] = {
    "up": {},
    "container_memory_working_set_bytes": {"container": frozenset({"coqui-server"})},
    "kube_pod_container_resource_limits": {
        "container": frozenset({"coqui-server"}),
        "resource": frozenset({"memory"}),
    },
    "kube_pod_container_status_restarts_total": {"container": frozenset({"coqui-server"})},
}
# What every series gets by being scraped by the ServiceMonitor.
_OF_THE_TARGET: Labels = {
    "job": frozenset({"coqui-server"}),
    "namespace": frozenset({"c-tv"}),
    "pod": frozenset(),
}
# Statuses are provoked by no test: any of three digits can come.
_OPEN = {"status", "pod", "fingerprint", "le"}
_WORDS = re.compile(r"[a-zA-Z_:][\w:]*")
_NOT_METRICS = {
    "sum", "rate", "increase", "count", "max", "absent", "histogram_quantile", "and", "or", "on",
    "by", "group_left",
}  # fmt: skip


class XttsTeller(FakeEngine):
    """A fake engine that tells of itself what the packed engine does."""

    def statistics(self) -> EngineStatistics:
        return measure(MagicMock(), MagicMock())


@cache
def exported() -> Mapping[str, Labels]:
    """Each metric of a host that was asked by every route, and its labels' values."""
    with TestClient(create_app(Settings(), XttsTeller())) as client:
        while client.get("/health/ready").status_code != 200:
            time.sleep(0.01)
        for priority in ("live", "bulk"):
            headers = {"CTV-Priority": priority}
            client.post("/synthesize", json={"text": "Maria"}, headers=headers)
            client.post("/v1/audio/speech", json={"input": "Maria"}, headers=headers)
        text = client.get("/metrics").text
    found: dict[str, dict[str, set[str]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return {
        name: {label: frozenset(values) for label, values in labels.items()}
        for name, labels in found.items()
    }


@dataclass(frozen=True)
class Asked:
    """A metric that an expression asks for, with the values of labels that it wants."""

    metric: str
    wanted: Mapping[str, frozenset[str]]

    def unknown(self, known: Mapping[str, Labels]) -> list[str]:
        """What of it is never exported; empty if it can be found."""
        if self.metric not in known:
            return [self.metric]
        labels = {**_OF_THE_TARGET, **known[self.metric]}
        return [
            f"{self.metric}{{{label}={value!r}}}"
            for label, values in self.wanted.items()
            for value in values
            if label not in labels or (label not in _OPEN and value not in labels[label])
        ]


def asked_for(expression: str) -> Iterator[Asked]:
    """Every metric in a PromQL expression."""
    bare = re.sub(r"\b(by|on)\s*\([^)]*\)|\[[^]]*\]|\$\w+", " ", expression)
    for name, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?", bare):
        if name not in _NOT_METRICS and not name.isdigit():
            yield Asked(name, dict(_matched(matchers)))


def grouped_by(expression: str) -> set[str]:
    """Every label that an expression groups by."""
    groups = re.findall(r"\bby\s*\(([^)]*)\)", expression)
    return {label for group in groups for label in _WORDS.findall(group)}


def _matched(matchers: str) -> Iterator[tuple[str, frozenset[str]]]:
    for label, operator, value in re.findall(r'(\w+)(=~|=|!=)"([^"]*)"', matchers):
        yield label, frozenset(value.split("|") if operator == "=~" else [value])
