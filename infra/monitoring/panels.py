"""A Grafana dashboard's parts as values, and the JSON that Grafana reads of them.

The JSON is that of https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
and, for the targets, of the data sources' query editors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

Json = dict[str, Any]

_SCHEMA_VERSION = 41  # Grafana 12
_WIDTH = 24
_PANELS_A_ROW = 3
_HEIGHT = 8


@dataclass(frozen=True, slots=True)
class PromQL:
    """A query to Prometheus; `legend` is Grafana's legend format."""

    expression: str
    legend: str

    source: ClassVar[Json] = {"type": "prometheus", "uid": "${prometheus}"}

    def target(self) -> Json:
        """Grafana's JSON of it, without the reference id."""
        return {"expr": self.expression, "legendFormat": self.legend, "range": True}


@dataclass(frozen=True, slots=True)
class CloudWatch:
    """A metric of CloudWatch by its exact set of dimensions, for five minutes each."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    legend: str
    statistic: str = "Sum"
    id: str = ""

    source: ClassVar[Json] = {"type": "cloudwatch", "uid": "${cloudwatch}"}

    def target(self) -> Json:
        """Grafana's JSON of it; with an `id` it is only there for a `CloudWatchMath`."""
        return {
            "queryMode": "Metrics",
            "metricQueryType": 0,
            "metricEditorMode": 0,
            "region": "default",
            "namespace": self.namespace,
            "metricName": self.metric,
            "dimensions": dict(self.dimensions),
            "matchExact": True,
            "statistic": self.statistic,
            "period": "300",
            "label": self.legend,
            "id": self.id,
            "hide": bool(self.id),
        }


@dataclass(frozen=True, slots=True)
class CloudWatchMath:
    """Metric math over the ids of a panel's other queries."""

    expression: str
    legend: str

    source: ClassVar[Json] = CloudWatch.source

    def target(self) -> Json:
        """Grafana's JSON of it."""
        return {
            "queryMode": "Metrics",
            "metricQueryType": 0,
            "metricEditorMode": 1,
            "region": "default",
            "expression": self.expression,
            "period": "300",
            "label": self.legend,
            "id": "",
        }


Query = PromQL | CloudWatch | CloudWatchMath


@dataclass(frozen=True, slots=True)
class Panel:
    """One graph.

    Attributes:
        unit: Grafana's id of it, such as "s", "percentunit", "short".
        limit: where its alert stands, drawn as a line; None for none.
    """

    title: str
    queries: Sequence[Query]
    unit: str = "short"
    limit: float | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A whole dashboard; `texts` are variables that its user may change, name to default."""

    uid: str
    title: str
    rows: Sequence[Row]
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def json(self) -> Json:
        """The document that Grafana imports."""
        return {
            "uid": self.uid,
            "title": self.title,
            "tags": ["c-tv"],
            "schemaVersion": _SCHEMA_VERSION,
            "editable": True,
            "graphTooltip": 1,
            "refresh": "1m",
            "time": {"from": "now-6h", "to": "now"},
            "timezone": "browser",
            "annotations": {"list": []},
            "templating": {"list": [*_sources(), *_texts(self.texts)]},
            "panels": _laid_out(self.rows),
        }


def _sources() -> list[Json]:
    return [
        {"name": kind, "label": label, "type": "datasource", "query": kind, "refresh": 1}
        for kind, label in (("prometheus", "Prometheus"), ("cloudwatch", "CloudWatch"))
    ]


def _texts(texts: Mapping[str, tuple[str, str]]) -> list[Json]:
    return [
        {
            "name": name,
            "label": label,
            "type": "textbox",
            "query": default,
            "current": {"text": default, "value": default},
        }
        for name, (label, default) in texts.items()
    ]


def _laid_out(rows: Sequence[Row]) -> list[Json]:
    """Rows from top to bottom, three panels beside each other."""
    laid: list[Json] = []
    top = 0
    for row in rows:
        place = {"x": 0, "y": top, "w": _WIDTH, "h": 1}
        laid.append({"type": "row", "title": row.title, "gridPos": place, "id": len(laid) + 1})
        top += 1
        width = _WIDTH // _PANELS_A_ROW
        for index, panel in enumerate(row.panels):
            line, column = divmod(index, _PANELS_A_ROW)
            place = {"x": column * width, "y": top + line * _HEIGHT, "w": width, "h": _HEIGHT}
            laid.append({**_graph(panel), "gridPos": place, "id": len(laid) + 1})
        top += _HEIGHT * -(-len(row.panels) // _PANELS_A_ROW)
    return laid


def _graph(panel: Panel) -> Json:
    limits: list[Json] = [{"color": "green", "value": None}]
    if panel.limit is not None:
        limits.append({"color": "red", "value": panel.limit})
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": panel.queries[0].source,
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "custom": {"thresholdsStyle": {"mode": "off" if panel.limit is None else "line"}},
                "thresholds": {"mode": "absolute", "steps": limits},
            },
            "overrides": [],
        },
        "options": {
            "legend": {"displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "multi"},
        },
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": query.source, **query.target()}
            for index, query in enumerate(panel.queries)
        ],
    }
