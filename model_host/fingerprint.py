"""The host's fingerprint: changes exactly when the same text would sound different."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from model_host.engines.base import EngineDescription, Voice


def fingerprint(
    description: EngineDescription, voices: Sequence[Voice], processing: Mapping[str, str]
) -> str:
    """Return 16 hex digits of SHA-256 over the canonical JSON of all that shapes the sound.

    Of the voices only the default counts: it is what a request gets that names none. A voice that
    is added changes how no other sounds, and whoever keeps recordings keeps them by voice.

    Args:
        description: what speaks.
        voices: the default first.
        processing: versions and settings of what stands before and behind the engine.
    """
    canonical = json.dumps(
        {
            "engine": description.engine,
            "model": description.model,
            "versions": dict(description.versions),
            "voice": [voices[0].id, voices[0].language],
            "processing": dict(processing),
        },
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
