"""Writing many items to the state table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import BatchWriteItemInputTypeDef

_BATCH_ITEMS = 25  # BatchWriteItem's limit


def put_items(dynamodb: DynamoDBClient, table: str, items: Iterable[dict[str, Any]]) -> None:
    """Put items with different keys; what DynamoDB leaves unprocessed is sent again."""
    waiting: list[Any] = [{"PutRequest": {"Item": item}} for item in items]
    while waiting:
        request: BatchWriteItemInputTypeDef = {"RequestItems": {table: waiting[:_BATCH_ITEMS]}}
        answer = dynamodb.batch_write_item(**request)
        unprocessed: list[Any] = answer.get("UnprocessedItems", {}).get(table, [])
        waiting = waiting[_BATCH_ITEMS:] + unprocessed
