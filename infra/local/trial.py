"""`make deploy-local`: the production template on a fresh MiniStack, tried and taken down again."""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Final

import boto3
import httpx

from infra.local.api_client import ApiClient
from infra.local.deployment import DEPARTURES, WITHOUT_EFFECT
from infra.local.processes import beside_others
from infra.local.settings import LocalRunError
from infra.local.stack import LocalStack
from infra.local.stack_file import StackFile

_SPEECH: Final = {"text": "Atenção, senha A042, guichê 2"}


def run() -> None:
    """Deploy, say where this differs from production, have a call spoken, and stop.

    Raises:
        LocalRunError: a step failed, or a check did.
    """
    stack = LocalStack(beside_others("deploy-local"))
    try:
        stack.start()
        _tell_stacks()
        print("Not as in production:")
        for departure in DEPARTURES:
            value = departure.value or "(empty)"
            print(f"  {departure.parameter}={value}: {departure.why}")
        print("As in production, but without effect here:")
        for part in WITHOUT_EFFECT:
            print(f"  {part}")
        _check(stack.describe({"up": os.getpid()}))
    finally:
        stack.stop()


def _tell_stacks() -> None:
    cloudformation = boto3.client("cloudformation")
    print("Deployed:")
    for stack in cloudformation.describe_stacks()["Stacks"]:
        name = stack["StackName"]
        resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        print(f"  {name}: {stack['StackStatus']}, {len(resources)} resources")


def _check(note: StackFile) -> None:
    headers = {"Host": note.api_host_header}
    refused = httpx.post(
        f"{note.api_url}/v1/speech", json=_SPEECH, headers=headers, timeout=35
    ).status_code
    if refused != HTTPStatus.UNAUTHORIZED:
        raise LocalRunError(f"Without a key the API answered {refused}, not 401.")
    print("Without a key: 401.")
    with ApiClient(note) as api:
        answer = api.speak(_SPEECH)
        audio = api.download(answer)
    if not audio.startswith(b"RIFF"):
        raise LocalRunError("What the API spoke is no WAV file.")
    print(f"With a key: {answer['duration_s']} s of speech, {len(audio)} bytes.")
