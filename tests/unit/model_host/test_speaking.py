"""From request to bytes: what is checked, and when."""

from __future__ import annotations

from threading import Event
from typing import Any

import numpy as np
import pytest

from model_host.audio.resampling import StreamResampler
from model_host.engines.base import EngineError, Utterance
from model_host.request import SpeechRequest, parse_speech_request
from model_host.speaking import Effort, SpeakingTimes, speak_stream, speak_whole
from tests.unit.model_host.fake_engine import FakeEngine, tone


def request(text: str = "Maria", **fields: Any) -> SpeechRequest:
    return parse_speech_request({"text": text, "format": "pcm", **fields}, ["default", "second"])


def test_given_a_request_when_spoken_whole_then_one_piece_holds_all_of_it() -> None:
    times = SpeakingTimes()

    pieces = list(speak_whole(FakeEngine(), request(), Effort(), times, Event()))

    assert [len(piece) for piece in pieces] == [4 * 2400 * 2]
    assert times.audio_s == pytest.approx(0.4)


def test_given_a_request_when_streamed_then_each_chunk_comes_by_itself() -> None:
    pieces = list(speak_stream(FakeEngine(), request(), Effort(), SpeakingTimes(), Event()))

    assert [len(piece) for piece in pieces] == [2400 * 2] * 4


@pytest.mark.parametrize("speak", [speak_whole, speak_stream])
@pytest.mark.parametrize("text", ["falha", "mudo", "ruim", "vazio"])
def test_given_no_speech_from_the_engine_when_spoken_then_it_fails_before_the_first_byte(
    speak: Any, text: str
) -> None:
    pieces = speak(FakeEngine(), request(text), Effort(), SpeakingTimes(), Event())

    with pytest.raises(EngineError):
        next(pieces)


def test_given_a_failure_half_way_when_spoken_whole_then_nothing_is_yielded() -> None:
    with pytest.raises(EngineError):
        next(speak_whole(FakeEngine(), request("engasga"), Effort(), SpeakingTimes(), Event()))


def test_given_a_cancelled_request_when_streamed_then_it_ends_without_the_rest() -> None:
    engine, cancelled = FakeEngine(chunks=100), Event()
    pieces = speak_stream(engine, request(format="mp3"), Effort(), SpeakingTimes(), cancelled)

    next(pieces)
    cancelled.set()

    assert list(pieces) == []
    assert engine.cancelled == ["Maria"]


def test_given_a_slow_taker_when_streamed_then_its_time_is_not_the_engines() -> None:
    times, taker = SpeakingTimes(), Event()

    for _ in speak_stream(FakeEngine(), request(), Effort(), times, Event()):
        taker.wait(0.05)

    assert times.synthesis_s < 0.05
    assert times.rtf is not None


def test_given_voice_speed_and_seed_when_spoken_then_the_engine_gets_them() -> None:
    engine, times = FakeEngine(), SpeakingTimes()
    asked = request(speed=2.0, voice="second", seed=7)

    list(speak_whole(engine, asked, Effort(live=False, candidates=3), times, Event()))

    assert times.audio_s == pytest.approx(0.2)
    assert engine.asked == [
        Utterance("Maria", "second", speed=2.0, seed=7, live=False, streaming=False, candidates=3)
    ]


def test_given_a_stream_when_spoken_then_the_engine_is_told_to_hurry_its_first_chunk() -> None:
    engine = FakeEngine()

    list(speak_stream(engine, request(stream=True), Effort(), SpeakingTimes(), Event()))

    assert engine.asked == [Utterance("Maria", "default", live=True, streaming=True, candidates=1)]


def test_given_chunks_at_another_rate_when_resampled_then_the_joints_cannot_be_heard() -> None:
    t = np.arange(22_050) / 22_050
    source = (16_000 * np.sin(2 * np.pi * 220 * t)).astype(np.int16)
    resampler = StreamResampler(22_050, 24_000)

    parts = [resampler.push(source[i : i + 2205]).samples for i in range(0, len(source), 2205)]
    heard = np.concatenate([*parts, resampler.flush().samples])

    assert len(heard) == pytest.approx(24_000, abs=2)
    ideal = tone(1.0, amplitude=16_000 / 32_768)[: len(heard)]
    error = heard[: len(ideal)] - ideal
    assert np.abs(error[200:-200]).max() < 0.002
