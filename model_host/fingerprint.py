"""The host's fingerprint: changes exactly when the same text would sound different."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from model_host.engines.base import EngineDescription, Voice
from model_host.text.normalizer import NORMALIZER_VERSION


def fingerprint(description: EngineDescription, voices: Sequence[Voice]) -> str:
    """Return 16 hex digits of SHA-256 over the canonical JSON of all that shapes the sound.

    Of the voices only the default counts: it is what a request gets that names none. A voice that
    is added changes how no other sounds, and whoever keeps recordings keeps them by voice.

    Args:
        description: what speaks.
        voices: the default first.
    """
    canonical = json.dumps(
        {
            "engine": description.engine,
            "model": description.model,
            "versions": dict(description.versions),
            "voice": [voices[0].id, voices[0].language],
            "normalizer": NORMALIZER_VERSION,
        },
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
