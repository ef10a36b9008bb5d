"""The key that the functions present to the model host, from Secrets Manager.

The secret holds `current` and, while one key replaces another, `next` or `previous` as well, which
only the host needs.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from speech import observability

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

TRUSTED_S = 300.0
"""How long a process uses a key before it reads the secret again, in seconds."""

# As the host takes them (RFC 6750's b64token).
_KEY = re.compile(r"[A-Za-z0-9._~+/-]{32,512}=*")


class HostKeyError(Exception):
    """There is no key to present."""


class HostKey:
    """The current key, remembered for five minutes."""

    def __init__(
        self,
        secretsmanager: SecretsManagerClient,
        secret_arn: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._secretsmanager = secretsmanager
        self._secret_arn = secret_arn
        self._now = now
        self._key = ""
        self._read_at_s = 0.0

    def current(self) -> str:
        """The key, at most five minutes old if the secret can be read.

        Raises:
            HostKeyError: the secret cannot be read and never was.
        """
        if self._key and self._now() - self._read_at_s < TRUSTED_S:
            return self._key
        return self.renewed()

    def renewed(self) -> str:
        """The key as the secret has it now; the one of before if it cannot be read.

        Raises:
            HostKeyError: the secret cannot be read and never was.
        """
        self._read_at_s = self._now()
        try:
            self._key = self._read()
        except (ClientError, BotoCoreError, ValueError, KeyError, TypeError) as error:
            observability.log_fault("the host's key cannot be read", error)
            if not self._key:
                raise HostKeyError from None
        return self._key

    def _read(self) -> str:
        answer = self._secretsmanager.get_secret_value(SecretId=self._secret_arn)
        key = json.loads(answer["SecretString"])["current"]
        if not _KEY.fullmatch(key):
            raise ValueError
        return str(key)
