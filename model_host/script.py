"""A request as an engine is asked for it: its text in pieces, with the pauses between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model_host.audio.pauses import TAIL_SILENCE_S, pause_s
from model_host.engines.base import Engine, Utterance
from model_host.request import SpeechRequest
from model_host.text.pieces import Piece, spoken_pieces
from model_host.verification.checks import Line


@dataclass(frozen=True, slots=True)
class Effort:
    """How soon and how thoroughly a request is spoken beside others.

    Attributes:
        live: whether people wait for it.
        candidates: how often each piece is tried at once, to keep the best.
    """

    live: bool = True
    candidates: int = 1


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be said, piece by piece.

    Attributes:
        request: where it comes from.
        pieces: in order, at least one.
    """

    request: SpeechRequest
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, request: SpeechRequest, engine: Engine) -> Script:
        """Cut a request's text into pieces that fit an engine."""
        return cls(request, tuple(spoken_pieces(request.said.text, engine.fits)))

    @property
    def lines(self) -> list[Line]:
        """What is to be checked of each piece."""
        voice, speed = self.request.voice_id, self.request.speed
        return [Line(voice, piece.text, speed) for piece in self.pieces]

    @property
    def pauses_s(self) -> list[float]:
        """Quiet after each piece, in seconds; after the last it is that of a recording's end."""
        speed = self.request.speed
        between = [
            pause_s(ends_sentence=piece.ends_sentence, speed=speed) for piece in self.pieces[:-1]
        ]
        return [*between, TAIL_SILENCE_S]

    def utterance(
        self, indices: Sequence[int], effort: Effort, *, attempt: int = 0, streaming: bool = False
    ) -> Utterance:
        """Ask for some of the pieces.

        Args:
            indices: which, in order.
            effort: for whom.
            attempt: how often they were asked for before; each has a seed of its own.
            streaming: whether their audio is wanted as it is made.
        """
        request = self.request
        return Utterance(
            pieces=tuple(self.pieces[index].text for index in indices),
            voice=request.voice_id,
            speed=request.speed,
            seed=None if request.seed is None else _seed(request.seed, attempt),
            live=effort.live,
            streaming=streaming,
            candidates=effort.candidates,
        )


def _seed(seed: int, attempt: int) -> int:
    """The request's own seed first; then others that follow from it, 32 bits each."""
    if attempt == 0:
        return seed
    return int(np.random.SeedSequence([seed, attempt]).generate_state(1)[0])
