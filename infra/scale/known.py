"""What is measured, and what the code and the template say: read where it stands, never retyped."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT

_RESULTS: Final = ROOT / "benchmarks" / "results"
_FUNCTION_MB: Final = 1024
# A function has one vCPU at 1,769 MB, and a share of it with less: AWS Lambda, "Configure Lambda
# function memory".
_WHOLE_CPU_GB: Final = 1769 / _FUNCTION_MB


class UnknownFigureError(Exception):
    """A figure is no longer where this model looks for it; the message names the place."""


@dataclass(frozen=True, slots=True)
class Host:
    """What one pod does, as `benchmarks/results/engine.json` has it.

    Attributes:
        throughput: seconds of speech a second, by how many are spoken at once.
        call_s: seconds from request to answer (median), by how many are spoken at once.
        audio_s: length of the call that was measured, in seconds.
        load_s: from the start of the process to 200 of `/health/ready`, in seconds.
        image_bytes: of the pod's two images, unpacked (`images.json`).
        rows: most calls that are spoken at once.
        live_reserve: of these, how many bulk work never takes.
    """

    throughput: Mapping[int, float]
    call_s: Mapping[int, float]
    audio_s: float
    load_s: float
    image_bytes: float
    rows: int
    live_reserve: int

    def speech_per_s(self, at_once: float) -> float:
        """Seconds of speech a second with so many at once, linear between what was measured."""
        if at_once <= 0:
            return 0.0
        known = sorted(self.throughput)
        above = next((n for n in known if n >= at_once), known[-1])
        below = max((n for n in known if n <= at_once), default=known[0])
        if above == below:
            return self.throughput[above]
        share = (at_once - below) / (above - below)
        return self.throughput[below] * (1 - share) + self.throughput[above] * share


@dataclass(frozen=True, slots=True)
class Pages:
    """How often screens and desks ask, in seconds, and what a screen loads.

    Attributes:
        patience_s: how long a screen waits for a call's clip before it tries the next means.
        waiting_every: of a desk's rounds, each how many-th reads the waiting list as well.
        script_bytes: scripts of the panel's page, compressed.
    """

    poll_s: float
    beat_s: float
    desk_poll_s: float
    waiting_every: int
    whole_answer_s: float
    patience_s: float
    script_bytes: int


@dataclass(frozen=True, slots=True)
class Stack:
    """What the template sets.

    Attributes:
        handler_s: what the API's handler takes beside its calls to AWS, on a whole CPU
            (`cache.json`).
        clip_bytes_per_s: of the mp3 that the host makes.
        throttle_per_s: requests a second that the stage lets through.
        render_concurrency: renders at once from each of the two queues.
        bulk_batch: messages that one bulk render takes.
        api_gb, render_gb, small_gb: memory of the functions, in GB of Lambda's bill.
        warm_up_s: from one scheduled warm-up to the next.
        authorizer_cache_s: how long API Gateway remembers what the authorizer said of a key.
        api_reserved: executions at once that are kept for the API function, and its most.
        address_requests_per_s: requests that the firewall lets through from one address.
        firewall_rules: of each web ACL: the API's, then CloudFront's.
        interface_endpoints: of the VPC, each in every availability zone.
    """

    handler_s: float
    clip_bytes_per_s: float
    throttle_per_s: float
    render_concurrency: int
    bulk_batch: int
    api_gb: float
    render_gb: float
    small_gb: float
    warm_up_s: float
    authorizer_cache_s: float
    api_reserved: int
    address_requests_per_s: float
    firewall_rules: tuple[int, int]
    interface_endpoints: int

    def handler_on_s(self, memory_gb: float) -> float:
        """What the handler takes with the share of a CPU that a function of this memory has."""
        return self.handler_s / min(1.0, memory_gb / _WHOLE_CPU_GB)


@dataclass(frozen=True, slots=True)
class Known:
    """All figures that are not assumed."""

    host: Host
    pages: Pages
    stack: Stack


def read() -> Known:
    """Read every figure.

    Raises:
        UnknownFigureError: one of them has moved.
    """
    return Known(_host(), _pages(), _stack())


def _host() -> Host:
    result = _result("engine")
    facts = result["raw"]["ours"]["facts"]
    measured = result["concurrency"]
    return Host(
        throughput={int(n): one["throughput"] for n, one in measured.items()},
        call_s={int(n): one["median_s"] for n, one in measured.items()},
        audio_s=result["single"]["audio_s"],
        load_s=result["ready_s"],
        image_bytes=sum(one["size_mb"] for one in _result("images")["images"].values()) * 1e6,
        rows=facts["max_rows"],
        live_reserve=facts["live_reserve"],
    )


def _pages() -> Pages:
    feed, desk = "web/panel/net/feed.js", "web/console/calls/feed.js"
    return Pages(
        poll_s=_number(feed, r"POLL_MS = ([\d_]+)") / 1000,
        beat_s=_number("web/panel/net/heartbeat.js", r"BEAT_MS = ([\d_]+)") / 1000,
        desk_poll_s=_number(desk, r"FEED_MS = ([\d_]+)") / 1000,
        waiting_every=int(_number(desk, r"WAITING_EVERY_ROUNDS = ([\d_]+)")),
        whole_answer_s=_number(feed, r"TAG_MS = ([\d_]+)") / 1000,
        patience_s=_number("web/panel/player/timing.js", r"CLIP_MS = ([\d_]+)") / 1000,
        script_bytes=_result("web")["summary"]["script_gzip_bytes"]["total"],
    )


def _stack() -> Stack:
    template = read_template(ROOT / "template.yaml")
    resources, default = template["Resources"], template["Globals"]["Function"]
    bulk = resources["RenderFunction"]["Properties"]["Events"]["Bulk"]["Properties"]
    [throttle] = [
        setting["ThrottlingRateLimit"]
        for setting in resources["Api"]["Properties"]["MethodSettings"]
        if setting["ResourcePath"] == "/*"
    ]

    rules, pages_rules = _firewall_rules("edge"), _firewall_rules("pages-web-acl")
    [address] = [
        rule["Statement"]["RateBasedStatement"] for rule in rules if rule["Name"] == "each-address"
    ]
    network = read_template(ROOT / "infra/aws/network.yaml")["Resources"].values()

    def gb(function: str) -> float:
        properties = resources[function]["Properties"]
        return float(properties.get("MemorySize", default["MemorySize"])) / _FUNCTION_MB

    return Stack(
        handler_s=_result("cache")["summary"]["memory_hit_ms"] / 1000,
        clip_bytes_per_s=_number("model_host/audio/codecs.py", r'"libmp3lame", ([\d_]+)') / 8,
        throttle_per_s=throttle,
        render_concurrency=template["Parameters"]["RenderConcurrency"]["Default"],
        bulk_batch=bulk["BatchSize"],
        api_gb=gb("ApiFunction"),
        render_gb=gb("RenderFunction"),
        small_gb=gb("CleanupFunction"),
        warm_up_s=_number("template.yaml", r"rate\((\d+) minutes\)") * 60,
        authorizer_cache_s=resources["Api"]["Properties"]["Auth"]["Authorizers"]["Keys"][
            "Identity"
        ]["ReauthorizeEvery"],
        api_reserved=_reserved(resources["ApiFunction"]),
        address_requests_per_s=address["Limit"] / address["EvaluationWindowSec"],
        firewall_rules=(len(rules), len(pages_rules)),
        interface_endpoints=sum(
            resource.get("Properties", {}).get("VpcEndpointType") == "Interface"
            for resource in network
        ),
    )


def _firewall_rules(template: str) -> list[dict[str, Any]]:
    resources = read_template(ROOT / f"infra/aws/{template}.yaml")["Resources"]
    rules: list[dict[str, Any]] = resources["Firewall"]["Properties"]["Rules"]
    return rules


def _reserved(function: Mapping[str, Any]) -> int:
    """The concurrency that is kept for a function where the parameter says so."""
    _condition, reserved, _otherwise = function["Properties"]["ReservedConcurrentExecutions"][
        "Fn::If"
    ]
    return int(reserved)


def _result(name: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads((_RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return result


def _number(file: str, pattern: str) -> float:
    found = re.search(pattern, (ROOT / Path(file)).read_text(encoding="utf-8"))
    if found is None:
        raise UnknownFigureError(f"{file} has nothing like {pattern}")
    return float(found[1].replace("_", ""))
