"""After a few words a sampling model rambles: how often anybody hears it, with and without cure."""

from __future__ import annotations

import pytest

from model_host.verification.checks import BasicChecks, Checks, FullChecks
from model_host.verification.findings import Quality
from tests.unit.model_host.fallible_engine import RamblingEngine, ScriptedEngine
from tests.unit.model_host.signals import RATE_HZ, speech
from tests.unit.model_host.speaking_door import Door

FEW = ("maria da silva.", "senha dez.", "sala dois.", "guichê cinco.", "ana paula souza.")
CALLS = 40
RAMBLES = 0.3
"""Far more often than XTTS does."""


def published(checks: Checks, *, stream: bool) -> tuple[int, int]:
    """Of `CALLS` short calls: how many told more than their text, and of these, how many as good.

    More is 0.3 s beyond the text: not even one word.
    """
    door = Door(RamblingEngine(RAMBLES, seed=3), checks)
    bad = trusted = 0
    for number in range(CALLS):
        text = FEW[number % len(FEW)]
        heard_s = len(door.say(text, stream=stream)) / RATE_HZ
        if heard_s > len(speech(text)) / RATE_HZ + 0.5:
            bad += 1
            trusted += door.report.quality is not Quality.DOUBTFUL
    return bad, trusted


@pytest.mark.parametrize("stream", [False, True])
def test_given_an_engine_that_rambles_when_it_says_few_words_then_the_cure_keeps_it_from_listeners(
    stream: bool,
) -> None:
    bad_without, _ = published(BasicChecks(), stream=stream)
    bad_with, trusted_with = published(FullChecks(attempts=3), stream=stream)

    assert bad_without >= 8
    assert bad_with == 0
    assert trusted_with == 0


def test_given_few_words_when_streamed_then_they_are_spoken_whole_several_times_at_once() -> None:
    engine = ScriptedEngine([speech])
    door = Door(engine)

    door.say("senha dez.", stream=True)

    assert [(each.streaming, each.candidates) for each in engine.asked] == [(False, 4)]
    assert door.report.quality is Quality.VERIFIED


def test_given_an_engine_without_chance_when_it_streams_few_words_then_they_come_at_once() -> None:
    engine = ScriptedEngine([speech], stochastic=False)

    Door(engine).say("senha dez.", stream=True)

    assert [(each.streaming, each.candidates) for each in engine.asked] == [(True, 1)]
