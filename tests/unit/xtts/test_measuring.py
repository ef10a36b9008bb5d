"""What a player hears of a stream, from when its chunks came."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import numpy as np
import pytest

from model_host.engines.base import AudioChunk, EngineError, Utterance
from model_host.engines.xtts.measuring import Spoken, bulk_load, speak, speak_together

RATE_HZ = 1000


def spoken(arrived_s: tuple[float, ...], chunk_s: tuple[float, ...]) -> Spoken:
    samples = np.zeros(round(sum(chunk_s) * RATE_HZ), np.float32)
    return Spoken(samples, RATE_HZ, 0.0, arrived_s, chunk_s)


class Speaker:
    """Says two chunks of what it is told, and counts who asks."""

    def __init__(self) -> None:
        self.asked: list[Utterance] = []

    def synthesize(self, utterance: Utterance, cancelled: Event) -> Iterator[AudioChunk]:
        self.asked.append(utterance)
        if not utterance.live:
            cancelled.wait()
            return
        for _ in range(2 if utterance.pieces else 0):
            yield AudioChunk(np.ones(RATE_HZ, np.float32), RATE_HZ)


def test_given_chunks_in_time_when_played_then_none_is_late() -> None:
    stream = spoken((0.5, 1.2, 1.9), (1.0, 1.0, 1.0))

    assert stream.late_chunks == 0
    assert stream.slacks_s() == pytest.approx([0.3, 0.6])
    assert (stream.first_audio_s, stream.wall_s, stream.audio_s) == (0.5, 1.9, 3.0)
    assert stream.rtf == pytest.approx(1.9 / 3)


def test_given_one_late_chunk_when_played_then_the_pause_delays_all_that_follows() -> None:
    # Given a second chunk half a second after the first ran out, and a third a second after that
    stream = spoken((0.0, 1.5, 2.4), (1.0, 1.0, 1.0))

    # Then only the second is late: the player goes on when it comes
    assert stream.slacks_s() == pytest.approx([-0.5, 0.1])
    assert stream.late_chunks == 1


def test_given_a_single_chunk_when_played_then_nothing_can_be_late() -> None:
    assert spoken((0.5,), (1.0,)).slacks_s() == []


def test_given_an_engine_when_asked_then_all_of_its_audio_counts() -> None:
    heard = speak(Speaker(), Utterance(("a",), "v"))  # type: ignore[arg-type]

    assert heard.audio_s == 2
    assert heard.chunk_s == (1, 1)
    assert 0 < heard.first_audio_s <= heard.wall_s


def test_given_nothing_to_say_when_asked_then_it_is_an_error() -> None:
    with pytest.raises(EngineError, match="nothing to say"):
        speak(Speaker(), Utterance((), "v"))  # type: ignore[arg-type]


def test_given_callers_when_asked_together_then_their_audio_adds_up() -> None:
    speaker = Speaker()

    together = speak_together(speaker, [Utterance(("a",), "v")] * 3)  # type: ignore[arg-type]

    assert len(speaker.asked) == 3
    assert together.throughput == pytest.approx(6 / together.wall_s)


def test_given_bulk_load_when_left_then_every_caller_has_stopped() -> None:
    speaker = Speaker()

    with bulk_load(speaker, Utterance(("a",), "v", streaming=True), 2):  # type: ignore[arg-type]
        assert len(speaker.asked) == 2

    assert not any(one.live or one.streaming for one in speaker.asked)
    assert len(speaker.asked) == 2
