"""boto3 clients: one of each service per process, made when first needed.

Making a client reads its service's model from disk (0.02-0.17 s), so a function pays only for
the services it calls; every later call reuses the client and its connections.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

# A live call has 20 s in all: a lost packet must not eat it (boto3's own time-outs are 60 s).
_NETWORK = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=4,
    tcp_keepalive=True,
)


class Clients:
    """The AWS services the functions speak to."""

    def __init__(self, *, emulated: bool) -> None:
        self._emulated = emulated

    @cached_property
    def s3(self) -> S3Client:
        """S3, signing with SigV4.

        Virtual addressing names the regional endpoint in presigned URLs; boto3's default names
        the global one, which redirects outside us-east-1 and breaks the signature. An emulator
        has no DNS name per bucket, so there the bucket goes into the path.
        """
        style: Literal["path", "virtual"] = "path" if self._emulated else "virtual"
        config = Config(signature_version="s3v4", s3={"addressing_style": style})
        return boto3.client("s3", config=_NETWORK.merge(config))

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """DynamoDB."""
        return boto3.client("dynamodb", config=_NETWORK)

    @cached_property
    def sqs(self) -> SQSClient:
        """SQS."""
        return boto3.client("sqs", config=_NETWORK)

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        """Secrets Manager."""
        return boto3.client("secretsmanager", config=_NETWORK)
