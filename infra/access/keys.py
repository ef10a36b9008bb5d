"""A key for a state table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from access.tokens import KEY_DAYS, TokenStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def create_key(
    dynamodb: DynamoDBClient, table: str, label: str, *scopes: str, days: int = KEY_DAYS
) -> str:
    """Give out a key.

    Args:
        dynamodb: where the table is.
        table: the stack's state table.
        label: who uses it, such as "Recepção"; shown in lists and in the audit.
        scopes: what it may do, as in `access.scopes`.
        days: how long it is valid.

    Returns:
        The key itself: only its hash is kept, so this is the one time that it is told.
    """
    return TokenStore(dynamodb, table).create_key(label, scopes, days).value
