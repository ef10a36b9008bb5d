"""`python -m infra.model_fetch`: what stands before the host in a pod.

Exit codes are those of sysexits.h: 0, the pack is there; 75, S3 did not answer, trying again may
help; 78, `MODEL_URI` or the pod's role must be changed; 65, bytes are not what their SHA-256 says;
74, the volume cannot be written; 143, told to stop. Whatever it is, the next run goes on from here.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from pydantic import ValidationError

from infra.model_fetch.bucket import Bucket
from infra.model_fetch.errors import FetchError, WrongSourceError
from infra.model_fetch.fetch import Fetcher
from infra.model_fetch.packing import TorchPacker
from infra.model_fetch.settings import Settings

_TERMINATED = 128 + signal.SIGTERM
_S3 = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 5}
)


def main() -> int:
    """Provide the model; one line on standard error says why there is none."""
    # A container's first process has no default action for signals: without this one kubelet
    # would wait out the whole grace period of a pod that is deleted while it fetches.
    signal.signal(signal.SIGTERM, _terminate)
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in error.errors()
        )
        return _failed(os.EX_CONFIG, f"wrong settings: {wrong}")
    try:
        _provide(settings)
    except FetchError as error:
        return _failed(error.exit_code, str(error))
    except OSError as error:
        place = settings.xtts_model_dir.parent
        return _failed(os.EX_IOERR, f"{place} cannot be written: {error.strerror or error}")
    return os.EX_OK


def _provide(settings: Settings) -> None:
    bucket, _, prefix = settings.model_uri.removeprefix("s3://").partition("/")
    try:
        s3 = boto3.client("s3", config=_S3)
    except BotoCoreError as error:
        raise WrongSourceError(f"S3 cannot be asked ({type(error).__name__})") from error
    started_s = time.monotonic()

    def tell(message: str) -> None:
        sys.stderr.write(f"model_fetch: {time.monotonic() - started_s:5.1f} s  {message}\n")

    fetcher = Fetcher(Bucket(s3, bucket), settings.xtts_model_dir, TorchPacker(), tell)
    pack = fetcher.provide(prefix.rstrip("/"))
    tell(f"{pack.directory}: fingerprint {pack.fingerprint}")


def _failed(code: int, message: str) -> int:
    sys.stderr.write(f"model_fetch: {message}\n")
    return code


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(_TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
