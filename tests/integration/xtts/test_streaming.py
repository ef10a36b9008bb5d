"""A stream on a machine slower than speech: the tiny pack, and a decoder that waits."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

import pytest

from model_host.engines.base import EngineError, Utterance
from model_host.engines.xtts.decoder import Decoder, Feed, StepOutput
from model_host.engines.xtts.engine import XttsEngine, XttsOptions
from model_host.engines.xtts.pack_format import Pack

pytestmark = pytest.mark.slow

TOKENS = 20
STEP_S = 0.1
"""A token lasts 0.046 s."""

STREAM = Utterance(("senha vinte.",), "reference", streaming=True)


class SlowDecoder(Decoder):
    """Takes longer for a token than it lasts."""

    steps = 0
    fails_at: int | None = None

    def step(self, feeds: Sequence[Feed]) -> StepOutput:
        type(self).steps += 1
        if self.steps == self.fails_at:
            raise RuntimeError("out of order")
        time.sleep(STEP_S)
        return super().step(feeds)


@pytest.fixture
def engine(
    pack: Pack, recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[XttsEngine]:
    """An engine that has made no step yet."""
    monkeypatch.setattr("model_host.engines.xtts.engine.Decoder", SlowDecoder)
    monkeypatch.setattr(SlowDecoder, "fails_at", None)
    made = XttsEngine(
        pack.directory, recording, tmp_path, tmp_path, XttsOptions("fp32", exact_tokens=TOKENS)
    )
    made.load()
    monkeypatch.setattr(SlowDecoder, "steps", 0)
    yield made
    made.close()


def test_given_a_slow_machine_when_streaming_then_the_first_audio_waits_for_the_rest(
    engine: XttsEngine,
) -> None:
    # When a stream's first audio comes
    chunks = engine.synthesize(STREAM, Event())
    first = next(chunks)
    steps = SlowDecoder.steps

    # Then more is decoded than the eight tokens that it needs (test_pacing.py says how many); on a
    # machine that is slower still for a while it may rightly be all of them
    assert steps >= 12
    # And what was held back is not lost
    heard_s = first.duration_s + sum(chunk.duration_s for chunk in chunks)
    assert heard_s == pytest.approx(TOKENS * 1024 / 22_050, abs=0.02)


def test_given_a_stream_that_fails_before_it_begins_when_heard_then_there_is_only_the_failure(
    engine: XttsEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a fault after the first window, before its audio is let go
    monkeypatch.setattr(SlowDecoder, "fails_at", 10)

    # When the stream is listened to, then nothing is heard before the failure
    with pytest.raises(EngineError):
        next(engine.synthesize(STREAM, Event()))
