"""The authorizer, asked as API Gateway asks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.functions.conftest import Stage, aws_event, handler_of
from tests.unit.functions.gateway_stand_in import API

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(stage: Stage) -> Ask:
    """Ask about an `Authorization` header; the answer."""

    def question(authorization: str, header: str = "Authorization") -> dict[str, Any]:
        event = aws_event("api_gateway_rest_proxy")
        event |= {"type": "REQUEST", "methodArn": f"{API}/prod/GET/v1/voices"}
        event["headers"] |= {header: authorization}
        answer: dict[str, Any] = handler_of("authorizer")(event, stage.context)
        return answer

    return question


def effect(answer: dict[str, Any]) -> str:
    """Allow or Deny."""
    [statement] = answer["policyDocument"]["Statement"]
    return str(statement["Effect"])
