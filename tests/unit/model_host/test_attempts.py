"""What is spoken again, how often, and what is answered in the end."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from model_host.engines.base import Samples
from model_host.script import Effort
from model_host.verification.checks import BasicChecks, FullChecks, RoundTrip
from model_host.verification.findings import Quality, UnsoundSpeechError
from tests.unit.model_host import signals
from tests.unit.model_host.fallible_engine import Say, ScriptedEngine
from tests.unit.model_host.signals import BABBLE, CALL, RATE_HZ, speech
from tests.unit.model_host.speaking_door import Door, request

OTHER = "o atendimento da farmácia começa às catorze horas e termina às dezoito horas de hoje."


def babble(text: str) -> Samples:
    return signals.joined(*[speech(text)] * 3)


def silent(_text: str) -> Samples:
    return signals.quiet(1.0)


def hummed(text: str) -> Samples:
    """Half as long again as the text may take."""
    return signals.joined(*[speech(text)] * 4)


def test_given_a_bad_piece_when_spoken_whole_then_it_alone_is_spoken_again() -> None:
    # Given a text of two pieces, of which the engine says the second wrongly at first
    engine = ScriptedEngine([lambda text: speech(text) if text == CALL else babble(text), speech])
    door = Door(engine)

    # When
    heard = door.say(f"{CALL} {OTHER}")

    # Then
    assert [utterance.pieces for utterance in engine.asked] == [(CALL, OTHER), (OTHER,)]
    assert door.report.quality is Quality.VERIFIED
    assert door.report.retries == 1
    assert door.report.pieces == {"sound": 2, "too_long": 1}
    said_s = (len(speech(CALL)) + len(speech(OTHER))) / RATE_HZ
    assert len(heard) / RATE_HZ == pytest.approx(said_s + 0.5, abs=0.3)


def test_given_all_pieces_bad_when_spoken_then_they_are_tried_again_together() -> None:
    engine = ScriptedEngine([babble, speech])

    Door(engine).say(f"{CALL} {OTHER}")

    assert [utterance.pieces for utterance in engine.asked] == [(CALL, OTHER)] * 2


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_given_only_its_length_is_wrong_at_every_attempt_when_spoken_then_the_best_is_doubtful(
    attempts: int,
) -> None:
    engine = ScriptedEngine([hummed, babble, hummed])
    door = Door(engine, FullChecks(attempts))

    heard = door.say(CALL)

    assert door.report.quality is Quality.DOUBTFUL
    assert len(engine.asked) == attempts
    times = 4 if attempts == 1 else 3
    assert len(heard) / len(speech(CALL)) == pytest.approx(times, rel=0.05)


@pytest.mark.parametrize("fault", [silent, lambda _: signals.clipped()])
def test_given_what_nobody_may_hear_at_every_attempt_when_spoken_then_there_is_no_audio(
    fault: Say,
) -> None:
    door = Door(ScriptedEngine([fault]))

    with pytest.raises(UnsoundSpeechError):
        next(door.pieces(request(CALL)))

    assert door.report.retries == 2
    assert door.report.quality is None


def test_given_an_unfit_take_after_a_doubtful_one_when_spoken_then_the_doubtful_is_kept() -> None:
    door = Door(ScriptedEngine([babble, silent]))

    door.say(CALL)

    assert door.report.quality is Quality.DOUBTFUL


def test_given_an_engine_without_chance_when_a_piece_is_bad_then_it_is_not_asked_twice() -> None:
    engine = ScriptedEngine([babble, speech], stochastic=False)
    door = Door(engine)

    door.say(CALL)

    assert len(engine.asked) == 1
    assert door.report.quality is Quality.DOUBTFUL


def test_given_a_seed_when_pieces_are_tried_again_then_each_attempt_has_another_that_repeats() -> (
    None
):
    first, second = (ScriptedEngine([babble]) for _ in range(2))

    for engine in (first, second):
        Door(engine).say(CALL, seed=7)

    seeds = [utterance.seed for utterance in first.asked]
    assert seeds[0] == 7
    assert len(set(seeds)) == 3
    assert seeds == [utterance.seed for utterance in second.asked]


def test_given_no_seed_when_pieces_are_tried_again_then_chance_decides() -> None:
    engine = ScriptedEngine([babble])

    Door(engine).say(CALL)

    assert {utterance.seed for utterance in engine.asked} == {None}


def test_given_candidates_when_pieces_are_tried_again_then_as_many_are_tried() -> None:
    engine = ScriptedEngine([babble])

    Door(engine, effort=Effort(live=False, candidates=3)).say(CALL)

    assert {utterance.candidates for utterance in engine.asked} == {3}


def test_given_a_request_that_is_cancelled_when_tried_again_then_nothing_is_yielded() -> None:
    engine = ScriptedEngine([babble])
    door = Door(engine)

    def leave(text: str) -> Samples:
        door.cancelled.set()
        return speech(text)

    engine.script = [babble, leave]

    assert list(door.pieces(request(CALL))) == []


def test_given_basic_checks_when_a_piece_babbles_then_it_is_answered_as_it_is() -> None:
    engine = ScriptedEngine([babble])
    door = Door(engine, BasicChecks())

    heard = door.say(CALL)

    assert len(engine.asked) == 1
    assert len(heard) / len(speech(CALL)) == pytest.approx(3, rel=0.05)


def test_given_a_run_on_when_spoken_whole_then_it_is_cut_and_counted() -> None:
    door = Door(ScriptedEngine([lambda _: signals.run_on()]))

    heard = door.say(CALL)

    assert (door.report.run_ons, door.report.retries) == (1, 0)
    assert door.report.quality is Quality.VERIFIED
    assert len(heard) / len(speech(CALL)) == pytest.approx(1.05, abs=0.05)


class Dictation:
    """A recogniser that hears what it is told to."""

    def __init__(self, *transcripts: str) -> None:
        self.transcripts = list(transcripts)
        self.lengths_s: list[float] = []

    def transcribe(self, samples: Samples, sample_rate_hz: int) -> str:
        self.lengths_s.append(len(samples) / sample_rate_hz)
        return self.transcripts.pop(0)


def test_given_a_recogniser_when_it_hears_other_words_then_the_piece_is_spoken_again() -> None:
    recognizer = Dictation(BABBLE, "Atenção Maria da Silva, favor dirigir-se ao consultório 3")
    door = Door(ScriptedEngine([speech]), FullChecks(3, RoundTrip(recognizer, 0.25)))

    door.say(CALL)

    assert door.report.pieces == {"misheard": 1, "sound": 1}
    assert door.report.word_error_rates == [pytest.approx(1.1), pytest.approx(0.1)]
    assert recognizer.lengths_s[0] == pytest.approx(len(speech()) / RATE_HZ, abs=0.1)


def test_given_a_recogniser_that_fails_when_spoken_then_speech_does_not_depend_on_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken:
        def transcribe(self, _samples: Samples, _sample_rate_hz: int) -> str:
            raise RuntimeError(CALL)

    door = Door(ScriptedEngine([speech]), FullChecks(3, RoundTrip(Broken(), 0.25)))

    door.say(CALL)

    assert door.report.quality is Quality.VERIFIED
    assert "maria" not in caplog.text


def test_given_a_run_on_when_streamed_then_the_stream_ends_where_the_text_does() -> None:
    door = Door(ScriptedEngine([lambda _: signals.run_on()]))

    heard = door.say(CALL, stream=True)

    assert door.report.quality is Quality.STREAMED
    assert door.report.run_ons == 1
    assert len(heard) / len(speech(CALL)) == pytest.approx(1.1, abs=0.08)
    assert np.abs(heard[-240:]).max() < 0.001


def test_given_a_run_on_in_the_first_piece_when_streamed_then_the_second_is_whole() -> None:
    engine = ScriptedEngine([lambda text: signals.run_on() if text == CALL else speech(text)])
    whole = Door(ScriptedEngine([speech])).say(f"{CALL} {OTHER}")

    heard = Door(engine).say(f"{CALL} {OTHER}", stream=True)

    assert len(heard) == pytest.approx(len(whole), abs=0.1 * RATE_HZ)


@pytest.mark.parametrize("gap_s", [0.2, 0.35, 0.5])
def test_given_a_pause_that_texts_have_when_streamed_then_what_follows_is_heard(
    gap_s: float,
) -> None:
    paused = signals.joined(speech(), signals.quiet(gap_s), speech("sala dois."))
    text = f"{CALL[:-1]}, sala dois."

    heard = Door(ScriptedEngine([lambda _: paused])).say(text, stream=True)

    assert len(heard) == pytest.approx(len(paused), abs=0.3 * RATE_HZ)


def test_given_babble_without_a_pause_when_streamed_then_it_is_cut_off_without_a_click() -> None:
    door = Door(ScriptedEngine([hummed]))

    heard = door.say(CALL, stream=True)

    assert door.report.pieces == {"too_long": 1}
    assert 2 < len(heard) / len(speech(CALL)) < 2.9
    assert max(abs(after - before) for before, after in pairwise(heard[-5000:].tolist())) < 0.2


def test_given_a_silent_piece_when_streamed_then_the_stream_is_not_complete() -> None:
    engine = ScriptedEngine([lambda text: speech(text) if text == CALL else silent(text)])
    pieces = Door(engine).pieces(request(f"{CALL} {OTHER}", stream=True))

    next(pieces)

    with pytest.raises(UnsoundSpeechError):
        list(pieces)
