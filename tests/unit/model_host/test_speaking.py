"""From request to bytes: in what order, when, and how long."""

from __future__ import annotations

from threading import Event

import numpy as np
import pytest

from model_host.audio.pauses import (
    CLAUSE_PAUSE_S,
    HEAD_SILENCE_S,
    SENTENCE_PAUSE_S,
    TAIL_SILENCE_S,
)
from model_host.audio.resampling import StreamResampler
from model_host.engines.base import EngineError, Utterance
from model_host.script import Effort
from model_host.verification.checks import BasicChecks
from tests.unit.model_host.fake_engine import RATE_HZ, FakeEngine, tone
from tests.unit.model_host.fallible_engine import ScriptedEngine
from tests.unit.model_host.signals import joined, quiet, speech
from tests.unit.model_host.speaking_door import Door, request

CALL = "senha quarenta e dois, consultório três"
LONG = "o atendimento da farmácia começa às catorze horas e termina às dezoito horas"
ENDS_S = HEAD_SILENCE_S + TAIL_SILENCE_S


def test_given_a_request_when_spoken_whole_then_one_piece_holds_all_of_it() -> None:
    door = Door(FakeEngine())

    pieces = list(door.pieces(request()))

    assert [len(piece) / 2 / RATE_HZ for piece in pieces] == [pytest.approx(0.4 + ENDS_S)]
    assert door.report.audio_s == pytest.approx(0.4)
    assert door.report.sent_s == pytest.approx(0.4 + ENDS_S)


def test_given_a_request_when_streamed_then_each_chunk_comes_by_itself_and_all_of_it() -> None:
    door = Door(FakeEngine(stochastic=False))

    pieces = [len(piece) / 2 / RATE_HZ for piece in door.pieces(request(stream=True))]

    assert len(pieces) >= 4
    assert sum(pieces) == pytest.approx(0.4 + ENDS_S, abs=0.001)
    assert door.report.sent_s == pytest.approx(sum(pieces))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("text", "pause_s"),
    [(f"{LONG}. {LONG}.", SENTENCE_PAUSE_S), (f"{LONG}, {LONG}, {LONG}", CLAUSE_PAUSE_S)],
)
@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_given_two_pieces_when_spoken_then_the_pause_between_them_is_the_same_for_every_engine(
    stream: bool, text: str, pause_s: float, speed: float
) -> None:
    door = Door(FakeEngine(chunks=40), BasicChecks())

    heard = door.say(text, stream=stream, speed=speed)

    (first, last) = np.flatnonzero(np.abs(heard) > 1e-3)[[0, -1]]
    loud = np.flatnonzero(np.abs(heard[first:last]) > 1e-3)
    longest_quiet_s = np.diff(loud).max() / RATE_HZ
    assert len(door.engine.asked[-1].pieces) == 2  # type: ignore[attr-defined]
    assert longest_quiet_s == pytest.approx(pause_s / speed, abs=0.006)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("text", ["falha", "mudo", "ruim", "vazio"])
def test_given_no_speech_from_the_engine_when_spoken_then_it_fails_before_the_first_byte(
    stream: bool, text: str
) -> None:
    pieces = Door(FakeEngine()).pieces(request(text, stream=stream))

    with pytest.raises(EngineError):
        next(pieces)


def test_given_a_failure_half_way_when_spoken_whole_then_nothing_is_yielded() -> None:
    with pytest.raises(EngineError):
        next(Door(FakeEngine()).pieces(request("engasga")))


@pytest.mark.parametrize(("lead_s", "kept_s"), [(0.1, 0.1), (0.5, 0.2)])
def test_given_quiet_before_an_engines_first_sound_when_streamed_then_its_player_gets_some(
    lead_s: float, kept_s: float
) -> None:
    heard = Door(ScriptedEngine([lambda text: joined(quiet(lead_s), speech(text))])).say(
        CALL, stream=True
    )
    without = Door(ScriptedEngine([speech])).say(CALL, stream=True)

    assert (len(heard) - len(without)) / RATE_HZ == pytest.approx(kept_s, abs=0.04)


@pytest.mark.parametrize("rest", [f"vazio {LONG}.", f"vazio {LONG}. {LONG}."])
def test_given_a_piece_that_is_missing_when_streamed_then_the_stream_is_not_complete(
    rest: str,
) -> None:
    door = Door(FakeEngine(chunks=40))
    pieces = door.pieces(request(f"{LONG}. {rest}", stream=True))

    next(pieces)

    with pytest.raises(EngineError):
        list(pieces)


def test_given_a_cancelled_request_when_streamed_then_it_ends_without_the_rest() -> None:
    engine = FakeEngine(chunks=100)
    door = Door(engine)
    pieces = door.pieces(request(CALL, stream=True, format="mp3"))

    next(pieces)
    door.cancelled.set()

    assert list(pieces) == []
    assert len(engine.cancelled) == 1


def test_given_a_cancelled_request_when_spoken_whole_then_nothing_is_yielded() -> None:
    door = Door(FakeEngine())
    door.cancelled.set()

    assert list(door.pieces(request())) == []


def test_given_a_slow_taker_when_streamed_then_its_time_is_not_the_engines() -> None:
    door, taker = Door(FakeEngine()), Event()

    for _ in door.pieces(request(stream=True)):
        taker.wait(0.05)

    assert door.report.synthesis_s < 0.05
    assert door.report.rtf is not None


def test_given_voice_speed_and_seed_when_spoken_then_the_engine_gets_them() -> None:
    engine = FakeEngine(chunks=30)
    door = Door(engine, effort=Effort(live=False, candidates=3))

    door.say(CALL, speed=2.0, voice="second", seed=7)

    assert door.report.audio_s == pytest.approx(1.5)
    assert engine.asked == [
        Utterance((CALL,), "second", speed=2.0, seed=7, live=False, streaming=False, candidates=3)
    ]


def test_given_a_stream_when_spoken_then_the_engine_is_told_to_hurry_its_first_chunk() -> None:
    engine = FakeEngine(chunks=30)

    Door(engine).say(CALL, stream=True)

    assert engine.asked == [Utterance((CALL,), "default", live=True, streaming=True, candidates=1)]


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
