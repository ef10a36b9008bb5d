"""What ran the benchmark, and how fast it can read the weights: the floor of a step."""

from __future__ import annotations

import math
import os
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from model_host.engines.xtts.tensors import TensorFile

_READ_BYTES = 256 * 2**20
_READS = 12
_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "amx_tile")


def describe_machine() -> dict[str, Any]:
    """CPU, cores, what it can compute with, memory, and how busy it was."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    fields = dict(line.split(":", 1) for line in info.splitlines() if ":" in line)
    named = {name.strip(): value.strip() for name, value in fields.items()}
    flags = set(named.get("flags", "").split())
    return {
        "cpu": named.get("model name", platform.processor() or "unknown"),
        "cores": len(os.sched_getaffinity(0)),
        "flags": [flag for flag in _FLAGS if flag in flags],
        "memory_gb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        "load_average_before": os.getloadavg()[0],
        "python": platform.python_version(),
    }


def memory_bandwidth_gb_s() -> float:
    """The most that all cores together read in a second, of several tries, in 10^9 bytes.

    Each core combines numbers of its own, more than any cache holds; numpy lets the others work
    meanwhile.
    """
    threads = len(os.sched_getaffinity(0))
    blocks = [np.ones(_READ_BYTES // 8, np.uint64) for _ in range(threads)]
    best_s = math.inf
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(_READS):
            begun = time.perf_counter()
            list(pool.map(np.bitwise_or.reduce, blocks))
            best_s = min(best_s, time.perf_counter() - begun)
    return threads * _READ_BYTES / best_s / 1e9


def bytes_a_step(decoder: Path) -> int:
    """Bytes of weights that every step of a pack's decoder has to read: all but the embeddings."""
    tensors = TensorFile(decoder).tensors
    read = ("layers.", "ln_f.", "final_norm.", "mel_head.")
    return sum(tensor.nbytes for name, tensor in tensors.items() if name.startswith(read))
