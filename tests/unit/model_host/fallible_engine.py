"""Engines that say what they are told to, or what chance makes of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

from model_host.engines.base import AudioChunk, EngineDescription, Samples, Utterance, Voice
from tests.unit.model_host.signals import RATE_HZ, joined, quiet, speech

CHUNK = RATE_HZ // 10

Say = Callable[[str], Samples]


@dataclass
class ScriptedEngine:
    """Says each piece as its script has it for that attempt; the last entry stays in force."""

    script: Sequence[Say]
    stochastic: bool = True
    max_concurrency: int = 1
    live_reserve: int = 0
    asked: list[Utterance] = field(default_factory=list)
    _said: dict[str, int] = field(default_factory=dict)

    @property
    def voices(self) -> tuple[Voice, ...]:
        return (Voice("default", "Voz", "pt-BR"),)

    def load(self) -> None:
        """Nothing to load."""

    def describe(self) -> EngineDescription:
        return EngineDescription("scripted", "scripted/voice", "cpu", None, {"script": "1"})

    def fits(self, text: str) -> bool:
        return len(text) <= 203

    def synthesize(self, utterance: Utterance, cancelled: Event) -> Iterator[AudioChunk]:
        self.asked.append(utterance)
        for index, text in enumerate(utterance.pieces):
            samples = self._say(text, utterance)
            for start in range(0, len(samples), CHUNK):
                if cancelled.is_set():
                    return
                yield AudioChunk(samples[start : start + CHUNK], RATE_HZ, index)

    def close(self) -> None:
        """Nothing to free."""

    def _say(self, text: str, _utterance: Utterance) -> Samples:
        attempt = self._said.get(text, 0)
        self._said[text] = attempt + 1
        return self.script[min(attempt, len(self.script) - 1)](text)


class RamblingEngine(ScriptedEngine):
    """After a few words it talks on, with a probability: after a pause, at once, or in noise.

    Of several candidates it puts out the one whose length is likeliest, as XTTS does.
    """

    def __init__(self, probability: float, seed: int) -> None:
        super().__init__([speech])
        self._probability = probability
        self._chance = random.Random(seed)  # noqa: S311 - repeatable, no secret

    def _say(self, text: str, utterance: Utterance) -> Samples:
        expected = len(text) * 0.07 * RATE_HZ
        candidates = [self._attempt(text) for _ in range(utterance.candidates)]
        return min(candidates, key=lambda samples: abs(len(samples) - expected))

    def _attempt(self, text: str) -> Samples:
        if len(text.split()) > 3 or self._chance.random() >= self._probability:
            return speech(text)
        words = " ".join(self._chance.sample(BABBLED, self._chance.randint(3, 12)))
        gap_s = self._chance.choice((0.0, 0.05, 0.65, 0.9))
        return joined(speech(text), quiet(gap_s), speech(words))


BABBLED = [
    *("ora", "bora", "lalá", "mima", "zuque", "trenó"),
    *("pata", "fofa", "guelra", "sisuda", "nhaca", "vamos"),
]
