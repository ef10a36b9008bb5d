"""The model host's key on the deployed stack: from the secret to the functions and to the host."""

from __future__ import annotations

import time
from collections.abc import Callable

import boto3
import httpx

from infra import host_keys
from infra.local.stack import LocalStack

HOST_LOOKS_AGAIN_S = 1.2


def copy_secret(stack: LocalStack) -> None:
    """Copy the secret to where the host reads it, as an operator does with kubectl."""
    answer = boto3.client("secretsmanager").get_secret_value(
        SecretId=stack.outputs["HostKeysSecretArn"]
    )
    stack.host_keys.path.write_text(answer["SecretString"])
    time.sleep(HOST_LOOKS_AGAIN_S)


def test_a_rotation_loses_no_call_and_the_old_key_opens_nothing(
    stack: LocalStack, api: httpx.Client, fresh: Callable[[str], str]
) -> None:
    # Given a host that asks for a key
    info = f"{stack.settings.host_url}/info"
    old = stack.host_keys.headers
    assert httpx.get(info).status_code == 401
    assert httpx.get(info, headers=old).status_code == 200
    # When its key is replaced, step by step
    for step in ("stage", "promote", "retire"):
        assert host_keys.main([step, "--secret", stack.outputs["HostKeysSecretArn"]]) == 0
        copy_secret(stack)
        # Then calls are spoken all the while, by functions that still remember the old key too
        answer = api.post("/v1/speech", json={"text": fresh("senha")})
        assert (answer.status_code, answer.json()["cached"]) == (200, False), answer.text
    # And the old key is worth nothing
    assert httpx.get(info, headers=old).status_code == 401
    assert httpx.get(info, headers=stack.host_keys.headers).status_code == 200
