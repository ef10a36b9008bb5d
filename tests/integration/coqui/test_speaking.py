"""The reference engine speaks, through the `Engine` protocol, with a tiny checkpoint."""

from __future__ import annotations

import hashlib
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from model_host.engines.base import AudioChunk, Engine, EngineError, Samples, Utterance
from model_host.engines.coqui.engine import CoquiEngine
from model_host.text.pieces import piece_texts

pytestmark = pytest.mark.slow

_CALL = "senha a zero quarenta e dois, dirija-se ao consultório três."

_CHARACTERS_MAX = 203
"""What XTTS-v2 can say in one go in Portuguese."""


def spoken(engine: Engine, text: str = _CALL, **options: object) -> list[AudioChunk]:
    pieces = piece_texts(text, engine.fits)
    utterance = Utterance(pieces, voice=engine.voices[0].id, **options)  # type: ignore[arg-type]
    return list(engine.synthesize(utterance, Event()))


def joined(chunks: list[AudioChunk]) -> Samples:
    return np.concatenate([chunk.samples for chunk in chunks])


class SetAtLook(Event):
    """An event that turns out to be set the nth time somebody looks; it counts the looks."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self._nth = nth
        self.looks = 0

    def is_set(self) -> bool:
        self.looks += 1
        return self.looks >= self._nth


def test_given_a_call_when_spoken_then_it_is_24_khz_audio(engine: CoquiEngine) -> None:
    chunks = spoken(engine)

    assert {chunk.sample_rate_hz for chunk in chunks} == {24_000}
    audio = joined(chunks)
    assert audio.dtype == np.float32
    assert audio.ndim == 1
    assert np.isfinite(audio).all()
    assert len(audio) > 0.5 * 24_000
    assert np.abs(audio).max() > 0.001


def test_given_one_seed_when_spoken_twice_then_the_samples_are_the_same(
    engine: CoquiEngine,
) -> None:
    first, second, other = (joined(spoken(engine, seed=seed)) for seed in (7, 7, 8))

    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_given_no_seed_when_spoken_after_a_seeded_call_then_chance_decides(
    engine: CoquiEngine,
) -> None:
    spoken(engine, seed=7)
    first = joined(spoken(engine))
    spoken(engine, seed=7)
    second = joined(spoken(engine))

    assert not np.array_equal(first, second)


@pytest.mark.parametrize(("speed", "stretch"), [(0.5, 2.0), (2.0, 0.5)])
def test_given_a_speed_when_spoken_then_the_length_follows(
    engine: CoquiEngine, speed: float, stretch: float
) -> None:
    plain = len(joined(spoken(engine, seed=1)))

    assert len(joined(spoken(engine, seed=1, speed=speed))) == pytest.approx(
        plain * stretch, rel=0.1
    )


def test_given_cancelled_when_spoken_then_nothing_comes(engine: CoquiEngine) -> None:
    cancelled = Event()
    cancelled.set()

    assert list(engine.synthesize(Utterance((_CALL,), "reference"), cancelled)) == []


def test_given_cancelled_amid_a_piece_when_spoken_then_the_next_token_is_the_last(
    engine: CoquiEngine,
) -> None:
    cancelled = SetAtLook(6)

    assert list(engine.synthesize(Utterance((_CALL,), "reference"), cancelled)) == []
    assert cancelled.looks == 6


def test_given_cancelled_between_chunks_when_spoken_then_the_iterator_ends(
    engine: CoquiEngine,
) -> None:
    cancelled = Event()
    chunks = engine.synthesize(Utterance((_CALL,) * 16, "reference"), cancelled)

    next(chunks)
    cancelled.set()

    assert list(chunks) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param((f"{_CALL} " * 17)[:1000], id="sentences"),
        pytest.param(("paciente " * 111) + "a", id="words without a stop"),
        pytest.param("a" * 1000, id="one word"),
        pytest.param("%" * 1000, id="symbols, each spelled out by the tokenizer"),
        pytest.param("1 2 3 4 5 6 7 8 9 0 " * 50, id="digits, each spelled out by the tokenizer"),
    ],
)
def test_given_a_thousand_characters_when_spoken_then_no_limit_trips(
    engine: CoquiEngine, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    chunks = spoken(engine, text, seed=3)

    assert len(chunks) >= len(text) / _CHARACTERS_MAX
    assert text[:20] not in caplog.text


def test_given_an_original_checkpoint_when_loaded_then_its_directory_is_left_alone(
    checkpoint: Path, recording: Path
) -> None:
    before = _state(checkpoint)
    for path in checkpoint.iterdir():
        path.chmod(0o444)
    checkpoint.chmod(0o555)
    try:
        CoquiEngine(checkpoint, recording).load()
    finally:
        checkpoint.chmod(0o755)

    assert _state(checkpoint) == before


def test_given_a_loaded_engine_when_described_then_versions_and_hashes_are_told(
    engine: CoquiEngine, checkpoint: Path, recording: Path
) -> None:
    described = engine.describe()

    assert (described.engine, described.device) == ("coqui", "cpu")
    assert described.model == "tts_models/multilingual/multi-dataset/xtts_v2"
    assert described.reference_audio == str(recording)
    assert described.versions["coqui-tts"] == "0.28.0"
    for key, path in (
        ("model_sha256", checkpoint / "model.pth"),
        ("reference_audio_sha256", recording),
    ):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert described.versions[key] == digest[:16]


def test_given_a_closed_engine_when_spoken_to_then_it_says_so(
    checkpoint: Path, recording: Path
) -> None:
    engine = CoquiEngine(checkpoint, recording)
    engine.load()
    engine.close()
    engine.close()

    with pytest.raises(EngineError, match="not loaded"):
        spoken(engine)


def test_given_a_failing_model_when_spoken_then_the_error_quotes_no_text(
    engine: CoquiEngine,
) -> None:
    with pytest.raises(EngineError, match="XTTS failed: OverflowError") as raised:
        spoken(engine, text="9" * 200)

    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert "999" not in str(raised.value)


def _state(directory: Path) -> dict[str, tuple[int, str]]:
    return {
        path.name: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in directory.iterdir()
    }
