"""What is asked for, and what it is called."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from speech.key import InvalidSpeechIdError, make_key, parse_id, parse_object_key
from speech.request import SpeechRequest, UnknownVoiceError, Utterance

SECRET = b"a secret for tests"
PRINT = "0123456789abcdef"
letters = st.characters(exclude_categories=("Cc", "Cs"))
texts = st.text(letters, min_size=1, max_size=200).filter(
    lambda text: 1 <= len(" ".join(unicodedata.normalize("NFC", text).split())) <= 1000
)


def utterance(**fields: Any) -> Utterance:
    asked = SpeechRequest.model_validate({"text": "Bom dia."} | fields)
    return asked.utterance(asked.spoken_text(), ["maria", "joao"], "maria")


@given(texts)
def test_given_another_spelling_of_the_same_text_then_the_key_is_the_same(text: str) -> None:
    words = unicodedata.normalize("NFD", text).split()
    respelled = "  " + "\n \t".join(words) + "\r\n"

    assert make_key(SECRET, utterance(text=text), PRINT) == make_key(
        SECRET, utterance(text=respelled), PRINT
    )


@given(texts, st.sampled_from(["wav", "mp3", "opus"]), st.sampled_from(["phrase", "personal"]))
def test_given_any_text_then_id_and_key_say_nothing_of_it_and_can_be_read_back(
    text: str, format_: str, retention: str
) -> None:
    said = utterance(text=text, format=format_, retention=retention)
    key = make_key(SECRET, said, PRINT)

    assert parse_id(key.id) == key
    assert parse_object_key(key.object_key("c-tv/cache"), "c-tv/cache") == key
    if len(said.text) > 8:
        assert said.text not in key.id
        assert said.text not in key.object_key("c-tv/cache")


def test_given_any_difference_that_can_be_heard_then_the_key_differs() -> None:
    base = {"text": "Bom dia.", "voice": "maria", "format": "wav", "speed": 1.0}
    changes: list[dict[str, Any]] = [
        {},
        {"text": "Boa tarde."},
        {"voice": "joao"},
        {"format": "pcm"},
        {"speed": 1.1},
    ]

    digests = {make_key(SECRET, utterance(**(base | change)), PRINT).digest for change in changes}
    digests.add(make_key(SECRET, utterance(**base), "fedcba9876543210").digest)
    digests.add(make_key(b"another secret", utterance(**base), PRINT).digest)

    assert len(digests) == len(changes) + 2


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "personal.maria.0123.wav",
        "personal.maria." + "g" * 64 + ".wav",
        "forever.maria." + "0" * 64 + ".wav",
        "personal.MARIA." + "0" * 64 + ".wav",
        "personal.maria." + "0" * 64 + ".exe",
        "personal.maria." + "0" * 64 + ".wav\n",
        "personal/maria/" + "0" * 64 + ".wav",
        "../manifest.json",
    ],
)
def test_given_what_is_no_id_then_it_is_refused(bad: str) -> None:
    with pytest.raises(InvalidSpeechIdError):
        parse_id(bad)


def test_given_an_object_that_is_no_speech_then_it_has_no_key() -> None:
    digest = "0" * 64

    assert parse_object_key("c-tv/manifest.json", "c-tv/cache") is None
    assert parse_object_key(f"elsewhere/phrase/maria/{digest}.wav", "c-tv/cache") is None


@pytest.mark.parametrize(
    ("call", "spoken"),
    [
        (
            {"ticket": "A042", "name": "João", "place": "Guichê 2A"},
            "Atenção, João, senha A042, Guichê 2A",
        ),
        ({"ticket": "A042"}, "Atenção, senha A042"),
        ({"name": " Ana \t Maria "}, "Atenção, Ana Maria"),
        ({"place": "Sala 1", "name": "Ana"}, "Atenção, Ana, Sala 1"),
    ],
)
def test_given_a_call_then_the_parts_that_are_there_are_announced(
    call: dict[str, str], spoken: str
) -> None:
    assert SpeechRequest.model_validate({"call": call}).spoken_text() == spoken


@pytest.mark.parametrize("language", ["pt", "PT", "pt-BR", "PT-br"])
def test_given_any_spelling_of_portuguese_then_it_is_one_language(language: str) -> None:
    assert SpeechRequest.model_validate({"text": "oi", "language": language}).language == "pt"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "oi", "call": {"name": "Ana"}},
        {"call": {}},
        {"text": "   \n"},
        {"text": "a" * 1001},
        {"text": "a\x00b"},
        {"text": "a\x1cb"},
        {"text": "\ud800"},
        {"text": 5},
        {"text": "oi", "voice": "../x"},
        {"text": "oi", "speed": 0.49},
        {"text": "oi", "speed": float("nan")},
        {"text": "oi", "format": "ogg"},
        {"text": "oi", "language": "en"},
        {"text": "oi", "retention": "forever"},
        {"text": "oi", "seed": 1},
    ],
)
def test_given_what_cannot_be_spoken_then_it_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SpeechRequest.model_validate(body)


def test_given_no_retention_then_speech_is_private() -> None:
    assert utterance().retention == "personal"


def test_given_an_unknown_voice_then_the_known_ones_are_named() -> None:
    with pytest.raises(UnknownVoiceError) as refused:
        utterance(voice="papagaio")

    assert refused.value.allowed == ("maria", "joao")
