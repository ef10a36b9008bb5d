"""`SHA256SUMS`: what `sha256sum` of GNU coreutils writes and `sha256sum --check` reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

from infra.model_fetch.errors import WrongSourceError

SUMS_NAME = "SHA256SUMS"
_LINE = re.compile(r"(?P<sha256>[0-9a-f]{64}) [ *](?:\./)?(?P<name>\S+)")


def parse_sums(text: bytes) -> Mapping[str, str]:
    """SHA-256 by file name.

    Raises:
        WrongSourceError: a line is none that `sha256sum` writes.
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.decode("utf-8", "replace").splitlines(), start=1):
        match = _LINE.fullmatch(line.strip())
        if match is None:
            message = f"line {number} of {SUMS_NAME} is none of sha256sum's: make it again by it"
            raise WrongSourceError(message)
        sums[match["name"]] = match["sha256"]
    return sums
