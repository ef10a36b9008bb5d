"""API Gateway as far as callers meet it: it asks the real authorizer, as the template says."""

from __future__ import annotations

import importlib
import json
import re
from functools import cache
from typing import Any

from infra.local.emulator_gaps import read_template
from infra.local.settings import ROOT

API = "arn:aws:execute-api:sa-east-1:123456789012:70ixmpl4fl"


@cache
def resources() -> dict[str, dict[str, Any]]:
    """The template's resources."""
    found: dict[str, dict[str, Any]] = read_template(ROOT / "template.yaml")["Resources"]
    return found


@cache
def open_routes() -> frozenset[str]:
    """Patterns of `METHOD path` for which nobody is asked."""
    events = resources()["ApiFunction"]["Properties"]["Events"].values()
    return frozenset(
        re.sub(r"\{\w+\}", "[^/]+", f"{route['Method']} {route['Path']}")
        for route in (event["Properties"] for event in events)
        if route.get("Auth", {}).get("Authorizer") == "NONE"
    )


class Gateway:
    """Admits requests; it remembers the authorizer's answers until told."""

    def __init__(self) -> None:
        self._answers: dict[str, dict[str, Any]] = {}

    def twin(self) -> Gateway:
        """Another that remembers as much."""
        twin = Gateway()
        twin._answers.update(self._answers)
        return twin

    def forget(self) -> None:
        """As after ten seconds."""
        self._answers.clear()

    def admit(self, event: dict[str, Any], context: Any) -> dict[str, Any] | None:
        """Put the caller into the event.

        Returns:
            The refusal instead, if there is one.
        """
        asked = f"{event['httpMethod']} {event['path']}"
        if any(re.fullmatch(route, asked) for route in open_routes()):
            return None
        authorization = event["headers"].get("Authorization", "")
        if not authorization:  # the identity source is missing: the authorizer is not asked
            return self._refusal("UNAUTHORIZED", event)
        method_arn = f"{API}/prod/{event['httpMethod']}{event['path']}"
        question = {"type": "REQUEST", "methodArn": method_arn, **event}
        try:
            answer = self._answers.get(authorization) or _ask(question, context)
        except Exception:  # noqa: BLE001 - as API Gateway, which knows no types
            return self._refusal("AUTHORIZER_FAILURE", event)
        self._answers[authorization] = answer
        [statement] = answer["policyDocument"]["Statement"]
        if statement["Effect"] != "Allow" or not _covers(statement["Resource"], method_arn):
            return self._refusal("ACCESS_DENIED", event)
        event["requestContext"]["authorizer"] = {
            **answer["context"],
            "principalId": answer["principalId"],
        }
        return None

    def _refusal(self, kind: str, event: dict[str, Any]) -> dict[str, Any]:
        response = resources()["Api"]["Properties"]["GatewayResponses"][kind]
        headers = response["ResponseParameters"]["Headers"]
        template = response["ResponseTemplates"]["application/json"]
        body = template.replace("$context.requestId", event["requestContext"]["requestId"])
        assert json.loads(body)["status"] == response["StatusCode"]
        return {
            "statusCode": response["StatusCode"],
            "headers": {name.lower(): value.strip("'") for name, value in headers.items()},
            "body": body,
        }


def _ask(question: dict[str, Any], context: Any) -> dict[str, Any]:
    answer: dict[str, Any] = importlib.import_module("authorizer.app").handler(question, context)
    return answer


def _covers(resource: str, arn: str) -> bool:
    """Whether IAM's wildcard pattern matches."""
    return re.fullmatch(re.escape(resource).replace(r"\*", ".*"), arn) is not None
