"""eSpeak NG's speech, to be checked and levelled."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

import numpy as np

from model_host.engines.base import Samples, Utterance
from model_host.engines.espeak.engine import EspeakEngine


def spoken(texts: Sequence[str]) -> list[Samples]:
    """Say each text as a piece: shape (n,) each, float32, at the host's rate."""
    engine = EspeakEngine()
    engine.load()
    try:
        utterance = Utterance(tuple(texts), engine.voices[0].id)
        parts: list[list[Samples]] = [[] for _ in texts]
        for chunk in engine.synthesize(utterance, Event()):
            parts[chunk.piece].append(chunk.samples)
    finally:
        engine.close()
    return [np.concatenate(samples) for samples in parts]
