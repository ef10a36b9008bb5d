"""From raw figures to the ones that are told: medians, ratios, percentiles, costs."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

PRICE = {
    "instance": "c7i.large",
    "vcpu": 2,
    "region": "us-east-1",
    "usd_per_hour": 0.08925,
    "list_price_of": "2026-11",
    "note": "On demand, Linux. Prices change; the machine that was measured is another.",
}

Raw = Mapping[str, Any]

_LONG_MS = 0.1


def summarise(raw: Raw) -> dict[str, Any]:
    """The figures that the README and the plots show; every one follows from `raw`."""
    single = _single(raw["single"])
    reference_throughput = 1 / single["reference_rtf"]
    concurrency = {
        callers: _together(rounds, reference_throughput)
        for callers, rounds in raw["concurrency"].items()
    }
    live = {name: _first_audio(calls) for name, calls in raw["live"].items()}
    return {
        "single": single,
        "stream": _stream(raw),
        "concurrency": concurrency,
        "live": live,
        "live_p95_ratio": live["beside_bulk"]["p95_s"] / live["idle"]["p95_s"],
        "peak_rss_mb": raw["host"]["peak_rss_mb"],
        "reference_rss_mb": raw["reference"]["memory"]["rss_mb"],
        "reference_peak_rss_mb": raw["reference"]["memory"]["peak_rss_mb"],
        "ready_s": statistics.median(raw["host"]["ready_s"]),
        "reference_load_s": raw["reference"]["load_s"],
        "stages": _stages(raw),
        "floor": _floor(raw),
        "cost": _cost(concurrency, reference_throughput),
        "parity": {
            **{name: _rounded(raw["parity"][name]) for name in ("fp32", "int8", "int4")},
            "vocoder_windowed_db": raw["parity"]["vocoder"]["windowed_db"],
            "streamed_db": raw["parity"]["vocoder"]["streamed_db"],
            "streamed_equal": raw["parity"]["vocoder"]["streamed_equal"],
        },
    }


def _single(rounds: Mapping[str, Sequence[Raw]]) -> dict[str, float]:
    rtf = {name: _median(answers, "rtf") for name, answers in rounds.items()}
    return {
        "ours_rtf": rtf["ours"],
        "opt_in_rtf": rtf["opt_in"],
        "reference_rtf": rtf["reference"],
        "ratio": rtf["reference"] / rtf["ours"],
        "opt_in_ratio": rtf["reference"] / rtf["opt_in"],
        "audio_s": rounds["ours"][0]["audio_s"],
    }


def _stream(raw: Raw) -> dict[str, Any]:
    ours, reference = (_median(raw["first_audio"][s], "first_audio_s") for s in _SIDES)
    streams = [*raw["streams"], *raw["first_audio"]["ours"]]
    slacks = [call["least_slack_s"] for call in streams if call["least_slack_s"] is not None]
    return {
        "ours_first_audio_s": ours,
        "reference_first_audio_s": reference,
        "ttfa_ratio": reference / ours,
        "underruns": _late(streams),
        "streams": len(streams),
        "least_slack_s": min(slacks),
        "underruns_beside_bulk": _late(raw["live"]["beside_bulk"]),
        "underruns_together": {
            callers: _late(answer["calls"]) for callers, answer in raw["streams_together"].items()
        },
        "reference_underruns": raw["reference"]["stream"]["late_chunks"],
        "reference_chunks": raw["reference"]["stream"]["chunks"],
    }


def _together(rounds: Sequence[Raw], reference_throughput: float) -> dict[str, float]:
    throughput = _median(rounds, "throughput")
    walls = [call["wall_s"] for answer in rounds for call in answer["calls"]]
    return {
        "throughput": throughput,
        "ratio": throughput / reference_throughput,
        "median_s": statistics.median(walls),
        "p95_s": percentile(walls, 0.95),
    }


def _first_audio(calls: Sequence[Raw]) -> dict[str, float]:
    times = [call["first_audio_s"] for call in calls]
    return {
        "samples": len(times),
        "p50_s": percentile(times, 0.5),
        "p95_s": percentile(times, 0.95),
        "most_s": max(times),
        "underruns": _late(calls),
    }


def _stages(raw: Raw) -> dict[str, float]:
    """Where the time of one call goes, seconds."""
    ours, prompt = raw["single"]["ours"], _median(raw["prompt"], "decode_s")
    wall, decode, vocode = (_median(ours, name) for name in ("wall_s", "decode_s", "vocode_s"))
    return {
        "prompt_s": prompt,
        "decode_s": decode - prompt,
        "vocode_s": vocode,
        "other_s": wall - decode - vocode,
        "wall_s": wall,
    }


def _floor(raw: Raw) -> dict[str, Any]:
    """What a step would take if reading the weights once were all that it costs."""
    bandwidth = raw["machine"]["read_gb_s"]
    tokens = float(raw["parity"]["int8"]["tokens"].split("/")[1])
    steps = {name: raw["parity"][name]["steps_s"] / (tokens - 1) for name in raw["bytes_a_step"]}
    return {
        "read_gb_s": bandwidth,
        "packs": {
            name: {
                "bytes_a_step": size,
                "floor_ms": size / bandwidth / 1e6,
                "step_ms": steps[name] * 1e3,
                "of_floor": steps[name] / (size / bandwidth / 1e9),
                "step_ms_by_operation": _profile(raw["parity"][name]["profile"]),
            }
            for name, size in raw["bytes_a_step"].items()
        },
    }


def _profile(steps: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Milliseconds of a step by operation, the longest first; the short ones together."""
    took_ms = {name: statistics.median(step[name] for step in steps) * 1e3 for name in steps[0]}
    long = {name: ms for name, ms in took_ms.items() if ms >= _LONG_MS}
    ordered = dict(sorted(long.items(), key=lambda item: -item[1]))
    return {**ordered, "others": sum(took_ms.values()) - sum(long.values())}


def _cost(concurrency: Mapping[str, Raw], reference_throughput: float) -> dict[str, Any]:
    """USD for an hour of audio: an hour of the machine, less by what it makes in it."""
    price = float(str(PRICE["usd_per_hour"]))
    return {
        **PRICE,
        "usd_per_audio_hour": {
            "reference": price / reference_throughput,
            **{callers: price / one["throughput"] for callers, one in concurrency.items()},
        },
    }


def percentile(values: Sequence[float], share: float) -> float:
    """Linear between the values, the least at 0 and the greatest at 1."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


_SIDES = ("ours", "reference")


def _median(rounds: Sequence[Raw], field: str) -> float:
    return statistics.median(float(answer[field]) for answer in rounds)


def _late(calls: Sequence[Raw]) -> int:
    return sum(int(call["late_chunks"]) for call in calls)


def _rounded(agreement: Raw) -> dict[str, Any]:
    return {"tokens": agreement["tokens"], "latents_db": round(agreement["latents_db"], 1)}
