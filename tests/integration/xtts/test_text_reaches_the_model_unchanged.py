"""What the normaliser says is what the model is told: neither TTS nor we change a character."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from benchmarks.text.calls import calls
from model_host.engines.xtts.tokenizer import XttsTokenizer
from model_host.text.full_stops import set_off_full_stops
from model_host.text.normalizer import Normalizer

_NORMALIZER = Normalizer()
_TEXTS = (*calls(), "Silva e Co.", "Silva e Co. Ltd.", "Fale com o dr.", "José Jr.", "Moro no St.")


@pytest.fixture(scope="module")
def normalised() -> list[str]:
    return [set_off_full_stops(_NORMALIZER.normalize(text)) for text in _TEXTS]


@pytest.mark.slow
def test_given_written_calls_when_ttss_cleaner_takes_them_then_it_does_something(
    tts_tokenizer: Any,
) -> None:
    """Else the next test would prove nothing."""
    lower = [text.lower() for text in _TEXTS]

    changed = [text for text in lower if tts_tokenizer.preprocess_text(text, "pt") != text]

    assert len(changed) > len(_TEXTS) / 2


@pytest.mark.slow
def test_given_normalised_calls_when_ttss_cleaner_takes_them_then_it_leaves_them(
    tts_tokenizer: Any, normalised: list[str]
) -> None:
    changed = [text for text in normalised if tts_tokenizer.preprocess_text(text, "pt") != text]

    assert changed == []


@pytest.mark.slow
def test_given_normalised_calls_when_encoded_then_tokens_are_ttss_and_stand_for_every_character(
    vocabulary: Path, tts_tokenizer: Any, normalised: list[str]
) -> None:
    names = {
        number: token for token, number in Tokenizer.from_file(str(vocabulary)).get_vocab().items()
    }
    tokenizer = XttsTokenizer(vocabulary)

    for text in normalised:
        tokens = tokenizer.encode(text)

        assert tokens == tts_tokenizer.tokenizer.encode(f"[pt]{text}".replace(" ", "[SPACE]")).ids
        assert "".join(names[token] for token in tokens).replace("[SPACE]", " ") == f"[pt]{text}"
