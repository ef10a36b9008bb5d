"""`make bench`: measure, then write benchmarks/results/cache.json and cache.png.

Each figure is taken in rounds that alternate between ours and the plain approach, so that a
machine whose speed drifts disturbs both alike; medians over all rounds are compared.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import httpx

from benchmarks.cache.plot import draw
from benchmarks.cache.timing import HOST_HEADERS, new_text
from infra.local.processes import beside_others
from infra.local.settings import ROOT
from infra.local.stack import LocalStack

RESULTS = ROOT / "benchmarks" / "results"
BUILT = ROOT / ".aws-sam" / "build"
BARE_PYTHON = ROOT / ".venv-ric" / "bin" / "python"
ROUNDS = 5
HITS = 200
MISSES = 15


def main() -> None:
    """Bring the stack up on free ports, measure, write the results."""
    settings = beside_others("bench")
    stack = LocalStack(settings)
    try:
        stack.start()
        result = measure(stack)
    finally:
        stack.stop()
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "cache.json").write_text(json.dumps(result, indent=2) + "\n")
    draw(result, RESULTS / "cache.png")
    print(json.dumps(result["summary"], indent=2))


def measure(stack: LocalStack) -> dict[str, Any]:
    """All figures of one run."""
    bucket = stack.outputs["CacheBucketName"]
    host_url = stack.settings.host_url
    host_headers = stack.host_keys.headers
    event = json.loads((ROOT / "tests" / "events" / "api_gateway_rest_proxy.json").read_text())
    event |= {"httpMethod": "POST", "path": "/v1/speech", "resource": "/v1/speech"}
    event |= {"pathParameters": None, "isBase64Encoded": False}
    # As API Gateway passes it on once the authorizer has recognised the caller.
    who = {"token_id": "0", "label": "bench", "scopes": "speech", "device": ""}
    event["requestContext"]["authorizer"] = who
    variables = _function_variables(stack)
    samples: dict[str, list[float]] = {}
    cold: dict[str, list[float]] = {"api": [], "plain": []}

    def ours(mode: str, count: int, **extra: str) -> dict[str, Any]:
        return _probe(
            [
                str(BARE_PYTHON),
                "-m",
                "benchmarks.cache.handler_probe",
                mode,
                str(count),
                json.dumps(event),
            ],
            {**variables, **extra, "PYTHONPATH": f"{BUILT / 'ApiFunction'}{os.pathsep}{ROOT}"},
        )

    def plain(mode: str, count: int) -> dict[str, Any]:
        argv = ["-m", "benchmarks.cache.plain_probe", mode, str(count), bucket, host_url]
        environment = stack.settings.aws_environment() | {HOST_HEADERS: json.dumps(host_headers)}
        return _probe([sys.executable, *argv], environment)

    for number in range(ROUNDS):
        print(f"round {number + 1} of {ROUNDS}", flush=True)
        _add(samples, "memory_hit", ours("hits", HITS)["times_ms"])
        _add(samples, "s3_hit", ours("hits", HITS, CACHE_BACKEND="s3")["times_ms"])
        _add(samples, "plain_hit", plain("hits", HITS)["times_ms"])
        _add(samples, "miss", (missed := ours("misses", MISSES))["times_ms"])
        _add(samples, "plain_miss", (plain_missed := plain("misses", MISSES))["times_ms"])
        _add(samples, "host_alone", _host_alone(host_url, host_headers))
        cold["api"].append(missed["import_s"])
        cold["plain"].append(plain_missed["import_s"])
    imports = {name: _import_s(name, variables) for name in _functions()}
    return _result(samples, cold, imports)


def _result(
    samples: Mapping[str, Sequence[float]],
    cold: Mapping[str, Sequence[float]],
    imports: Mapping[str, Sequence[float]],
) -> dict[str, Any]:
    median = {name: statistics.median(times) for name, times in samples.items()}
    return {
        "command": "make bench",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": {
            "cpu": _cpu_model(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "summary": {
            "memory_hit_ms": median["memory_hit"],
            "memory_hit_p95_ms": _p95(samples["memory_hit"]),
            "s3_hit_ms": median["s3_hit"],
            "s3_hit_p95_ms": _p95(samples["s3_hit"]),
            "plain_hit_ms": median["plain_hit"],
            "plain_hit_p95_ms": _p95(samples["plain_hit"]),
            "memory_hit_ratio": median["plain_hit"] / median["memory_hit"],
            "s3_hit_ratio": median["plain_hit"] / median["s3_hit"],
            "miss_overhead_ms": median["miss"] - median["host_alone"],
            "plain_miss_overhead_ms": median["plain_miss"] - median["host_alone"],
            "host_alone_ms": median["host_alone"],
            "import_s": {name: statistics.median(times) for name, times in imports.items()},
            "plain_import_s": statistics.median(cold["plain"]),
            "package_mib": {name: _size_mib(BUILT / name) for name in imports},
        },
        "samples_ms": {name: [round(t, 3) for t in times] for name, times in samples.items()},
        "import_samples_s": {name: list(times) for name, times in imports.items()},
    }


def _function_variables(stack: LocalStack) -> dict[str, str]:
    """The environment that the deployed api function has, plus the way to MiniStack."""
    functions = boto3.client("lambda").list_functions()["Functions"]
    [api] = [f for f in functions if "ApiFunction" in f["FunctionName"]]
    return {
        **api["Environment"]["Variables"],
        **stack.settings.aws_environment(),
        "POWERTOOLS_TRACE_DISABLED": "1",
    }


def _probe(argv: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        argv, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    marked = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if done.returncode != 0 or not marked:
        raise SystemExit(f"{argv[2]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(marked[-1].removeprefix("RESULT "))
    return result


def _host_alone(host_url: str, headers: Mapping[str, str]) -> list[float]:
    """What the host itself takes for texts like those of the misses."""
    times = []
    with httpx.Client(headers=headers) as client:
        for _ in range(MISSES):
            body = {"text": new_text(), "format": "wav"}
            begun = time.perf_counter()
            client.post(f"{host_url}/synthesize", json=body, timeout=60).raise_for_status()
            times.append((time.perf_counter() - begun) * 1000)
    return times


def _functions() -> list[str]:
    return sorted(path.name for path in BUILT.iterdir() if path.is_dir())


def _import_s(name: str, variables: Mapping[str, str]) -> list[float]:
    """Seconds that a fresh Python takes to import the handler, five times."""
    module = name.removesuffix("Function").lower() + ".app"
    code = (
        "import time; begun = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - begun)"
    )
    environment = {**variables, "PYTHONPATH": str(BUILT / name)}
    times = []
    for _ in range(6):
        done = subprocess.run(
            [BARE_PYTHON, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        times.append(float(done.stdout.splitlines()[-1]))
    return times[1:]  # the first one wrote the byte code


def _add(samples: dict[str, list[float]], name: str, times: Sequence[float]) -> None:
    samples.setdefault(name, []).extend(times)


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[18]


def _size_mib(folder: Path) -> float:
    files = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return sum(path.stat().st_size for path in files if path.is_file()) / 2**20


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
