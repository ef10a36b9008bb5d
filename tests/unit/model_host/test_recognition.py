"""The round trip through a recogniser: counting words, and finding the plug-in."""

from __future__ import annotations

import numpy as np
import pytest

from model_host.engines.base import EngineUnavailableError, Samples
from model_host.verification.recognition import load_recognizer, word_error_rate


@pytest.mark.parametrize(
    ("asked", "heard", "rate"),
    [
        ("senha quarenta e dois", "senha quarenta e dois", 0),
        ("senha quarenta e dois.", "Senha, quarenta e DOIS", 0),
        ("senha quarenta e dois", "senha quarenta e três", 0.25),
        ("senha quarenta e dois", "senha quarenta dois", 0.25),
        ("senha quarenta e dois", "a senha quarenta e dois", 0.25),
        ("senha quarenta e dois", "", 1),
        ("sim", "não não não", 3),
        ("josé", "jose", 1),
    ],
)
def test_given_two_texts_when_compared_then_the_share_of_wrong_words_is_told(
    asked: str, heard: str, rate: float
) -> None:
    assert word_error_rate(asked, heard) == pytest.approx(rate)


class Deaf:
    """A recogniser that hears nothing."""

    def transcribe(self, _samples: Samples, _sample_rate_hz: int) -> str:
        return ""


def test_given_a_dotted_name_when_loaded_then_what_it_makes_writes_down() -> None:
    recognizer = load_recognizer(f"{__name__}.Deaf")

    assert recognizer.transcribe(np.zeros(10, np.float32), 24_000) == ""


@pytest.mark.parametrize("name", ["", "nothing", "no.such.module", "json.nothing", ".x"])
def test_given_a_name_that_leads_nowhere_when_loaded_then_the_operator_is_told(name: str) -> None:
    with pytest.raises(EngineUnavailableError, match="SPEECH_RECOGNIZER"):
        load_recognizer(name)
