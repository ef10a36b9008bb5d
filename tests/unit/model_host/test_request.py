"""The one validated request."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_host.audio.formats import AudioFormat
from model_host.errors import InvalidFieldsError
from model_host.request import SpeechRequest, parse_speech_request
from model_host.routes.openai_contract import parse_openai_speech
from model_host.text.folding import UnspeakableTextError, fold, fold_speakable
from tests.unit.model_host.saying import say

VOICES = ("default", "female")


def parse(**fields: Any) -> SpeechRequest:
    return parse_speech_request({"text": "Maria", **fields}, VOICES, say)


def test_given_only_a_text_when_parsed_then_every_default_stands() -> None:
    request = parse()

    assert request.model_dump() == {
        "text": "Maria", "ticket": None, "name": None, "place": None, "language": "pt",
        "voice": "default", "format": AudioFormat.WAV, "speed": 1.0, "seed": None,
        "stream": False, "candidates": None,
    }  # fmt: skip
    assert request.said == say("Maria")


def test_given_every_field_when_parsed_then_each_is_taken() -> None:
    request = parse(language="PT-br", voice="female", format="opus", speed=2, seed=7, stream=True,
                    candidates=1)  # fmt: skip

    assert (request.language, request.voice_id) == ("pt-BR", "female")
    assert request.format is AudioFormat.OPUS
    assert (request.speed, request.seed, request.stream) == (2.0, 7, True)
    assert request.candidates == 1
    assert parse(candidates=8).candidates == 8


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("text", "a\u0007b", {"length_min": 1, "length_max": 1000}),
        ("text", None, {"length_min": 1, "length_max": 1000}),
        ("text", "x" * 1001, {"length_min": 1, "length_max": 1000}),
        ("language", "en", ("pt", "pt-BR")),
        ("language", None, ("pt", "pt-BR")),
        ("voice", "alloy", VOICES),
        ("voice", 3, VOICES),
        ("format", "ogg", tuple(AudioFormat)),
        ("format", 1, tuple(AudioFormat)),
        ("speed", 0.49, {"minimum": 0.5, "maximum": 2.0}),
        ("speed", 2.01, {"minimum": 0.5, "maximum": 2.0}),
        ("speed", float("inf"), {"minimum": 0.5, "maximum": 2.0}),
        ("speed", "1", {"minimum": 0.5, "maximum": 2.0}),
        ("seed", -1, {"minimum": 0, "maximum": 2**32 - 1}),
        ("seed", 1.5, {"minimum": 0, "maximum": 2**32 - 1}),
        ("seed", True, {"minimum": 0, "maximum": 2**32 - 1}),
        ("stream", "yes", None),
        ("candidates", 0, {"minimum": 1, "maximum": 8}),
        ("candidates", 9, {"minimum": 1, "maximum": 8}),
        ("candidates", True, {"minimum": 1, "maximum": 8}),
        ("emotion", "happy", None),
    ],
)
def test_given_a_wrong_value_when_parsed_then_the_field_and_what_it_allows_are_named(
    field: str, value: object, allowed: object
) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        parse(**{field: value})

    (error,) = refused.value.errors
    assert error.field == field
    assert error.allowed == allowed


def test_given_a_stream_when_several_candidates_are_asked_then_they_are_refused() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        parse(stream=True, candidates=2)

    assert [error.field for error in refused.value.errors] == ["candidates"]
    assert "stream" in refused.value.errors[0].message


def test_given_several_wrong_fields_when_parsed_then_all_are_named_at_once() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        parse(language="en", speed=9, format="ogg")

    assert [error.field for error in refused.value.errors] == ["language", "format", "speed"]


def test_given_a_refused_text_when_told_then_the_text_is_not_repeated() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        parse(text="Maria da Silva\u0007")

    assert "Maria" not in repr(refused.value.errors)


CALL = {"ticket": "A042", "name": "MARIA DA SILVA", "place": "CONSULTÓRIO 03"}


def test_given_a_call_when_parsed_then_each_field_is_said_by_its_own_rules() -> None:
    request = parse_speech_request(CALL, VOICES, say)

    assert request.text is None
    assert request.said.text == "senha á zero quarenta e dois, maria da silva, consultório três."


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "text"),
        ({"text": "Maria", "name": "Maria"}, "text"),
        ({"ticket": "\u0007"}, "ticket"),
        ({"name": "..."}, "name"),
        ({"place": "x" * 201}, "place"),
        ({"place": 3}, "place"),
        ({"name": ""}, "name"),
    ],
)
def test_given_no_call_or_a_wrong_one_when_parsed_then_the_field_is_named(
    fields: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        parse_speech_request(fields, VOICES, say)

    (error,) = refused.value.errors
    assert error.field == field
    assert isinstance(error.allowed, dict)
    assert error.allowed["length_max"] == (1000 if field == "text" else 200)


def test_given_letters_that_nobody_can_say_when_parsed_then_the_text_is_refused() -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        parse(text="\u0640\u02bb")

    assert [error.field for error in refused.value.errors] == ["text"]


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("  Maria \t\r\n da\u00a0Silva ", "Maria da Silva"),
        ("Jose\u0301", "José"),
        ("a\u2028b\u3000c\u0085d", "a b c d"),
        ("👩\u200d⚕️ Ana", "👩\u200d⚕️ Ana"),
    ],
)
def test_given_another_spelling_when_folded_then_there_is_one_spelling(
    raw: str, folded: str
) -> None:
    assert fold_speakable(raw) == folded


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("...!?", "no letter"),
        ("😀", "no letter"),
        ("a\x00", "U+0000"),
        ("a\x1cb", "U+001C"),
        ("a\x7fb", "U+007F"),
        ("a\u202eb", "U+202E"),
        ("a\u200bb", "U+200B"),
        ("a\ud800b", "U+D800"),
        ("x" * 1001, "1001 characters"),
    ],
)
def test_given_what_is_no_text_when_folded_then_it_says_why(raw: str, told: str) -> None:
    with pytest.raises(UnspeakableTextError, match=told.replace("+", r"\+")):
        fold_speakable(raw)


def test_given_1000_characters_after_folding_when_folded_then_they_are_taken() -> None:
    assert len(fold_speakable(" " + "x  " * 499 + "yz ")) == 1000


@given(st.text(max_size=60))
def test_given_any_text_when_folded_twice_then_it_is_as_folded_once(text: str) -> None:
    once = fold(text)

    assert fold(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "  " not in once


OPENAI_BODY = {"model": "tts-1", "input": "Maria", "voice": "default"}


def test_given_openais_body_when_translated_then_it_is_our_request_and_streams() -> None:
    body = OPENAI_BODY | {"response_format": "flac", "speed": 1.5, "instructions": "Sorria."}

    request = parse_openai_speech(body, VOICES, say)

    assert (request.text, request.voice_id, request.speed) == ("Maria", "default", 1.5)
    assert request.format is AudioFormat.FLAC
    assert request.stream
    assert parse_openai_speech(OPENAI_BODY, VOICES, say).format is AudioFormat.MP3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"input": "\x00"}, "input"),
        ({"input": None}, "input"),
        ({"voice": "alloy"}, "voice"),
        ({"voice": None}, "voice"),
        ({"response_format": "ogg"}, "response_format"),
        ({"speed": 4.0}, "speed"),
        ({"model": ""}, "model"),
        ({"stream_format": "sse"}, "stream_format"),
        ({"text": "Maria"}, "text"),
    ],
)
def test_given_a_wrong_openai_field_when_translated_then_it_has_openais_name(
    change: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        parse_openai_speech(OPENAI_BODY | change, VOICES, say)

    assert {error.field for error in refused.value.errors} == {field}


@pytest.mark.parametrize("missing", ["model", "input", "voice"])
def test_given_openais_body_without_what_it_needs_when_translated_then_it_is_named(
    missing: str,
) -> None:
    body = {name: value for name, value in OPENAI_BODY.items() if name != missing}

    with pytest.raises(InvalidFieldsError) as refused:
        parse_openai_speech(body, VOICES, say)

    assert missing in {error.field for error in refused.value.errors}
