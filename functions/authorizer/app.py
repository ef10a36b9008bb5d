"""API Gateway's Lambda authorizer: who calls, from the `Authorization` header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from access.refusals import RefusedError
from access.telling import tell
from authorizer.answers import allow, refuse
from authorizer.recognition import bearer, recognition
from speech import observability
from speech.assembly import assembled

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

assembled().settings.require("state_table")


class AuthorizerFaultError(observability.ToldFaultError):
    """What API Gateway answers a 500 to; Lambda logs it, so it has nothing of its cause."""


@observability.logger.inject_lambda_context(clear_state=True)
@observability.traced
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Recognise one caller.

    Raises:
        AuthorizerFaultError: something failed here.
    """
    # API Gateway's: whoever is turned away here finds it in the answer, as `request_id`.
    observability.logger.set_correlation_id(event["requestContext"].get("requestId"))
    try:
        recognised = recognition().of(bearer(event["headers"] or {}))
    except RefusedError as refused:
        tell(refused)
        return refuse(event["methodArn"])
    except Exception as error:  # noqa: BLE001 - none may let a caller in
        observability.count(observability.API_FAULT)
        observability.log_fault("a caller could not be recognised", error)
        raise AuthorizerFaultError from None
    return allow(recognised, event["methodArn"])
