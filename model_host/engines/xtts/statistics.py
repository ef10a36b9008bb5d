"""What the packed engine says of itself to `/info` and `/metrics`."""

from __future__ import annotations

from functools import cache

import openvino as ov

from model_host.engines.base import EngineStatistics
from model_host.engines.xtts.pack_format import Pack
from model_host.engines.xtts.synthesizer import Synthesizer


@cache
def cpu_features() -> tuple[str, ...]:
    """What the runtime can compute in on this CPU (FP32, INT8, BF16, …)."""
    return tuple(ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))


def measure(pack: Pack, synthesizer: Synthesizer) -> EngineStatistics:
    """Read all that changes; the rest is read from the pack."""
    counts, decoder = synthesizer.counts, synthesizer.decoder
    return EngineStatistics(
        facts={
            "pack": pack.fingerprint,
            "decoder_precision": pack.manifest.precision,
            "vocoder_precision": synthesizer.vocoder.precision,
            "cpu_features": list(cpu_features()),
            "max_rows": synthesizer.limits.rows,
            "live_reserve": synthesizer.limits.live_reserve,
        },
        gauges={
            # A gauge, though it stays: alerts divide by it.
            "kv_blocks": decoder.pool.size,
            "rows": synthesizer.rows,
            "passages": synthesizer.passages,
            "tokens_per_second": synthesizer.tokens_per_s(),
            "kv_blocks_used": decoder.pool.used,
            "voice_prefixes": decoder.voices_held,
        },
        counters={
            "tokens": counts.tokens,
            "steps": counts.steps,
            "decode_seconds": counts.decode_s,
            "vocode_seconds": counts.voice_s,
            "audio_seconds": counts.audio_s,
            "passages_finished": counts.finished,
            "passages_cancelled": counts.cancelled,
            "passages_failed": counts.failed,
            "pieces_unstopped": counts.unstopped,
        },
    )
