"""The embedded engine, for real."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, active_count

import espeakng_loader
import numpy as np
import pytest

from model_host.engines.base import EngineError, Utterance
from model_host.engines.espeak.engine import EspeakEngine
from model_host.engines.espeak.library import EspeakLibrary, Pcm16

NAME = "Maria da Silva, consultório três."
LONG = "O paciente deve comparecer à recepção. " * 25


@pytest.fixture(scope="module")
def engine() -> Iterator[EspeakEngine]:
    engine = EspeakEngine()
    engine.load()
    yield engine
    engine.close()


def speak(engine: EspeakEngine, text: str, **fields: object) -> np.ndarray:
    utterance = Utterance((text,), **({"voice": "default"} | fields))  # type: ignore[arg-type]
    chunks = list(engine.synthesize(utterance, Event()))
    assert {chunk.sample_rate_hz for chunk in chunks} == {24_000}
    assert {chunk.samples.dtype for chunk in chunks} == {np.dtype(np.float32)}
    return np.concatenate([chunk.samples for chunk in chunks])


def test_given_a_call_when_spoken_then_it_lasts_as_speech_does_and_is_loud(
    engine: EspeakEngine,
) -> None:
    heard = speak(engine, NAME)

    assert 1.5 < len(heard) / 24_000 < 3.5
    assert 0.2 < np.abs(heard).max() <= 1.0


def test_given_each_voice_when_it_speaks_then_the_female_one_is_higher(
    engine: EspeakEngine,
) -> None:
    def pitch_hz(voice: str) -> float:
        heard = speak(engine, "aaaaaaaa", voice=voice)
        spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
        hz = np.fft.rfftfreq(len(heard), 1 / 24_000)
        band = (hz > 60) & (hz < 300)
        autocorrelation = np.fft.irfft(spectrum**2)
        lags = slice(24_000 // 300, 24_000 // 60)
        assert band.any()
        return 24_000 / (np.argmax(autocorrelation[lags]) + lags.start)

    assert pitch_hz("female") > 1.3 * pitch_hz("default")


@pytest.mark.parametrize(("speed", "factor"), [(0.5, 2.0), (2.0, 0.5)])
def test_given_a_speed_when_spoken_then_the_length_follows(
    engine: EspeakEngine, speed: float, factor: float
) -> None:
    text = "Por favor, dirija-se ao consultório três, no segundo andar."

    ratio = len(speak(engine, text, speed=speed)) / len(speak(engine, text))

    assert ratio == pytest.approx(factor, rel=0.15)


def test_given_accents_when_spoken_then_they_are_not_spelt_out(engine: EspeakEngine) -> None:
    assert len(speak(engine, "José")) < 1.5 * len(speak(engine, "Jose"))


@pytest.mark.parametrize(
    "markup",
    [
        "oi <break time='3s'/> oi",
        "<prosody rate='x-slow'>oi oi</prosody>",
        "[[s@n]] [[s@n]]",
        "oi &amp; oi",
    ],
)
def test_given_markup_when_spoken_then_it_is_read_and_not_obeyed(
    engine: EspeakEngine, markup: str
) -> None:
    heard = speak(engine, markup)

    longest_quiet = np.diff(np.flatnonzero(np.abs(heard) > 0.003)).max()
    assert longest_quiet / 24_000 < 1.0
    assert len(heard) > 2 * len(speak(engine, "oi oi"))


def test_given_a_taker_that_has_enough_when_spoken_then_the_library_stops_at_once() -> None:
    library = EspeakLibrary(
        Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path()), 100
    )
    library.set_voice("pt-br")
    taken: list[int] = []

    def take_three(samples: Pcm16) -> bool:
        taken.append(len(samples))
        return len(taken) < 3

    library.speak(LONG, take_three)

    assert len(taken) == 3


def test_given_a_long_text_when_streamed_then_the_first_chunk_comes_long_before_the_end(
    engine: EspeakEngine,
) -> None:
    began = time.perf_counter()
    chunks = engine.synthesize(Utterance((LONG,), "default"), Event())
    next(chunks)
    first_s = time.perf_counter() - began
    rest_s = sum(chunk.duration_s for chunk in chunks)

    assert rest_s > 30
    assert first_s < (time.perf_counter() - began) / 2


def test_given_a_long_text_when_cancelled_then_it_ends_soon(engine: EspeakEngine) -> None:
    cancelled = Event()
    chunks = engine.synthesize(Utterance((LONG,), "default"), cancelled)
    next(chunks)

    cancelled.set()

    assert sum(chunk.duration_s for chunk in chunks) < 2.0
    assert len(speak(engine, NAME)) > 24_000


def test_given_an_abandoned_stream_when_closed_then_its_thread_ends_and_the_next_is_whole(
    engine: EspeakEngine,
) -> None:
    threads = active_count()
    for _ in range(5):
        chunks = engine.synthesize(Utterance((LONG,), "default"), Event())
        next(chunks)
        chunks.close()  # type: ignore[attr-defined]

    assert active_count() == threads
    assert len(speak(engine, NAME)) > 24_000


def test_given_an_engine_not_loaded_when_it_speaks_then_it_is_an_engine_error() -> None:
    with pytest.raises(EngineError):
        list(EspeakEngine().synthesize(Utterance((NAME,), "default"), Event()))


def test_given_a_loaded_engine_when_described_then_it_tells_what_it_is(
    engine: EspeakEngine,
) -> None:
    description = engine.describe()

    assert (description.engine, description.reference_audio) == ("espeak", None)
    assert description.versions["espeak-ng"].startswith("1.")
