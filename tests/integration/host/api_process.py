"""`python -m tests.integration.host.api_process BODY`: POST /v1/speech to the API's handler.

Its log goes to standard output, as in Lambda, and the answer's status ends it.
"""

from __future__ import annotations

import sys
from typing import Any

from access.caller import Caller
from access.scopes import SPEECH
from api.app import handler
from tests.unit.functions.conftest import LambdaContext, aws_event


def main(body: str) -> None:
    event = aws_event("api_gateway_rest_proxy") | {"httpMethod": "POST", "path": "/v1/speech"}
    event["requestContext"]["authorizer"] = Caller("id", "test", frozenset({SPEECH})).context()
    context: Any = LambdaContext()
    answer: Any = handler(event | {"body": body}, context)
    sys.stdout.write(f"\n{answer['statusCode']}\n")


if __name__ == "__main__":
    main(sys.argv[1])
