from __future__ import annotations

import pytest

from speech import settings
from speech.settings import SettingsError


def test_given_an_empty_environment_then_the_defaults_stand() -> None:
    read = settings.read({})

    assert (read.cache_backend, read.s3_cache_prefix) == ("hybrid", "c-tv/cache")
    assert (read.phrase_ttl_days, read.personal_ttl_days) == (30, 1)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CACHE_BACKEND", "redis"),
        ("TTS_PROVIDER", "polly"),
        ("LIVE_DEADLINE_S", "29"),
        ("COQUI_SERVER_URL", "coqui-server:5000"),
        ("S3_CACHE_PREFIX", "/c-tv/"),
        ("MAX_UPLOAD_ROWS", "many"),
        ("SENTRY_DSN", "https://sentry.example.org/1"),
        ("SENTRY_TRACES_SAMPLE_RATE", "10"),
    ],
)
def test_given_a_bad_value_then_its_variable_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        settings.read({variable: value})


def test_given_missing_variables_then_each_is_named() -> None:
    with pytest.raises(SettingsError, match="STATE_TABLE, LIVE_QUEUE_URL"):
        settings.read({"STATE_TABLE": ""}).require("ctv_env", "state_table", "live_queue_url")
