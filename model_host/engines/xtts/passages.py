"""What is being spoken: passages, their pieces, and the candidates of each piece.

A passage is one request. Its pieces are decoded side by side and voiced in order; every piece has
one candidate or several, of which the best is voiced.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event

import numpy as np
import numpy.typing as npt

from model_host.engines.base import AudioChunk
from model_host.engines.xtts.decoder import TokenSequence
from model_host.engines.xtts.sampling import Sampler
from model_host.engines.xtts.vocoder import Rendering
from model_host.engines.xtts.voice_latents import VoiceLatents
from model_host.text.pieces import SECONDS_PER_CHARACTER

Float32 = npt.NDArray[np.float32]

_UNSTOPPED_PENALTY = 4.0
_DURATION_WEIGHT = 1.0

COMFORTABLE_SLACK_S = 0.8
"""A stream with less audio ahead of its player than this goes before everything else.

A step full of others' prompts lasts up to 0.25 s, the 11 tokens of the longest window 0.3 s."""


@dataclass(slots=True, eq=False)
class Candidate:
    """One attempt at a piece.

    Attributes:
        sampler: draws its tokens.
        sequence: its place in the decoder; None before it is admitted and after it ended.
        last_token: the token to be fed next; None before the prompt was.
        latents: what the vocoder will voice, one of float32 [width] for each token.
        log_probability: of all tokens together, natural logarithm.
        stopped: whether it ended by itself, not at the limit.
        ended: whether it is complete.
        latents_at: `time.monotonic()` of each latent.
    """

    sampler: Sampler
    sequence: TokenSequence | None = None
    last_token: int | None = None
    latents: list[Float32] = field(default_factory=list)
    log_probability: float = 0.0
    stopped: bool = False
    ended: bool = False
    latents_at: list[float] = field(default_factory=list)

    def add(self, latent: Float32, now: float) -> None:
        """Take in what a step gave: float32 [width]."""
        self.latents.append(latent)
        self.latents_at.append(now)

    @property
    def latent_s(self) -> float | None:
        """Seconds from one latent to the next: the median so far; None before there are two.

        Not the mean, which would hold what the vocoder takes of its own audio now and then.
        """
        if len(self.latents_at) <= 1:
            return None
        return float(np.median(np.diff(self.latents_at)))

    def score(self, characters: int, seconds_per_token: float) -> float:
        """How trustworthy it is; higher is better, 0 would be certain and of typical length.

        The mean log-probability of its tokens, less the logarithmic distance of its duration from
        `SECONDS_PER_CHARACTER`, less a penalty if it never came to an end: babble runs on, and is
        unlikely under the model that made it.

        Args:
            characters: length of the piece's text.
            seconds_per_token: audio that one token lasts.
        """
        tokens = max(len(self.latents), 1)
        expected_s = max(characters, 1) * SECONDS_PER_CHARACTER
        stretch = abs(math.log(tokens * seconds_per_token / expected_s))
        mean = self.log_probability / tokens
        return mean - _DURATION_WEIGHT * stretch - (0 if self.stopped else _UNSTOPPED_PENALTY)


@dataclass(slots=True, eq=False)
class PassagePiece:
    """A piece of a passage on its way.

    Attributes:
        text_tokens: what the decoder is prompted with.
        characters: length of its text.
        candidates: its attempts.
        rendering: its audio being made; None before there is anything to voice.
        fed: how many latents the rendering has got.
        complete: whether it has got all.
    """

    text_tokens: Sequence[int]
    characters: int
    candidates: list[Candidate]
    rendering: Rendering | None = None
    fed: int = 0
    complete: bool = False

    def feed(self, *, streaming: bool, seconds_per_token: float) -> None:
        """Give the rendering what it can have: the best candidate, or a stream's only one so far.

        Args:
            streaming: whether audio is wanted before the piece is decoded.
            seconds_per_token: audio that one token lasts.
        """
        if self.rendering is None or self.complete:
            return
        if self.decoded:
            candidate, self.complete = self.best(seconds_per_token), True
        elif streaming:
            candidate = self.candidates[0]
        else:
            return
        latents = candidate.latents[self.fed :]
        if latents or self.complete:
            width = candidate.latents[0].shape[0]
            due = np.array(latents, np.float32).reshape(-1, width)
            self.rendering.feed(due, final=self.complete)
        self.fed += len(latents)

    @property
    def decoded(self) -> bool:
        """Whether every candidate is complete."""
        return all(candidate.ended for candidate in self.candidates)

    def feedable(self, *, streaming: bool) -> bool:
        """Whether there is anything to begin a rendering with."""
        return self.decoded or (streaming and bool(self.candidates[0].latents))

    def expected_latents(self, seconds_per_token: float) -> int:
        """How many it will have in the end; of one that is decoded, how many it has."""
        decoded = len(self.candidates[0].latents)
        if self.decoded:
            return decoded
        typical = math.ceil(self.characters * SECONDS_PER_CHARACTER / seconds_per_token)
        return max(decoded + 1, typical)

    def best(self, seconds_per_token: float) -> Candidate:
        """The candidate to voice; of one there is no choice."""
        return max(
            self.candidates,
            key=lambda candidate: candidate.score(self.characters, seconds_per_token),
        )


@dataclass(slots=True, eq=False)
class Passage:
    """One request on its way.

    Attributes:
        pieces: in the order of the text.
        voice: whose latents prompt the decoder and colour the vocoder.
        voice_key: names those latents.
        speed: rate of speech relative to the voice's own.
        live: whether people wait for it.
        streaming: whether its audio is wanted as it is made; then each piece has one candidate.
        cancelled: set by the caller when nobody wants it any more.
        abandoned: set when nobody takes its output any more.
        output: its audio; then None, or the exception that ended it.
        voicing: index of the piece that is being voiced.
        started_at: `time.monotonic()` of its submission.
        held: audio of a stream that has not begun.
        first_audio_at: when audio was first put out; None before.
        audio_s: seconds of audio made, `held` included.
    """

    pieces: list[PassagePiece]
    voice: VoiceLatents
    voice_key: str
    speed: float
    live: bool
    streaming: bool
    cancelled: Event
    abandoned: Event = field(default_factory=Event)
    output: SimpleQueue[AudioChunk | Exception | None] = field(default_factory=SimpleQueue)
    voicing: int = 0
    held: list[AudioChunk] = field(default_factory=list)
    started_at: float = field(default_factory=time.monotonic)
    first_audio_at: float | None = None
    audio_s: float = 0.0

    @property
    def current(self) -> PassagePiece:
        """The piece that is being voiced."""
        return self.pieces[self.voicing]

    @property
    def unwanted(self) -> bool:
        """Whether it can be dropped."""
        return self.cancelled.is_set() or self.abandoned.is_set()

    @property
    def done(self) -> bool:
        """Whether all its audio has been put out."""
        return self.voicing >= len(self.pieces)

    def add(self, chunk: AudioChunk) -> None:
        """Take in audio that was made; a stream that has not begun holds it."""
        self.audio_s += chunk.duration_s
        self.held.append(chunk)
        if self.first_audio_at is not None:
            self.put_out(self.first_audio_at)

    def put_out(self, now: float) -> None:
        """Let go of what is held; from now on nothing is."""
        if self.first_audio_at is None and self.held:
            self.first_audio_at = now
        for chunk in self.held:
            self.output.put(chunk)
        self.held.clear()

    def active(self) -> list[tuple[PassagePiece, Candidate]]:
        """The candidates that the decoder holds."""
        return [
            (piece, candidate)
            for piece in self.pieces
            for candidate in piece.candidates
            if candidate.sequence is not None
        ]

    def feed(self, seconds_per_token: float) -> None:
        """Give the current piece's rendering what it can have."""
        self.current.feed(streaming=self.streaming, seconds_per_token=seconds_per_token)

    def waiting(self, now: float) -> list[tuple[PassagePiece, Candidate]]:
        """The candidates that may be admitted now, in order."""
        return [
            (piece, candidate)
            for piece in self._due(now)
            for candidate in piece.candidates
            if candidate.sequence is None and not candidate.ended
        ]

    def stepping(self, now: float) -> list[tuple[PassagePiece, Candidate]]:
        """The candidates that get their next token now."""
        return [
            (piece, candidate)
            for piece in self._due(now)
            for candidate in piece.candidates
            if candidate.sequence is not None
        ]

    def _due(self, now: float) -> list[PassagePiece]:
        """The pieces to decode: while a stream's player has little ahead, only the next it lacks.

        Prompts take time, and fewer rows make faster steps.
        """
        pieces = [piece for piece in self.pieces if not piece.decoded]
        hurried = self.streaming and self.slack_s(now) < COMFORTABLE_SLACK_S
        return pieces[:1] if hurried else pieces

    def slack_s(self, now: float) -> float:
        """Seconds until a player that started with the first chunk would run dry."""
        if self.first_audio_at is None:
            return 0.0
        return self.first_audio_at + self.audio_s - now
