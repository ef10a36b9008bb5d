"""The one thread that works: it decodes and voices all passages, slice by slice.

Decoder and vocoder take turns on all cores. Running them side by side on a core each is slower:
the decoder waits for memory, and the vocoder's cores would wait for it.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass
from threading import Condition, Thread

import numpy as np
import numpy.typing as npt

from model_host.engines.base import AudioChunk, EngineError, Samples
from model_host.engines.xtts.decoder import Decoder, Feed
from model_host.engines.xtts.pacing import Pace, lead_needed_s
from model_host.engines.xtts.passages import Candidate, Passage, PassagePiece
from model_host.engines.xtts.scheduler import (
    Limits,
    is_urgent,
    to_admit,
    to_step,
    to_voice,
)
from model_host.engines.xtts.vocoder import Vocoder

Float32 = npt.NDArray[np.float32]

_log = logging.getLogger(__name__)

_RATE_WINDOW_S = 60.0

_FRAME_S_WEIGHT = 0.1
"""Of the newest window in the mean of what the vocoder takes."""

_LEAD_MARGIN_S = 0.01
"""What a step or a window may take longer than those before it."""


@dataclass(slots=True)
class Counts:
    """What the synthesizer has done since it began; read by metrics from other threads.

    Attributes:
        tokens: audio tokens decoded.
        steps: passes of the decoder; `tokens / steps` is the mean batch.
        decode_s: seconds spent in the decoder.
        voice_s: seconds spent in the vocoder.
        audio_s: seconds of audio put out.
        finished: passages that ended well.
        cancelled: passages that nobody wanted any more.
        failed: passages that a fault ended.
        unstopped: pieces whose best candidate ran into the limit of tokens.
    """

    tokens: int = 0
    steps: int = 0
    decode_s: float = 0.0
    voice_s: float = 0.0
    audio_s: float = 0.0
    finished: int = 0
    cancelled: int = 0
    failed: int = 0
    unstopped: int = 0


class Synthesizer:
    """Speaks passages; `submit` from any thread."""

    def __init__(
        self,
        decoder: Decoder,
        vocoder: Vocoder,
        limits: Limits,
        *,
        seconds_per_token: float,
        exact_tokens: int | None = None,
    ) -> None:
        """Prepare; nothing runs before `start`.

        Args:
            decoder: used by this thread alone from now on.
            vocoder: likewise.
            limits: how much may be decoded at once.
            seconds_per_token: audio that a token lasts, s.
            exact_tokens: make every piece exactly this long, for benchmarks.
        """
        self.counts = Counts()
        self.decoder = decoder
        self.vocoder = vocoder
        self.limits = limits
        self._seconds_per_token = seconds_per_token
        self._frame_s = 0.0
        self._shortest = exact_tokens or 0
        self._longest = min(
            exact_tokens or decoder.dims.max_new_tokens, decoder.dims.max_new_tokens
        )
        self._changed = Condition()
        self._arrived: deque[Passage] = deque()
        self._passages: list[Passage] = []
        self._closing = False
        self._tokens_at: deque[tuple[float, int]] = deque()
        self._thread = Thread(target=self._run, name="synthesizer", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def submit(self, passage: Passage) -> None:
        """Speak a passage: its audio comes out of `passage.output`, then None or an exception."""
        with self._changed:
            if self._closing:
                passage.output.put(EngineError("the engine is closed"))
                return
            self._arrived.append(passage)
            self._changed.notify()

    def wake(self) -> None:
        """Look at the passages again, because one was cancelled."""
        with self._changed:
            self._changed.notify()

    def close(self) -> None:
        """Stop; passages that are not complete end with an error. Idempotent."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def rows(self) -> int:
        """Candidates that the decoder holds now."""
        return sum(len(passage.active()) for passage in list(self._passages))

    @property
    def passages(self) -> int:
        """Passages being spoken or waiting for a row."""
        return len(self._passages) + len(self._arrived)

    def tokens_per_s(self) -> float:
        """Audio tokens decoded a second, over the last minute."""
        since = time.monotonic() - _RATE_WINDOW_S
        recent = sum(rows for at, rows in list(self._tokens_at) if at > since)
        return recent / _RATE_WINDOW_S

    def _run(self) -> None:
        while self._collect():
            try:
                self._turn()
            except Exception:  # noqa: BLE001 - whatever a runtime raises; no text is in it
                _log.exception("synthesis failed")
                self._fail_all("synthesis failed")
        self._fail_all("the engine is closed")

    def _collect(self) -> bool:
        """Wait for work, take in what arrived; False when it is time to stop."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._arrived or self._passages)
            self._passages.extend(self._arrived)
            self._arrived.clear()
            return not self._closing

    def _turn(self) -> None:
        """One slice of decoding and one of voicing."""
        for passage in [p for p in self._passages if p.unwanted]:
            self.counts.cancelled += 1
            self._finish(passage, None)
        self._decode()
        self._offer_latents()
        due = to_voice(self._passages, time.monotonic())
        if due is not None:
            self._voice(due)

    def _decode(self) -> None:
        stepping = to_step(self._passages, time.monotonic())
        admitted = to_admit(self._passages, self.limits, time.monotonic())
        if any(passage.live for passage, _, _ in admitted):
            # Bulk neither prompts nor steps while a live passage begins.
            admitted = [entry for entry in admitted if entry[0].live]
            stepping = [entry for entry in stepping if entry[0].live]
        elif any(is_urgent(passage, time.monotonic()) for passage, _, _ in stepping):
            admitted = []
        feeds = [self._next_feed(candidate) for _, _, candidate in stepping]
        feeds += [self._first_feed(*entry) for entry in admitted]
        if not feeds:
            return
        started_at = time.perf_counter()
        output = self.decoder.step(feeds)
        rows = [(piece, candidate) for _, piece, candidate in (*stepping, *admitted)]
        for index, (_, candidate) in enumerate(rows):
            self._extend(candidate, output.latents[index], output.logits[index])
        self._count_step(len(rows), time.perf_counter() - started_at)

    def _first_feed(self, passage: Passage, piece: PassagePiece, candidate: Candidate) -> Feed:
        candidate.sequence = self.decoder.begin(passage.voice_key, passage.voice.gpt_cond_latents)
        return self.decoder.prompt(candidate.sequence, piece.text_tokens)

    def _next_feed(self, candidate: Candidate) -> Feed:
        if candidate.sequence is None or candidate.last_token is None:
            raise RuntimeError("a candidate steps only after its prompt")
        return self.decoder.audio_token(candidate.sequence, candidate.last_token)

    def _extend(self, candidate: Candidate, latent: Float32, logits: Float32) -> None:
        stop = self.decoder.dims.stop_audio
        candidate.add(latent, time.monotonic())
        if len(candidate.latents) <= self._shortest:
            logits[stop] = -np.inf
        choice = candidate.sampler.choose(logits)
        candidate.last_token = choice.token
        candidate.log_probability += choice.log_probability
        candidate.stopped = choice.token == stop
        if candidate.stopped or len(candidate.latents) >= self._longest:
            self._end(candidate)

    def _end(self, candidate: Candidate) -> None:
        candidate.ended = True
        if candidate.sequence is not None:
            self.decoder.end(candidate.sequence)
            candidate.sequence = None

    def _offer_latents(self) -> None:
        """Give every rendering the latents that are due; a new one begins when there are some."""
        for passage in self._passages:
            piece = passage.current
            if piece.rendering is None and piece.feedable(streaming=passage.streaming):
                piece.rendering = self.vocoder.open(passage.voice.speaker_embedding, passage.speed)
            passage.feed(self._seconds_per_token)

    def _voice(self, passage: Passage) -> None:
        piece = passage.current
        if piece.rendering is None:
            raise RuntimeError("a passage is voiced only while its piece is rendered")
        started_at, run_before = time.perf_counter(), piece.rendering.frames_run
        samples = piece.rendering.render()
        took_s, run = time.perf_counter() - started_at, piece.rendering.frames_run - run_before
        self.counts.voice_s += took_s
        if run:
            recent_s = self._frame_s or took_s / run
            self._frame_s = recent_s + _FRAME_S_WEIGHT * (took_s / run - recent_s)
        if len(samples):
            self._add_audio(passage, samples)
        if piece.rendering.done:
            self._end_piece(passage, piece)
        if passage.first_audio_at is None and self._may_begin(passage):
            passage.put_out(time.monotonic())

    def _may_begin(self, passage: Passage) -> bool:
        """Whether a player that began now would not run dry."""
        piece = passage.current if not passage.done else None
        latent_s = piece.candidates[0].latent_s if piece else None
        if not passage.streaming or piece is None or piece.rendering is None or latent_s is None:
            return True
        pace = Pace(latent_s, self._frame_s).at_worst()
        per_token_s, per_frame_s = self._seconds_per_token, self.vocoder.seconds_per_frame
        lead_s = lead_needed_s(
            piece.rendering.ahead(piece.expected_latents(per_token_s)),
            latents=len(piece.candidates[0].latents),
            pace=pace,
            seconds_per_frame=per_frame_s,
        )
        later = sum(
            after.expected_latents(per_token_s) for after in passage.pieces[passage.voicing + 1 :]
        )
        behind_s = max(0.0, latent_s + self._frame_s * per_token_s / per_frame_s - per_token_s)
        return passage.audio_s >= lead_s + later * behind_s + _LEAD_MARGIN_S

    def _end_piece(self, passage: Passage, piece: PassagePiece) -> None:
        self.counts.unstopped += not piece.best(self._seconds_per_token).stopped
        piece.rendering = None
        passage.voicing += 1
        if passage.done:
            self.counts.finished += 1
            self._finish(passage, None)

    def _add_audio(self, passage: Passage, samples: Samples) -> None:
        chunk = AudioChunk(samples, self.vocoder.sample_rate_hz, passage.voicing)
        self.counts.audio_s += chunk.duration_s
        passage.add(chunk)

    def _finish(self, passage: Passage, outcome: Exception | None) -> None:
        if outcome is None:
            passage.put_out(time.monotonic())
        for piece in passage.pieces:
            for candidate in piece.candidates:
                self._end(candidate)
        self._passages.remove(passage)
        passage.output.put(outcome)

    def _fail_all(self, reason: str) -> None:
        with self._changed:
            self._passages.extend(self._arrived)
            self._arrived.clear()
        for passage in list(self._passages):
            self.counts.failed += 1
            self._finish(passage, EngineError(reason))

    def _count_step(self, rows: int, took_s: float) -> None:
        self.counts.tokens += rows
        self.counts.steps += 1
        self.counts.decode_s += took_s
        now = time.monotonic()
        self._tokens_at.append((now, rows))
        while self._tokens_at[0][0] < now - _RATE_WINDOW_S:
            self._tokens_at.popleft()
