"""The model never gets a full stop right behind a word: it would say "ponto"."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from model_host.engines.base import Samples, Utterance
from model_host.engines.xtts.engine import XttsEngine, XttsOptions
from model_host.engines.xtts.pack_format import Pack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine(
    pack: Pack, recording: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[XttsEngine]:
    scratch = tmp_path_factory.mktemp("stops")
    made = XttsEngine(
        pack.directory, recording, scratch, scratch, XttsOptions("fp32", exact_tokens=12)
    )
    made.load()
    yield made
    made.close()


def spoken(engine: XttsEngine, text: str) -> Samples:
    utterance = Utterance((text,), "reference", seed=3)
    return np.concatenate([chunk.samples for chunk in engine.synthesize(utterance, Event())])


def test_given_a_full_stop_when_spoken_then_it_is_as_if_set_off_by_a_blank(
    engine: XttsEngine,
) -> None:
    with_stop = spoken(engine, "consultório três.")

    np.testing.assert_array_equal(with_stop, spoken(engine, "consultório três ."))
    # And the model hears it: it is not simply left out
    assert not np.array_equal(with_stop, spoken(engine, "consultório três"))
