"""`python -m infra.monitoring` writes what is made: the PrometheusRule, the Grafana dashboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import yaml

from infra.monitoring.dashboard import DASHBOARD

FOLDER: Final = Path(__file__).parent
RULES: Final = FOLDER / "prometheus" / "c-tv.rules.yaml"
_MADE = "# Made from c-tv.rules.yaml by `make monitoring`: change that file.\n"


def made() -> dict[Path, str]:
    """Each made file and its content."""
    return {
        FOLDER / "prometheus" / "prometheusrule.yaml": _MADE + _prometheus_rule(),
        FOLDER / "grafana" / "c-tv.json": json.dumps(DASHBOARD.json(), indent=2) + "\n",
    }


def _prometheus_rule() -> str:
    """The rules as the Prometheus operator takes them."""
    rule = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "coqui-server", "labels": {"app.kubernetes.io/name": "coqui-server"}},
        "spec": yaml.safe_load(RULES.read_text()),
    }
    text: str = yaml.safe_dump(rule, sort_keys=False, width=100)
    return text


if __name__ == "__main__":
    for path, content in made().items():
        path.write_text(content)
