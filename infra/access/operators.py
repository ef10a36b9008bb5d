"""An operator's token for a state table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panels.tokens import TokenStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def create_operator_token(dynamodb: DynamoDBClient, table: str, label: str) -> str:
    """Give out an operator's token, valid for a year.

    Args:
        dynamodb: where the table is.
        table: the stack's state table.
        label: who uses it, such as "Recepção"; shown in lists and in the audit.

    Returns:
        The token itself: only its hash is kept, so this is the one time that it is told.
    """
    return TokenStore(dynamodb, table).create_operator(label)
