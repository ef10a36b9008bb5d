"""What API Gateway is answered about a caller.

Source: Amazon API Gateway Developer Guide, "Output from an API Gateway Lambda authorizer".
"""

from __future__ import annotations

from typing import Any, Literal

from authorizer.recognition import Recognised


def allow(recognised: Recognised, method_arn: str) -> dict[str, Any]:
    """Let a caller in, and tell the API who it is.

    What a caller may do is the API's to say, by the scopes in the context.

    Args:
        recognised: the caller.
        method_arn: `arn:…:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`.
    """
    answer = {
        "principalId": recognised.caller.token_id,
        "policyDocument": _policy("Allow", method_arn),
        "context": recognised.caller.context(),
    }
    if recognised.usage_key:
        answer["usageIdentifierKey"] = recognised.usage_key
    return answer


def refuse(method_arn: str) -> dict[str, Any]:
    """Let nobody in; the template has API Gateway answer that with a 401.

    Raising "Unauthorized" would be a 401 too, but a failed invocation each time: it could not be
    told from a fault, and API Gateway would not remember it for the next try of the same key.
    """
    return {"principalId": "nobody", "policyDocument": _policy("Deny", method_arn)}


def _policy(effect: Literal["Allow", "Deny"], method_arn: str) -> dict[str, Any]:
    """A policy for every route of the stage.

    API Gateway remembers it by the `Authorization` header alone: one for the asked route would be
    the answer to the same caller's next route, too.
    """
    api, stage, *_ = method_arn.split("/")
    statement = {
        "Effect": effect,
        "Action": "execute-api:Invoke",
        "Resource": f"{api}/{stage}/*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
