"""What a reader of docs/deploy.md has, as far as this machine can give it.

MiniStack plays AWS, and the model host speaks beside it with its embedded voice. What takes the
place of the rest is in `stand_ins.sh`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import boto3

from infra import system_tools
from infra.local.deployment import DEPARTURES
from infra.local.processes import beside_others, end_group
from infra.local.settings import ROOT
from infra.local.stack import LocalStack, answers
from infra.walk.shell import Shell, inherited

STAND_INS: Final = ROOT / "infra" / "walk" / "stand_ins.sh"
# The template refuses a certificate without the name that it is for.
_WITHOUT_DOMAIN: Final = "CertificateArn="
_TOOLS: Final = (ROOT / ".venv-aws" / "bin", ROOT / ".venv-sam" / "bin")


@contextmanager
def machine() -> Iterator[Shell]:
    """A reader's terminal; what it stands on is ended with it, whatever happens."""
    settings = beside_others("walk")
    shutil.rmtree(settings.run_dir, ignore_errors=True)
    for folder in ("tmp", "home", "sam", "reader"):
        (settings.run_dir / folder).mkdir(parents=True)
    os.environ.update(settings.aws_environment())
    stack = LocalStack(settings)
    stack.host_keys.make()
    try:
        stack.host.start()
        stack.ministack.start()
        stack.ministack.wait_until(lambda: answers(settings.endpoint_url), timeout_s=60)
        stack.host.wait_until(lambda: answers(f"{settings.host_url}/health/ready"), timeout_s=60)
        shell = Shell(settings.run_dir / "reader", settings.run_dir, _environment(stack))
        shell.run(f'. "{STAND_INS}"')
        yield shell
    finally:
        _end(settings.run_dir / "pages.pid")
        stack.stop()
        shutil.rmtree(settings.run_dir / "tmp", ignore_errors=True)


def _environment(stack: LocalStack) -> dict[str, str]:
    """A fresh terminal, the emulated account, and what the stand-ins are told."""
    settings = stack.settings
    kubectl = system_tools.find("kubectl")
    return {
        **inherited((*_TOOLS, kubectl.parent)),
        **settings.aws_environment(),
        "KUBECONFIG": os.devnull,
        "SAM_CLI_TELEMETRY": "0",
        "__SAM_CLI_APP_DIR": str(settings.run_dir / "sam"),
        "WALK_PYTHON": sys.executable,
        "WALK_RUN": str(settings.run_dir),
        "WALK_ROOT": str(ROOT),
        "WALK_VPC": boto3.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"],
        "WALK_HOST_URL": settings.host_url,
        "WALK_HOST_KEYS": str(stack.host_keys.path),
        "WALK_PAGES_PORT": str(settings.pages_port),
        "WALK_DEPARTURES": " ".join(
            [*(f"{one.parameter}={one.value}" for one in DEPARTURES), _WITHOUT_DOMAIN]
        ),
    }


def _end(pid_file: Path) -> None:
    if pid_file.exists():
        end_group(int(pid_file.read_text()))
