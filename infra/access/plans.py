"""Keys of API Gateway, under which a usage plan counts a caller's requests.

Such a key opens nothing: the authorizer names it for whom it has recognised
(`ApiKeySourceType: AUTHORIZER`).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient


def join(gateway: APIGatewayClient, usage_plan: str) -> str:
    """Make a key within a usage plan and return its value, which is its name as well."""
    name = f"c-tv-{secrets.token_hex(16)}"
    key = gateway.create_api_key(name=name, value=name, enabled=True)
    gateway.create_usage_plan_key(usagePlanId=usage_plan, keyId=key["id"], keyType="API_KEY")
    return name


def leave(gateway: APIGatewayClient, usage_key: str) -> None:
    """Delete the key of this value, if it is there."""
    for key in gateway.get_api_keys(nameQuery=usage_key)["items"]:
        if key["name"] == usage_key:  # the query is for a beginning
            gateway.delete_api_key(apiKey=key["id"])
