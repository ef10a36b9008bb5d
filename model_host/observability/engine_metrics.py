"""What an engine tells of itself, as Prometheus metrics read when they are scraped."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from model_host.engines.base import EngineError, ObservableEngine

_PREFIX = "ctv_engine"


class EngineCollector(Collector):
    """`ctv_engine_info` with the facts, `ctv_engine_<suffix>` for each gauge and counter.

    The names are the engine's own, so that a new reading needs no change here; docs/host.md lists
    them.
    """

    def __init__(self, engine: ObservableEngine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """Take one reading; nothing once the engine is closed."""
        try:
            statistics = self._engine.statistics()
        except EngineError:
            return
        yield InfoMetricFamily(
            _PREFIX,
            "What the engine is.",
            value={
                name: " ".join(fact) if isinstance(fact, list) else str(fact)
                for name, fact in statistics.facts.items()
            },
        )
        for suffix, value in statistics.gauges.items():
            yield GaugeMetricFamily(f"{_PREFIX}_{suffix}", _sentence(suffix), value)
        for suffix, value in statistics.counters.items():
            yield CounterMetricFamily(f"{_PREFIX}_{suffix}", _sentence(suffix), value)


def _sentence(suffix: str) -> str:
    return f"The engine's {suffix.replace('_', ' ')}."
