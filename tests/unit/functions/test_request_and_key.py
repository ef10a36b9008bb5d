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
    return asked.utterance(asked.said, ["maria", "joao"], "maria")


def called(**parts: str) -> Utterance:
    return utterance(text=None, call=parts)


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
    [written] = said.written
    if len(written) > 8:
        assert written not in key.id
        assert written not in key.object_key("c-tv/cache")


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


def test_given_a_text_then_its_key_is_what_it_was_before_calls_had_keys_of_their_own() -> None:
    digest = "f6f1290a968ce96747ebc0437c07c8c30666ecbe253fd068a626bb2985a80dfe"

    assert make_key(SECRET, utterance(), PRINT).digest == digest


def test_given_no_entry_that_touches_it_then_the_key_is_that_of_a_host_without_a_lexicon() -> None:
    assert make_key(SECRET, utterance(), PRINT, "") == make_key(SECRET, utterance(), PRINT)
    assert make_key(SECRET, utterance(), PRINT, "0123456789abcdef") != make_key(
        SECRET, utterance(), PRINT
    )


def test_given_the_same_words_in_another_part_of_a_call_then_the_key_differs() -> None:
    said = [
        called(name="Ana", place="Sala 1"),
        called(name="Ana", ticket="Sala 1"),
        called(place="Ana", name="Sala 1"),
        called(name="Ana, Sala 1"),
        utterance(text="Ana, Sala 1"),
    ]

    assert len({make_key(SECRET, one, PRINT).digest for one in said}) == len(said)


def test_given_another_spelling_of_the_same_call_then_the_key_is_the_same() -> None:
    assert make_key(SECRET, called(name=" Ana \t Maria "), PRINT) == make_key(
        SECRET, called(name="Ana Maria"), PRINT
    )


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
