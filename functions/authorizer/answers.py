"""What API Gateway is answered about a caller."""

from __future__ import annotations

from typing import Any

from authorizer.recognition import Recognised


def allow(recognised: Recognised, method_arn: str) -> dict[str, Any]:
    """Let a caller in, and tell the API who it is.

    The policy covers every route of the stage: API Gateway caches it by the `Authorization` header
    alone, so one for the asked route would refuse the same caller's next route. What a caller may
    do is the API's to say, by the scopes in the context.

    Source: Amazon API Gateway Developer Guide, "Output from an API Gateway Lambda authorizer".

    Args:
        recognised: the caller.
        method_arn: `arn:…:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`.
    """
    api, stage, *_ = method_arn.split("/")
    answer: dict[str, Any] = {
        "principalId": recognised.caller.token_id,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "execute-api:Invoke",
                    "Resource": f"{api}/{stage}/*",
                }
            ],
        },
        "context": recognised.caller.context(),
    }
    if recognised.usage_key:
        answer["usageIdentifierKey"] = recognised.usage_key
    return answer
