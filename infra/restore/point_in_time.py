"""A table as it was at a point in time, made beside it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.Tutorial.html
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_POLL_S: Final = 20.0
_BEING_MADE: Final = frozenset({"CREATING", "UPDATING"})


class NoCopyError(Exception):
    """The copy is not there, or is going."""


def begin(dynamodb: DynamoDBClient, table: str, at: datetime, copy: str) -> None:
    """Have `copy` made of `table` as it was at `at`; it is not there yet."""
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=copy, RestoreDateTime=at
    )
    time.sleep(_POLL_S)  # a table just begun may be unknown at first (DescribeTable)


def wait(dynamodb: DynamoDBClient, copy: str) -> None:
    """Wait until the copy can be read, however long: AWS gives no bound.

    Raises:
        NoCopyError: there is no such table, or it is going or archived.
    """
    while True:
        try:
            status = dynamodb.describe_table(TableName=copy)["Table"].get("TableStatus")
        except dynamodb.exceptions.ResourceNotFoundException:
            raise NoCopyError from None
        if status == "ACTIVE":
            return
        if status not in _BEING_MADE:
            raise NoCopyError
        time.sleep(_POLL_S)
