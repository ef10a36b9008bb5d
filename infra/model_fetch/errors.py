"""Why there is no model; the exit codes are those of sysexits.h."""

from __future__ import annotations

import os
from typing import ClassVar


class FetchError(Exception):
    """There is no model; the message says in one line what to do."""

    exit_code: ClassVar[int] = os.EX_SOFTWARE


class WrongSourceError(FetchError):
    """What `MODEL_URI` names is absent, forbidden, or holds no model: somebody must change it."""

    exit_code = os.EX_CONFIG


class DamagedError(FetchError):
    """Bytes are not what their SHA-256 says; what was fetched of them is removed."""

    exit_code = os.EX_DATAERR


class UnreachableError(FetchError):
    """S3 did not answer, or stopped in the middle: trying again goes on from there."""

    exit_code = os.EX_TEMPFAIL
