"""How far a pack's decoder is from a reference: both are given the same tokens, step by step.

Fed with the reference's own tokens, one wrong choice does not change what is compared after it.
Needs neither torch nor TTS; the reference's tokens and latents are given.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model_host.engines.xtts.decoder import Decoder
from model_host.engines.xtts.sampling import PREFIX_TOKEN

Float32 = npt.NDArray[np.float32]

EQUAL_DB = 300.0
"""More than float32 can differ by, and unlike infinity a number in JSON."""


@dataclass(frozen=True, slots=True)
class ForcedSpeech:
    """A sentence as the reference decoded it greedily.

    Attributes:
        text_tokens: without the start and the stop.
        voice: float32 [voice_positions, width].
        tokens: audio tokens, without the start.
        latents: float32 [tokens, width], the reference's.
        repetition_penalty: that the greedy choice was made with.
    """

    text_tokens: Sequence[int]
    voice: Float32
    tokens: Sequence[int]
    latents: Float32
    repetition_penalty: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a pack's decoder did.

    Attributes:
        latents: float32 [tokens, width].
        latents_db: signal to noise of the latents, dB.
        agreed: how many tokens the pack would have chosen too.
        tokens: how many there were.
        prompt_s: seconds of the first step.
        steps_s: seconds of all others.
    """

    latents: Float32
    latents_db: float
    agreed: int
    tokens: int
    prompt_s: float
    steps_s: float


def force(decoder: Decoder, speech: ForcedSpeech, *, may_stop: bool = False) -> Agreement:
    """Lead a decoder through a sentence.

    Args:
        decoder: warmed up.
        speech: what to lead it through.
        may_stop: whether the stop token may be chosen; not where the reference was kept from it.
    """
    dims = decoder.dims
    voice_key = hashlib.sha256(speech.voice.tobytes()).hexdigest()
    sequence = decoder.begin(voice_key, speech.voice)
    try:
        started_at = time.perf_counter()
        output = decoder.step([decoder.prompt(sequence, speech.text_tokens)])
        prompt_s = time.perf_counter() - started_at
        latents, agreed, seen = [output.latents[0]], 0, {PREFIX_TOKEN, dims.start_audio}
        for number, token in enumerate(speech.tokens):
            scores = _penalised(output.logits[0], seen, speech.repetition_penalty)
            if not may_stop:
                scores[dims.stop_audio] = -np.inf
            agreed += int(scores.argmax()) == token
            seen.add(token)
            if number + 1 < len(speech.tokens):
                output = decoder.step([decoder.audio_token(sequence, token)])
                latents.append(output.latents[0])
    finally:
        decoder.end(sequence)
    return Agreement(
        latents=np.stack(latents),
        latents_db=snr_db(speech.latents, np.stack(latents)),
        agreed=agreed,
        tokens=len(speech.tokens),
        prompt_s=prompt_s,
        steps_s=time.perf_counter() - started_at - prompt_s,
    )


def snr_db(expected: Float32, found: Float32) -> float:
    """Signal to noise of `found`, dB; both of one shape. Equal ones have `EQUAL_DB`."""
    signal, noise = (np.square(x, dtype=np.float64).sum() for x in (expected, found - expected))
    return EQUAL_DB if not noise else float(10 * np.log10(signal / noise))


def _penalised(logits: Float32, seen: set[int], penalty: float) -> Float32:
    scores, ids = logits.copy(), sorted(seen)
    scores[ids] = np.where(scores[ids] < 0, scores[ids] * penalty, scores[ids] / penalty)
    return scores
