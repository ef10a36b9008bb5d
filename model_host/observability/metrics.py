"""Prometheus metrics, in a registry of the application's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    generate_latest,
)

from model_host import VERSION
from model_host.dispatch import JobQueue, Priority
from model_host.engines.base import EngineDescription, ObservableEngine
from model_host.host_keys import HostKeys
from model_host.observability.check_metrics import CheckMetrics
from model_host.observability.engine_metrics import EngineCollector
from model_host.observability.record import Outcome, RequestRecord

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_RTF = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0, 8.0)
_CANCELLED = (Outcome.DEADLINE, Outcome.DISCONNECT, Outcome.STALLED)


class Metrics:
    """Every metric of one host; labels are few and never come from a request's text."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = Counter(
            "ctv_host_requests", "Requests answered.", ["route", "status", "priority"],
            registry=self.registry,
        )  # fmt: skip
        self._queue_wait = self._histogram(
            "ctv_host_queue_wait_seconds", "Time a request waited for the engine.", ["priority"]
        )
        self._first_audio = self._histogram(
            "ctv_host_first_audio_seconds", "Arrival to the first byte of audio.", ["priority"]
        )
        self._synthesis = self._histogram(
            "ctv_host_synthesis_seconds", "Time the engine worked for a request."
        )
        self._rtf = self._histogram(
            "ctv_host_real_time_factor", "Engine seconds for a second of audio.", buckets=_RTF
        )
        self._audio = Counter("ctv_host_audio_seconds", "Audio made.", registry=self.registry)
        self._cancelled = Counter(
            "ctv_host_cancelled", "Requests cancelled.", ["reason"], registry=self.registry
        )
        self._engine_failures = Counter(
            "ctv_host_engine_failures", "Requests the engine failed.", registry=self.registry
        )
        self._checks = CheckMetrics(self.registry)
        for outcome in _CANCELLED:
            self._cancelled.labels(outcome.value)
        self._ready = Gauge(
            "ctv_host_ready", "1 when /health/ready says 200.", registry=self.registry
        )
        self._depth = Gauge(
            "ctv_host_queue_depth", "Requests waiting.", ["priority"], registry=self.registry
        )
        self._running = Gauge("ctv_host_running", "Requests being spoken.", registry=self.registry)
        self._keys = Gauge(
            "ctv_host_keys", "Keys that callers may present; 0 lets everybody in.",
            registry=self.registry,
        )  # fmt: skip
        self._keys_stale = Gauge(
            "ctv_host_keys_stale", "1 while HOST_KEYS_FILE cannot be used and keys of before hold.",
            registry=self.registry,
        )  # fmt: skip
        self._build = Info("ctv_host", "What this host is.", registry=self.registry)

    def watch_ready(self, ready: Callable[[], bool]) -> None:
        """Read readiness whenever metrics are scraped."""
        self._ready.set_function(lambda: float(ready()))

    def watch_keys(self, keys: HostKeys) -> None:
        """Read the keys' state whenever metrics are scraped."""
        self._keys.set_function(lambda: keys.accepted)
        self._keys_stale.set_function(lambda: keys.stale)

    def watch_queue(self, queue: JobQueue) -> None:
        """Read the queue whenever metrics are scraped."""
        self._running.set_function(lambda: queue.running)
        for priority in Priority:
            self._depth.labels(priority.value).set_function(partial(queue.depth, priority))

    def set_engine(self, description: EngineDescription, fingerprint: str) -> None:
        """Say what speaks."""
        self._build.info(
            {
                "version": VERSION,
                "engine": description.engine,
                "model": description.model,
                "fingerprint": fingerprint,
            }
        )

    def watch_engine(self, engine: ObservableEngine) -> None:
        """Read what the engine does whenever metrics are scraped."""
        self.registry.register(EngineCollector(engine))

    def observe(self, record: RequestRecord) -> None:
        """Count a finished request."""
        priority = record.priority.value
        self._requests.labels(record.route, str(record.status), priority).inc()
        if record.outcome in _CANCELLED:
            self._cancelled.labels(record.outcome.value).inc()
        if record.outcome in {Outcome.ENGINE_FAILED, Outcome.UNSOUND}:
            self._engine_failures.inc()
        if record.job is not None and record.job.queue_wait_s is not None:
            self._queue_wait.labels(priority).observe(record.job.queue_wait_s)
            self._synthesis.observe(record.report.synthesis_s)
            self._audio.inc(record.report.audio_s)
            self._checks.observe(record.report, answered=record.first_audio_s is not None)
        if record.first_audio_s is not None:
            self._first_audio.labels(priority).observe(record.first_audio_s)
        if record.outcome is Outcome.OK and record.report.rtf is not None:
            self._rtf.observe(record.report.rtf)

    def exposition(self) -> bytes:
        """Write all metrics in Prometheus's text format."""
        return generate_latest(self.registry)

    def _histogram(
        self,
        name: str,
        documentation: str,
        labels: tuple[str, ...] | list[str] = (),
        buckets: tuple[float, ...] = _SECONDS,
    ) -> Histogram:
        return Histogram(name, documentation, labels, buckets=buckets, registry=self.registry)
