"""Replacing the model host's key, step by step."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra import host_keys

OLD = "o" * 64


class Secret:
    """The stack's secret in moto's Secrets Manager."""

    def __init__(self) -> None:
        self._client = boto3.client("secretsmanager")
        made = self._client.create_secret(Name="host", SecretString=json.dumps({"current": OLD}))
        self.arn = made["ARN"]

    @property
    def keys(self) -> dict[str, str]:
        content: dict[str, str] = json.loads(self.content)
        return content

    @property
    def content(self) -> str:
        return self._client.get_secret_value(SecretId=self.arn)["SecretString"]

    def put(self, content: str) -> None:
        self._client.put_secret_value(SecretId=self.arn, SecretString=content)

    def take(self, step: str) -> int:
        return host_keys.main([step, "--secret", self.arn])


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[Secret]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    with mock_aws():
        yield Secret()


def test_given_the_three_steps_when_taken_then_the_key_is_another_and_was_never_alone(
    secret: Secret,
) -> None:
    assert secret.take("stage") == 0
    staged = secret.keys
    assert secret.take("promote") == 0
    promoted = secret.keys
    assert secret.take("retire") == 0

    new = staged["next"]
    assert staged == {"current": OLD, "next": new}
    assert promoted == {"current": new, "previous": OLD}
    assert secret.keys == {"current": new}
    assert len(new) >= 64
    assert new != OLD


@pytest.mark.parametrize(
    ("content", "wrong_steps", "following"),
    [
        ({"current": OLD}, ("promote", "retire"), "stage"),
        ({"current": OLD, "next": "n"}, ("stage", "retire"), "promote"),
        ({"current": OLD, "previous": "p"}, ("stage", "promote"), "retire"),
    ],
)
def test_given_a_step_out_of_turn_then_nothing_changes_and_the_right_one_is_named(
    secret: Secret,
    capsys: pytest.CaptureFixture[str],
    content: dict[str, str],
    wrong_steps: tuple[str, ...],
    following: str,
) -> None:
    secret.put(json.dumps(content))

    for step in wrong_steps:
        assert secret.take(step) == 1
        assert f"follows is: {following}." in capsys.readouterr().err
    assert secret.keys == content


@pytest.mark.parametrize("content", ["not json", "[]", '{"key": "x"}'])
def test_given_another_secret_then_it_is_left_alone(secret: Secret, content: str) -> None:
    secret.put(content)

    for step in ("stage", "promote", "retire"):
        assert secret.take(step) == 1
    assert secret.content == content


def test_given_each_step_then_it_says_how_to_go_on_and_prints_no_key(
    secret: Secret, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in ("stage", "promote", "retire"):
        secret.take(step)
        told = capsys.readouterr().out

        assert not any(key in told for key in (OLD, *secret.keys.values()))
        command: list[Any] = shlex.split(told[told.index("  aws") : told.index("apply -f -") + 10])
        assert command[:4] == ["aws", "secretsmanager", "get-secret-value", "--secret-id"]
        assert command[4] == secret.arn
        assert "--from-file=keys.json=/dev/stdin" in command
