"""The tokenizer says what TTS's says, and nothing it must not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from infra.standin.vocabulary import SENTENCES
from model_host.engines.base import EngineUnavailableError
from model_host.engines.xtts.tokenizer import CHARACTERS_MAX, XttsTokenizer

_TEXTS = (
    *SENTENCES.read_text("utf-8").splitlines()[:40],
    "  Espaços   demais ,  aqui ?! ",
    "MAIÚSCULAS COM ACENTO: ÇÃÕÉÊÍÓÔÚÀÜ",
    "reticências... e depois!",
    "consultório três .",
    "x",
)


@pytest.fixture(scope="module")
def tokenizer(vocabulary: Path) -> XttsTokenizer:
    return XttsTokenizer(vocabulary)


def said(tokenizer: XttsTokenizer, vocabulary: Path, text: str) -> str:
    """The text that the tokens stand for."""
    names = {
        number: token for token, number in Tokenizer.from_file(str(vocabulary)).get_vocab().items()
    }
    return "".join(names[token] for token in tokenizer.encode(text)).replace("[SPACE]", " ")


@pytest.mark.slow
@pytest.mark.parametrize("text", _TEXTS)
def test_given_words_and_punctuation_when_encoded_then_the_tokens_are_those_of_tts(
    tokenizer: XttsTokenizer, tts_tokenizer: Any, text: str
) -> None:
    expected = tts_tokenizer.encode(text.lower().strip(), "pt")

    assert tokenizer.encode(text) == expected
    assert len(expected) > 1


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("ontem ☃ nevou", "[pt]ontem  nevou"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "[pt]café"),
        ("[STOP] pare [START][pt]", "[pt]stop pare startpt"),
    ],
)
def test_given_what_tts_says_otherwise_when_encoded_then_it_can_be_said(
    tokenizer: XttsTokenizer, vocabulary: Path, text: str, spoken: str
) -> None:
    assert said(tokenizer, vocabulary, text) == spoken


@pytest.mark.parametrize("length", [CHARACTERS_MAX, CHARACTERS_MAX + 1])
def test_given_a_text_at_the_limit_of_characters_when_asked_then_only_a_longer_one_is_too_long(
    tokenizer: XttsTokenizer, length: int
) -> None:
    assert tokenizer.fits(("casa " * 50)[:length]) == (length == CHARACTERS_MAX)


def test_given_a_limit_of_tokens_when_asked_then_a_text_must_have_fewer(vocabulary: Path) -> None:
    text = "maria da silva"
    tokens = len(XttsTokenizer(vocabulary).encode(text))

    assert not XttsTokenizer(vocabulary, max_text_tokens=tokens).fits(text)
    assert XttsTokenizer(vocabulary, max_text_tokens=tokens + 1).fits(text)


@pytest.mark.parametrize(
    ("content", "expected"),
    [("{", r"vocab\.json is not a vocabulary"), (None, r"vocab\.json .* lacks \[pt\]")],
)
def test_given_another_vocabulary_when_read_then_the_file_is_named(
    vocabulary: Path, tmp_path: Path, content: str | None, expected: str
) -> None:
    path = tmp_path / "vocab.json"
    path.write_text(content or vocabulary.read_text("utf-8").replace('"[pt]"', '"[xx]"'), "utf-8")

    with pytest.raises(EngineUnavailableError, match=expected):
        XttsTokenizer(path)
