"""Looking again, after another desk came first."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Unpack

from panels.errors import PanelContendedError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef, UpdateItemOutputTypeDef

# Thirty desks that act in the same instant are through within about two seconds.
PATIENCE_S: Final = 8.0
_FIRST_PAUSE_S: Final = 0.01
_LONGEST_PAUSE_S: Final = 0.5


def attempts() -> Iterator[None]:
    """Yield for each attempt, with growing random pauses between, and end after 8 s.

    Whoever still has not written then raises `PanelContendedError`.
    """
    given_up_at = time.monotonic() + PATIENCE_S
    pause_s = _FIRST_PAUSE_S
    yield
    while time.monotonic() < given_up_at:
        time.sleep(random.uniform(0, pause_s))  # noqa: S311 - desks part ways, no secret
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        yield


def update_item(
    dynamodb: DynamoDBClient, **request: Unpack[UpdateItemInputTypeDef]
) -> UpdateItemOutputTypeDef:
    """UpdateItem, again while a transaction has the item in hand.

    DynamoDB refuses it then with a TransactionConflictException, which botocore does not retry.
    Source: Amazon DynamoDB Developer Guide, "Transaction conflict handling in DynamoDB".

    Raises:
        PanelContendedError: a transaction had it each time.
    """
    for _ in attempts():
        with suppress(dynamodb.exceptions.TransactionConflictException):
            return dynamodb.update_item(**request)
    raise PanelContendedError
