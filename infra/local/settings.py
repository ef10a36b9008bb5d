"""Where a local run keeps its things and which ports it takes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
REGION = "sa-east-1"
# The template's `Stage`: production's, whose conditions hold here too.
STAGE: Final = "prod"


class LocalRunError(Exception):
    """Something the person at the keyboard can mend; the message says how."""


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """One local run.

    Attributes:
        run_dir: state, logs and temporary files of this run.
        gateway_port: port of MiniStack, which plays AWS.
        host_port: port of the model host.
        pages_port: port of the panel and the console.
        stack_name: CloudFormation stack to deploy.
    """

    run_dir: Path = ROOT / ".run"
    gateway_port: int = 4566
    host_port: int = 5000
    pages_port: int = 8080
    stack_name: str = "c-tv-local"

    @classmethod
    def from_environment(cls) -> LocalSettings:
        """Read PORT, MINISTACK_PORT, PAGES_PORT and RUN_DIR: a second run needs its own."""
        return cls(
            run_dir=Path(os.environ.get("RUN_DIR", ROOT / ".run")).resolve(),
            gateway_port=_port("MINISTACK_PORT", 4566),
            host_port=_port("PORT", 5000),
            pages_port=_port("PAGES_PORT", 8080),
        )

    @property
    def endpoint_url(self) -> str:
        """Where MiniStack answers for every AWS service."""
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def host_url(self) -> str:
        """Where the model host answers."""
        return f"http://127.0.0.1:{self.host_port}"

    @property
    def api_url(self) -> str:
        """The API, stage included; it answers only to its own `Host`."""
        return f"{self.endpoint_url}/{STAGE}"

    @property
    def pages_url(self) -> str:
        """Where the panel and the console are, and the API beside them."""
        return f"http://127.0.0.1:{self.pages_port}"

    @property
    def stack_file(self) -> Path:
        """The file that tells scripts where everything is."""
        return self.run_dir / "stack.json"

    def aws_environment(self) -> dict[str, str]:
        """Variables that point any AWS client at MiniStack, and never at a real account."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


def _port(name: str, default: int) -> int:
    value = os.environ.get(name, str(default))
    if not value.isdecimal() or not 0 < int(value) < 65536:  # noqa: PLR2004 (the last TCP port)
        raise LocalRunError(f"{name}={value!r} is not a port: give a number from 1 to 65535.")
    return int(value)
