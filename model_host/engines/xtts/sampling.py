"""Choosing the next audio token as `transformers` does for the reference.

The order is that of its `generate`: repetition penalty (Keskar et al., arXiv:1909.05858),
temperature, top-k (Fan et al., arXiv:1805.04833), top-p (Holtzman et al., arXiv:1904.09751).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

PREFIX_TOKEN = 1
"""The reference stands this id for every position of the prompt, so its penalty hits it too."""


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """As the checkpoint's config has them.

    Attributes:
        temperature: divides the logits; > 0.
        top_k: how many tokens stay eligible; 0 for all.
        top_p: smallest probability mass that stays eligible; 1 for all.
        repetition_penalty: 1 for none.
    """

    temperature: float
    top_k: int
    top_p: float
    repetition_penalty: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A token and the natural logarithm of the probability it was drawn with."""

    token: int
    log_probability: float


class Sampler:
    """Draws the audio tokens of one sequence and remembers them for the penalty."""

    def __init__(
        self, settings: SamplingSettings, audio_tokens: int, start_audio: int, seed: object = None
    ) -> None:
        """Begin a sequence.

        Args:
            settings: how to draw.
            audio_tokens: size of the vocabulary.
            start_audio: the token that the audio began with.
            seed: whatever `numpy.random.default_rng` takes; None draws from chance.
        """
        self._settings = settings
        self._seen = np.zeros(audio_tokens, dtype=bool)
        self._seen[[PREFIX_TOKEN, start_audio]] = True
        self._random = np.random.default_rng(seed)  # type: ignore[arg-type]

    def choose(self, logits: Float32) -> Choice:
        """Draw a token from the logits, float32 [audio_tokens]."""
        tokens, probabilities = self._eligible(logits)
        cumulative = np.cumsum(probabilities)
        drawn = np.searchsorted(cumulative, self._random.random() * cumulative[-1], "right")
        place = min(int(drawn), len(tokens) - 1)
        self._seen[tokens[place]] = True
        return Choice(int(tokens[place]), math.log(probabilities[place]))

    def distribution(self, logits: Float32) -> Float64:
        """The probabilities that `choose` draws from, float64 [audio_tokens], summing to 1."""
        tokens, probabilities = self._eligible(logits)
        whole = np.zeros(len(logits))
        whole[tokens] = probabilities
        return whole

    def _eligible(self, logits: Float32) -> tuple[npt.NDArray[np.intp], Float64]:
        """The tokens that may be drawn and their probabilities.

        Few operations on few numbers: while this runs, the runtime's threads fall asleep, and it
        takes milliseconds to wake them.
        """
        settings = self._settings
        scores = logits.astype(np.float64)
        seen = scores[self._seen]
        penalty = settings.repetition_penalty
        scores[self._seen] = np.where(seen < 0, seen * penalty, seen / penalty)
        scores /= settings.temperature
        worst = -np.inf
        if 0 < settings.top_k < len(scores):
            worst = np.partition(scores, -settings.top_k)[-settings.top_k]
        tokens = np.flatnonzero((scores >= worst) & (scores > -np.inf))
        probabilities = _softmax(scores[tokens])
        if settings.top_p >= 1:
            return tokens, probabilities
        inside = _nucleus(probabilities, settings.top_p)
        kept = probabilities[inside]
        return tokens[inside], kept / kept.sum()


def _nucleus(probabilities: Float64, top_p: float) -> npt.NDArray[np.intp]:
    """Where all are, but the least likely that together have at most 1 - top_p."""
    rising = np.argsort(probabilities, kind="stable")
    tail = np.cumsum(probabilities[rising]) <= 1 - top_p
    tail[-1] = False  # the likeliest always stays
    return np.sort(rising[~tail])


def _softmax(scores: Float64) -> Float64:
    exponentials = np.exp(scores - scores.max())
    return np.asarray(exponentials / exponentials.sum())
