"""The fingerprint, the log lines and the settings."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from model_host.engines.base import EngineDescription, Voice
from model_host.fingerprint import fingerprint
from model_host.observability.logs import PrivateJsonFormatter
from model_host.settings import Settings

DESCRIPTION = EngineDescription("espeak", "m", "cpu", None, {"a": "1", "b": "2"})
VOICES = (Voice("default", "Voz", "pt-BR"),)
PROCESSING = {"normalizer": "1", "loudness_lufs": "-23"}


def test_given_the_same_sound_when_fingerprinted_then_it_is_the_same_16_hex_digits() -> None:
    reordered = replace(DESCRIPTION, versions={"b": "2", "a": "1"})

    assert fingerprint(DESCRIPTION, VOICES, PROCESSING) == fingerprint(
        reordered, VOICES, PROCESSING
    )
    assert len(bytes.fromhex(fingerprint(DESCRIPTION, VOICES, PROCESSING))) == 8


@pytest.mark.parametrize(
    ("description", "voices", "processing"),
    [
        (replace(DESCRIPTION, versions={"a": "1", "b": "3"}), VOICES, PROCESSING),
        (replace(DESCRIPTION, engine="coqui"), VOICES, PROCESSING),
        (DESCRIPTION, (Voice("second", "Outra", "pt-BR"), *VOICES), PROCESSING),
        (DESCRIPTION, VOICES, PROCESSING | {"normalizer": "2"}),
    ],
)
def test_given_another_sound_when_fingerprinted_then_it_differs(
    description: EngineDescription, voices: tuple[Voice, ...], processing: dict[str, str]
) -> None:
    assert fingerprint(description, voices, processing) != fingerprint(
        DESCRIPTION, VOICES, PROCESSING
    )


def test_given_a_voice_that_is_added_when_fingerprinted_then_what_others_said_stays_good() -> None:
    more = (*VOICES, Voice("second", "Outra", "pt-BR"))

    assert fingerprint(DESCRIPTION, more, PROCESSING) == fingerprint(
        DESCRIPTION, VOICES, PROCESSING
    )


def test_given_an_exception_that_quotes_a_text_when_logged_then_the_line_does_not() -> None:
    patient = "Maria da Silva"
    error = RuntimeError(f"cannot say {patient}")
    error.__cause__ = ValueError(patient)
    record = logging.LogRecord(
        "host", logging.ERROR, __file__, 1, "speaking failed", None, (RuntimeError, error, None)
    )

    line = PrivateJsonFormatter().format(record)

    assert "Silva" not in line
    assert "RuntimeError" in json.loads(line)["exc_info"]
    assert "ValueError" in json.loads(line)["exc_info"]


def test_given_plain_environment_names_when_read_then_they_are_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CTV_ENV", "prod")
    monkeypatch.setenv("PORT", "5050")
    monkeypatch.setenv("QUEUE_SIZE", "")

    settings = Settings()

    assert (settings.ctv_env, settings.port, settings.queue_size) == ("prod", 5050, 32)


def test_given_no_directory_of_voices_when_read_then_it_lies_beside_the_reference() -> None:
    reference = Path("/app/voice_samples/reference_voice.wav")

    assert Settings(reference_audio=reference).added_voices_dir == reference.parent / "voices"
    assert Settings(voices_dir=Path("/v")).added_voices_dir == Path("/v")
    assert Settings(temp_dir=Path("/t")).voice_cache_dir == Path("/t/voices")


@pytest.mark.parametrize("dsn", ["sentry", "https://sentry.example.org/1", "https://k@host"])
def test_given_a_dsn_of_no_use_when_read_then_it_is_refused_unquoted(
    monkeypatch: pytest.MonkeyPatch, dsn: str
) -> None:
    monkeypatch.setenv("SENTRY_DSN", dsn)

    with pytest.raises(ValidationError) as caught:
        Settings()

    assert caught.value.errors()[0]["msg"] == (
        "Value error, is not a DSN: https://KEY@HOST/PROJECT"
    )


def test_given_the_settings_when_read_then_each_is_documented() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
