"""The one place where a request becomes audio: text → engine → checks → level → bytes."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import groupby
from threading import Event

import numpy as np

from model_host.audio.checks import check_chunk
from model_host.audio.codecs import open_encoder
from model_host.audio.formats import SAMPLE_RATE_HZ
from model_host.audio.levelling import Leveller
from model_host.audio.pauses import HEAD_SILENCE_S, MARGIN_FRAMES, assembled, silence
from model_host.engines.base import AudioChunk, Engine, Samples, Utterance
from model_host.request import SpeechRequest
from model_host.script import Effort, Script
from model_host.speaking_report import SpeakingReport
from model_host.verification.checks import Checks, Line
from model_host.verification.findings import Quality, Take, UnsoundSpeechError, quality_of
from model_host.verification.stream_guard import StreamGuard

STREAM_LEAD_FRAMES = 20
"""Quiet of the engine's own, at most 0.2 s, with which a stream may begin: the engine counts on its
player to play it while more is made."""

FEW_WORDS_CANDIDATES = 4
"""How often a few words are tried at once: four rows of one batch take 1.7 times what one takes."""


class Speaker:
    """Speaks requests with one engine; used from worker threads."""

    def __init__(self, engine: Engine, checks: Checks, leveller: Leveller) -> None:
        """Put together what stands between a request and its bytes.

        Args:
            engine: loaded.
            checks: say what is let through.
            leveller: makes it as loud as everything else.
        """
        self._engine = engine
        self._checks = checks
        self._leveller = leveller

    def whole(
        self, request: SpeechRequest, effort: Effort, report: SpeakingReport, cancelled: Event
    ) -> Generator[bytes, None, None]:
        """Speak, check the whole, and only then yield it as one piece.

        Raises:
            EngineError: synthesis failed.
            UnsoundSpeechError: what came out must not be heard, at the last attempt neither.
        """
        script = Script.of(request, self._engine)
        if self._rambles(script):
            effort = replace(effort, candidates=max(effort.candidates, FEW_WORDS_CANDIDATES))
        takes = self._takes(script, effort, report, cancelled)
        if cancelled.is_set():
            return
        report.quality = quality_of(takes, self._checks.passed)
        with report.checking():
            samples = self._leveller.whole(
                request.voice_id, assembled([take.samples for take in takes], script.pauses_s)
            )
        report.sent_s = len(samples) / SAMPLE_RATE_HZ
        with open_encoder(request.format, samples_total=len(samples)) as encoder:
            yield encoder.encode(samples) + encoder.finish()

    def stream(
        self, request: SpeechRequest, effort: Effort, report: SpeakingReport, cancelled: Event
    ) -> Generator[bytes, None, None]:
        """Speak and yield bytes as they are made; the first only once something audible was made.

        Few words, after which a sampling engine rambles, are spoken whole: they are soon said.

        Raises:
            EngineError: synthesis failed.
            UnsoundSpeechError: what came out must not be heard.
        """
        script = Script.of(request, self._engine)
        if self._rambles(script):
            yield from self.whole(request, effort, report, cancelled)
            return
        report.quality = Quality.STREAMED
        with open_encoder(request.format) as encoder:
            for samples in self._levelled(script, effort, report, cancelled):
                report.sent_s += len(samples) / SAMPLE_RATE_HZ
                if data := encoder.encode(samples):
                    yield data
            if not cancelled.is_set() and (data := encoder.finish()):
                yield data

    def _rambles(self, script: Script) -> bool:
        return self._engine.stochastic and self._checks.rambles(script.lines)

    def _takes(
        self, script: Script, effort: Effort, report: SpeakingReport, cancelled: Event
    ) -> list[Take]:
        """Speak all pieces, and those that are not sound again: the best take of each.

        Of no use where it was cancelled meanwhile.
        """
        lines = script.lines
        takes: dict[int, Take] = {}
        for attempt in range(self._checks.attempts if self._engine.stochastic else 1):
            due = [i for i in range(len(lines)) if i not in takes or not takes[i].sound]
            report.retries += len(due) if attempt else 0
            utterance = script.utterance(due, effort, attempt=attempt)
            spoken = self._spoken(utterance, report, cancelled) if due else []
            if cancelled.is_set():
                break
            for index, samples in zip(due, spoken, strict=True):
                take = self._examined(lines[index], samples, report)
                if index not in takes or take.better_than(takes[index]):
                    takes[index] = take
        return [takes[index] for index in sorted(takes)]

    def _spoken(
        self, utterance: Utterance, report: SpeakingReport, cancelled: Event
    ) -> list[Samples]:
        """Let the engine speak; the samples of each piece, none of one that it left out."""
        parts: list[list[Samples]] = [[silence(0)] for _ in utterance.pieces]
        for chunk in report.timed(self._engine.synthesize(utterance, cancelled)):
            check_chunk(chunk)
            parts[chunk.piece].append(chunk.samples)
        return [np.concatenate(samples) for samples in parts]

    def _examined(self, line: Line, samples: Samples, report: SpeakingReport) -> Take:
        with report.checking():
            take = self._checks.examine(line, samples)
        report.note(take.findings, ran_on=take.ran_on)
        if take.word_error_rate is not None:
            report.word_error_rates.append(take.word_error_rate)
        return take

    def _levelled(
        self, script: Script, effort: Effort, report: SpeakingReport, cancelled: Event
    ) -> Iterator[Samples]:
        """Yield a stream as loud as it should be."""
        leveller = self._leveller.stream(script.request.voice_id)
        for samples in self._guarded(script, effort, report, cancelled):
            with report.checking():
                levelled = leveller.push(samples)
            yield levelled
        if not cancelled.is_set():
            yield leveller.finish()

    def _guarded(
        self, script: Script, effort: Effort, report: SpeakingReport, cancelled: Event
    ) -> Iterator[Samples]:
        """Yield what of a stream may be heard, as it is made, and the quiet around it."""
        lines, pauses_s = script.lines, script.pauses_s
        utterance = script.utterance(range(len(lines)), effort, streaming=True)
        chunks = report.timed(self._engine.synthesize(utterance, cancelled))
        before = silence(HEAD_SILENCE_S)
        for turn, (index, of_piece) in enumerate(groupby(chunks, key=lambda chunk: chunk.piece)):
            if index != turn:
                break
            guard = StreamGuard(
                self._checks.plausible(lines[index]),
                lead_frames=MARGIN_FRAMES if index else STREAM_LEAD_FRAMES,
            )
            for passed in _passed(guard, of_piece, report):
                yield np.concatenate([before, passed])
                before = silence(0)
            if cancelled.is_set():
                return
            rest = guard.finish()
            report.note(guard.findings, ran_on=guard.ran_on)
            if not guard.findings:
                self._checks.heard(lines[index], guard.sound_s)
            quiet = silence(max(0.0, pauses_s[index] - guard.trailing_quiet_s))
            yield np.concatenate([before, rest, quiet])
            before = silence(0)
            if index + 1 == len(lines):
                # Whatever is still made of it is past its end: the engine is not heard out.
                return
        if not cancelled.is_set():
            raise UnsoundSpeechError("a piece of a stream is missing")


def _passed(
    guard: StreamGuard, chunks: Iterator[AudioChunk], report: SpeakingReport
) -> Iterator[Samples]:
    """What a guard lets through of a piece."""
    for chunk in chunks:
        check_chunk(chunk)
        with report.checking():
            passed = guard.push(chunk.samples)
        if len(passed):
            yield passed
        if guard.closed:
            return
