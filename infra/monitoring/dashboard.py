"""The dashboard of C-TV's voice: what people wait for first, what it costs last."""

from __future__ import annotations

from infra.monitoring.panels import CloudWatch, CloudWatchMath, Dashboard, Panel, PromQL, Row

_OURS = "CTV/$system"  # a namespace for each stack, as in template.yaml
_API = {"ApiName": "$system", "Stage": "$stage"}
_SPEECH_ROUTES = 'route=~"/synthesize|/v1/audio/speech"'


def _own(metric: str, legend: str, statistic: str = "Sum", /, **dimensions: str) -> CloudWatch:
    return CloudWatch(_OURS, metric, dimensions, legend, statistic)


def _quantile(share: float, metric: str, by: str = "") -> str:
    return f"histogram_quantile({share}, sum by (le{by}) (rate({metric}_bucket[5m])))"


_ANSWERS = Row(
    "What people wait for",
    (
        Panel(
            "Hits",
            (
                CloudWatchMath("(memory+s3)/(memory+s3+miss)", "hits"),
                CloudWatch(
                    _OURS, "CacheHit", {"service": "api", "tier": "memory"}, "memory", id="memory"
                ),
                CloudWatch(_OURS, "CacheHit", {"service": "api", "tier": "s3"}, "S3", id="s3"),
                CloudWatch(_OURS, "CacheMiss", {"service": "api"}, "miss", id="miss"),
            ),
            unit="percentunit",
        ),
        Panel(
            "Answers of the API",
            tuple(
                CloudWatch("AWS/ApiGateway", "Latency", _API, share, share)
                for share in ("p50", "p95", "p99")
            ),
            unit="ms",
            limit=5000,
        ),
        Panel(
            "Calls",
            (
                _own("CallAnnounced", "announced", service="api"),
                _own("CallAttended", "attended", service="api"),
                _own("CallNoShow", "did not come", service="api"),
                _own("CallCancelled", "cancelled", service="api"),
            ),
        ),
        Panel(
            "First audio",
            (
                PromQL('ctv:first_audio_seconds:p95_5m{priority="live"}', "live p95"),
                PromQL(
                    _quantile(0.5, "ctv_host_first_audio_seconds", ", priority"), "{{priority}} p50"
                ),
            ),
            unit="s",
            limit=5,
            description="From a request's arrival at the host to its first byte of audio.",
        ),
        Panel(
            "Speaking",
            (
                PromQL(_quantile(0.5, "ctv_host_synthesis_seconds"), "p50"),
                PromQL(_quantile(0.95, "ctv_host_synthesis_seconds"), "p95"),
            ),
            unit="s",
        ),
        Panel(
            "Live requests that fail",
            (
                PromQL("ctv:live_errors:ratio_rate5m", "5 minutes"),
                PromQL("ctv:live_errors:ratio_rate1h", "an hour"),
                PromQL("ctv:live_errors:ratio_rate3d", "3 days"),
            ),
            unit="percentunit",
            limit=0.005,
            description="The objective: at most 0.5 % in 30 days.",
        ),
    ),
)

_HOST = Row(
    "The model host",
    (
        Panel(
            "Ready",
            (
                PromQL("sum(ctv_host_ready)", "ready pods"),
                PromQL('count(up{job="coqui-server"})', "pods"),
                PromQL("count(count by (fingerprint) (ctv_host_info))", "fingerprints"),
            ),
        ),
        Panel(
            "Queue",
            (
                PromQL("sum by (pod, priority) (ctv_host_queue_depth)", "{{pod}} {{priority}}"),
                PromQL("sum by (pod) (ctv_host_running)", "{{pod}} being spoken"),
            ),
            limit=24,
        ),
        Panel(
            "In the queue",
            (
                PromQL(
                    _quantile(0.95, "ctv_host_queue_wait_seconds", ", priority"), "{{priority}} p95"
                ),
            ),
            unit="s",
        ),
        Panel(
            "Real-time factor",
            (PromQL("ctv:engine_real_time_factor:ratio_rate5m", "{{pod}}"),),
            limit=0.8,
            description="Seconds of work for a second of audio, all callers together.",
        ),
        Panel(
            "Batch",
            (
                PromQL("ctv:engine_batch:mean_rate5m", "{{pod}} mean"),
                PromQL("ctv_engine_rows", "{{pod}} sentences now"),
            ),
        ),
        Panel(
            "Key-value cache",
            (PromQL("ctv_engine_kv_blocks_used / ctv_engine_kv_blocks", "{{pod}}"),),
            unit="percentunit",
            limit=0.9,
        ),
        Panel(
            "Memory, of the limit",
            (
                PromQL(
                    "max by (pod) (container_memory_working_set_bytes"
                    '{namespace="c-tv",container="coqui-server"})'
                    " / max by (pod) (kube_pod_container_resource_limits"
                    '{namespace="c-tv",container="coqui-server",resource="memory"})',
                    "{{pod}}",
                ),
            ),
            unit="percentunit",
            limit=0.9,
        ),
        Panel(
            "Memory of the process",
            (PromQL('process_resident_memory_bytes{job="coqui-server"}', "{{pod}}"),),
            unit="bytes",
        ),
        Panel(
            "Cores in use",
            (PromQL('rate(process_cpu_seconds_total{job="coqui-server"}[5m])', "{{pod}}"),),
        ),
        Panel(
            "Restarts",
            (
                PromQL(
                    "sum by (pod) (increase(kube_pod_container_status_restarts_total"
                    '{namespace="c-tv",container="coqui-server"}[1h]))',
                    "{{pod}}",
                ),
            ),
            limit=2,
        ),
    ),
)

_TROUBLE = Row(
    "What goes wrong",
    (
        Panel(
            "Host errors, as the functions see them",
            tuple(
                _own("HostError", f"{service}: {kind}", service=service, kind=kind)
                for service in ("api", "render")
                for kind in ("busy", "unavailable", "deadline", "rejected", "unauthorized")
            ),
        ),
        Panel(
            "Answers of the host",
            (
                PromQL(
                    f"sum by (status) (rate(ctv_host_requests_total{{{_SPEECH_ROUTES}}}[5m]))",
                    "{{status}}",
                ),
                PromQL(
                    "sum by (reason) (rate(ctv_host_cancelled_total[5m]))", "cut off: {{reason}}"
                ),
                PromQL("sum(rate(ctv_host_engine_failures_total[5m]))", "engine failed"),
            ),
            unit="reqps",
        ),
        Panel(
            "Checks",
            (
                PromQL(
                    'sum by (finding) (rate(ctv_host_checked_pieces_total{finding!="sound"}[5m]))'
                    " / on () group_left sum(rate(ctv_host_checked_pieces_total[5m]))",
                    "{{finding}}",
                ),
                PromQL(
                    'sum(rate(ctv_host_answers_total{quality="doubtful"}[5m]))'
                    " / sum(rate(ctv_host_answers_total[5m]))",
                    "answers in doubt",
                ),
            ),
            unit="percentunit",
            limit=0.1,
        ),
        Panel(
            "Queues, oldest message",
            tuple(
                CloudWatch(
                    "AWS/SQS",
                    "ApproximateAgeOfOldestMessage",
                    {"QueueName": f"${name}_queue"},
                    name,
                    "Maximum",
                )
                for name in ("live", "bulk")
            ),
            unit="s",
            limit=60,
        ),
        Panel(
            "Faults of the functions",
            (
                _own("ApiFault", "api", service="api"),
                _own("ApiFault", "authorizer", service="authorizer"),
                _own("NotRenderedAhead", "not rendered ahead", service="api"),
                _own("SpeechDoubtful", "doubtful live", service="api", priority="live"),
                _own("SpeechDoubtful", "doubtful queued", service="render", priority="live"),
                _own("SpeechDoubtful", "doubtful bulk", service="render", priority="bulk"),
            ),
        ),
        Panel(
            "Keys refused",
            (
                *(
                    _own("AccessDenied", reason, service="authorizer", reason=reason)
                    for reason in ("malformed", "unknown", "expired")
                ),
                _own("AccessDenied", "scope", service="api", reason="scope"),
            ),
        ),
    ),
)

_COST = Row(
    "What it costs",
    (
        Panel(
            "Speech made",
            (PromQL("sum(rate(ctv_host_audio_seconds_total[1h])) * 60", "minutes an hour"),),
            description="Seconds of speech a second, times 60.",
        ),
        Panel(
            "A minute of speech, by the pods that stand ready for it",
            (
                PromQL(
                    'sum(up{job="coqui-server"}) * $pod_hour_usd'
                    " / (sum(rate(ctv_host_audio_seconds_total[1h])) * 60 > 0)",
                    "USD",
                ),
            ),
            unit="currencyUSD",
        ),
        Panel(
            "Requests",
            (
                CloudWatch("AWS/ApiGateway", "Count", _API, "API requests"),
                _own("Render", "spoken live", service="api"),
                _own("Render", "spoken ahead", service="render"),
            ),
        ),
    ),
)

DASHBOARD = Dashboard(
    uid="c-tv",
    title="C-TV's voice",
    rows=(_ANSWERS, _HOST, _TROUBLE, _COST),
    texts={
        "system": ("Stack", "c-tv-prod"),
        "stage": ("Stage", "prod"),
        "live_queue": ("Live queue, as in output LiveQueueUrl", ""),
        "bulk_queue": ("Bulk queue, as in output BulkQueueUrl", ""),
        "pod_hour_usd": ("A pod's hour, USD", "0.1"),
    },
)
