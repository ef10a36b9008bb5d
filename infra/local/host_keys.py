"""The model host's key in a local run.

The host starts while the template is still being deployed, so the key is made here first and then
put into the deployed stack's secret; on AWS the secret comes first, and its value is copied into
the cluster.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import boto3


class LocalHostKeys:
    """One key, in the file that the host reads and in the secret that the functions read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def make(self) -> None:
        """Write a new key, for this user's eyes only."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch(mode=0o600)
        self.path.write_text(json.dumps({"current": secrets.token_urlsafe(48)}))

    def publish(self, secret_arn: str) -> None:
        """Make it the value of the stack's secret."""
        boto3.client("secretsmanager").put_secret_value(
            SecretId=secret_arn, SecretString=self.path.read_text()
        )

    @property
    def headers(self) -> dict[str, str]:
        """What a request that goes to the host directly must carry."""
        return {"Authorization": f"Bearer {json.loads(self.path.read_text())['current']}"}
