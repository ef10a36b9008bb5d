"""Metrics of what the checks found in speech before anyone heard it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from model_host.speaking_report import SOUND, SpeakingReport
from model_host.verification.findings import Finding, Quality

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_RATES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 0.75, 1.0)


class CheckMetrics:
    """Pieces by finding, answers by quality; no label comes from a text."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register every metric, each label at zero."""
        self._pieces = Counter(
            "ctv_host_checked_pieces",
            "Pieces that were checked, by what was found; one may have several findings.",
            ["finding"],
            registry=registry,
        )
        self._answers = Counter(
            "ctv_host_answers", "Answers with audio, by quality.", ["quality"], registry=registry
        )
        self._retries = Counter(
            "ctv_host_piece_retries", "Pieces that were spoken once more.", registry=registry
        )
        self._run_ons = Counter(
            "ctv_host_run_ons", "Pieces cut where speech ran on past the text.", registry=registry
        )
        self._seconds = Histogram(
            "ctv_host_check_seconds", "Checks and levelling of a request.",
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._word_error_rate = Histogram(
            "ctv_host_word_error_rate", "Words of a piece that the recogniser heard otherwise.",
            buckets=_RATES, registry=registry,
        )  # fmt: skip
        for finding in (SOUND, *Finding):
            self._pieces.labels(finding)
        for quality in Quality:
            self._answers.labels(quality.value)

    def observe(self, report: SpeakingReport, *, answered: bool) -> None:
        """Count a request whose speaking is over.

        Args:
            report: of its speaking.
            answered: whether any of its audio was sent.
        """
        for finding, pieces in report.pieces.items():
            self._pieces.labels(finding).inc(pieces)
        if answered and report.quality is not None:
            self._answers.labels(report.quality.value).inc()
        self._retries.inc(report.retries)
        self._run_ons.inc(report.run_ons)
        self._seconds.observe(report.check_s)
        for rate in report.word_error_rates:
            self._word_error_rate.observe(rate)
