"""Who goes next: live before bulk, fairness, streams before they run dry."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from model_host.engines.xtts.decoder import TokenSequence
from model_host.engines.xtts.passages import (
    COMFORTABLE_SLACK_S,
    Candidate,
    Passage,
    PassagePiece,
)
from model_host.engines.xtts.sampling import Sampler, SamplingSettings
from model_host.engines.xtts.scheduler import (
    Limits,
    to_admit,
    to_step,
    to_voice,
)
from model_host.engines.xtts.vocoder import Rendering
from model_host.engines.xtts.voice_latents import VoiceLatents

SETTINGS = SamplingSettings(temperature=1, top_k=0, top_p=1, repetition_penalty=1)
VOICE = VoiceLatents(np.zeros((32, 4), np.float32), np.zeros(512, np.float32))
LIMITS = Limits(rows=8, live_reserve=2)
NOW = 1000.0

MakePassage = Callable[..., Passage]


@pytest.fixture
def passage() -> MakePassage:
    """A passage of so many pieces, of which the first so many candidates are being decoded."""

    def make(
        *,
        pieces: int = 1,
        candidates: int = 1,
        active: int = 0,
        live: bool = False,
        streaming: bool = False,
        started_at: float = NOW,
        text_tokens: int = 10,
    ) -> Passage:
        made = Passage(
            pieces=[
                PassagePiece(
                    text_tokens=range(text_tokens),
                    characters=30,
                    candidates=[Candidate(Sampler(SETTINGS, 8, 6)) for _ in range(candidates)],
                )
                for _ in range(pieces)
            ],
            voice=VOICE,
            voice_key="v",
            speed=1.0,
            live=live,
            streaming=streaming,
            cancelled=Event(),
            started_at=started_at,
        )
        every = [candidate for piece in made.pieces for candidate in piece.candidates]
        for candidate in every[:active]:
            candidate.sequence = TokenSequence((), 32)
        return made

    return make


def rendering(frames_ready: int, *, done: bool = False) -> Rendering:
    """What the scheduler asks of a rendering, without a model."""
    return cast("Rendering", SimpleNamespace(frames_ready=frames_ready, done=done))


def owners(entries: list[tuple[Passage, PassagePiece, Candidate]], *names: Passage) -> list[int]:
    return [names.index(owner) for owner, _, _ in entries]


def test_given_live_and_bulk_waiting_when_admitted_then_live_is_first(passage: MakePassage) -> None:
    bulk, live = passage(), passage(live=True)

    assert owners(to_admit([bulk, live], LIMITS, NOW), bulk, live) == [1, 0]


def test_given_bulk_alone_when_admitted_then_the_reserve_stays_free(passage: MakePassage) -> None:
    # Given more bulk than there are rows
    bulk = passage(pieces=20)

    # When it is admitted, then live's reserve is not touched, and live can still have it
    assert len(to_admit([bulk], LIMITS, NOW)) == 6
    busy = passage(pieces=20, active=6)
    live = passage(live=True, pieces=5)
    assert owners(to_admit([busy, live], LIMITS, NOW), busy, live) == [1, 1]


def test_given_a_long_text_and_a_short_one_when_admitted_then_rows_are_shared(
    passage: MakePassage,
) -> None:
    long, short = passage(pieces=20), passage(pieces=2)

    assert owners(to_admit([long, short], LIMITS, NOW), long, short) == [0, 1, 0, 1, 0, 0]


def test_given_a_stream_when_it_begins_then_only_its_first_piece_is_admitted(
    passage: MakePassage,
) -> None:
    stream = passage(pieces=3, live=True, streaming=True)
    assert len(to_admit([stream], LIMITS, NOW)) == 1

    stream.first_audio_at, stream.audio_s = NOW, 0.2
    assert len(to_admit([stream], LIMITS, NOW)) == 1

    stream.audio_s = COMFORTABLE_SLACK_S + 0.1

    assert len(to_admit([stream], LIMITS, NOW)) == 3


def test_given_a_stream_in_a_hurry_when_its_piece_is_decoded_then_the_next_begins(
    passage: MakePassage,
) -> None:
    stream = passage(pieces=3, live=True, streaming=True)
    stream.pieces[0].candidates[0].ended = True

    admitted = to_admit([stream], LIMITS, NOW)

    assert [piece for _, piece, _ in admitted] == [stream.pieces[1]]


def test_given_long_prompts_when_admitted_then_one_step_does_not_carry_them_all(
    passage: MakePassage,
) -> None:
    bulk = passage(pieces=6, text_tokens=70)

    assert len(to_admit([bulk], LIMITS, NOW)) == 2


def test_given_a_prompt_beyond_the_step_when_admitted_then_it_goes_alone(
    passage: MakePassage,
) -> None:
    assert len(to_admit([passage(pieces=2, text_tokens=400)], LIMITS, NOW)) == 1


def test_given_several_candidates_when_admitted_then_each_gets_a_row(passage: MakePassage) -> None:
    bulk = passage(candidates=3)

    assert [candidate for _, _, candidate in to_admit([bulk], LIMITS, NOW)] == bulk.pieces[
        0
    ].candidates


def test_given_a_live_call_waiting_for_audio_when_stepping_then_bulk_stands_still(
    passage: MakePassage,
) -> None:
    bulk, live = passage(active=1), passage(active=1, live=True, streaming=True)

    assert owners(to_step([bulk, live], NOW), bulk, live) == [1]


@pytest.mark.parametrize(("ahead_s", "steps"), [(0.1, [1]), (2.0, [0, 1])])
def test_given_a_stream_with_audio_ahead_when_stepping_then_bulk_steps_with_it(
    passage: MakePassage, ahead_s: float, steps: list[int]
) -> None:
    bulk, live = passage(active=1), passage(active=1, live=True, streaming=True)
    live.first_audio_at, live.audio_s = NOW - 1, 1 + ahead_s
    assert (ahead_s < COMFORTABLE_SLACK_S) == (steps == [1])

    assert owners(to_step([bulk, live], NOW), bulk, live) == steps


def test_given_a_stream_that_runs_low_when_stepping_then_its_later_pieces_stand_still(
    passage: MakePassage,
) -> None:
    # Given a stream with two pieces in the decoder and little ahead of its player
    stream = passage(pieces=3, active=2, live=True, streaming=True)
    stream.first_audio_at, stream.audio_s = NOW, COMFORTABLE_SLACK_S - 0.1

    # When it steps, then only the piece that is heard does
    assert [piece for _, piece, _ in to_step([stream], NOW)] == [stream.pieces[0]]

    # And with enough ahead both do
    stream.audio_s = COMFORTABLE_SLACK_S + 0.1
    assert [piece for _, piece, _ in to_step([stream], NOW)] == stream.pieces[:2]


def test_given_a_whole_live_call_when_stepping_then_bulk_stands_still(passage: MakePassage) -> None:
    bulk, live = passage(active=1), passage(active=1, live=True)

    assert owners(to_step([bulk, live], NOW), bulk, live) == [1]


def test_given_decoded_pieces_when_voicing_then_the_stream_that_runs_dry_first_goes_first(
    passage: MakePassage,
) -> None:
    # Given a bulk passage, a live one, and two streams with 0.2 s and 0.1 s ahead, all decoded
    bulk, whole = passage(started_at=NOW - 9), passage(live=True, started_at=NOW - 5)
    streams = [passage(live=True, streaming=True) for _ in range(2)]
    for stream, ahead_s in zip(streams, (0.2, 0.1), strict=True):
        stream.first_audio_at, stream.audio_s = NOW - 1, 1 + ahead_s
    waiting = [bulk, whole, *streams]
    for one in waiting:
        one.pieces[0].rendering = rendering(frames_ready=1)

    # When they are voiced one after another
    order = []
    while (chosen := to_voice(waiting, NOW)) is not None:
        order.append(chosen)
        waiting.remove(chosen)

    # Then by need: the drier stream, the other, the live call, bulk
    assert order == [streams[1], streams[0], whole, bulk]


@pytest.mark.parametrize(
    ("frames_ready", "done", "chosen"), [(0, False, False), (1, False, True), (0, True, True)]
)
def test_given_a_rendering_when_voicing_then_it_needs_audio_to_make_or_to_end(
    passage: MakePassage, frames_ready: int, done: bool, chosen: bool
) -> None:
    stream = passage(active=1, live=True, streaming=True)
    stream.pieces[0].rendering = rendering(frames_ready, done=done)

    assert to_voice([stream], NOW) is (stream if chosen else None)


@pytest.mark.parametrize(("ahead_s", "voiced"), [(0.1, False), (2.0, True)])
def test_given_a_stream_running_dry_when_voicing_then_bulk_waits(
    passage: MakePassage, ahead_s: float, voiced: bool
) -> None:
    # Given bulk with audio to make, and a stream that is being decoded
    bulk, live = passage(), passage(active=1, live=True, streaming=True)
    bulk.pieces[0].rendering = rendering(1)
    live.first_audio_at, live.audio_s = NOW - 1, 1 + ahead_s

    # When something is to be voiced, then bulk is, only if the stream has enough ahead
    assert to_voice([bulk, live], NOW) is (bulk if voiced else None)


def test_given_an_undecoded_piece_when_feedable_then_only_for_a_stream(
    passage: MakePassage,
) -> None:
    piece = passage(active=1).pieces[0]
    assert not piece.feedable(streaming=True)

    piece.candidates[0].latents.append(np.zeros(4, np.float32))

    assert piece.feedable(streaming=True)
    assert not piece.feedable(streaming=False)


def test_given_candidates_when_scored_then_the_likely_one_of_typical_length_wins() -> None:
    def candidate(tokens: int, log_probability: float, *, stopped: bool = True) -> Candidate:
        made = Candidate(Sampler(SETTINGS, 8, 6))
        made.latents = [np.zeros(4, np.float32)] * tokens
        made.log_probability = log_probability * tokens
        made.stopped, made.ended = stopped, True
        return made

    # Given 30 characters, which take about 2.1 s, or 45 tokens
    good, babble = candidate(45, -1.0), candidate(45, -3.0)
    clipped, endless = candidate(9, -1.0), candidate(600, -1.0, stopped=False)
    piece = PassagePiece((), 30, [babble, clipped, endless, good])

    assert piece.best(1024 / 22_050) is good
