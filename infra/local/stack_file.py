"""`.run/stack.json`: where a running local stack tells scripts how to find it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from infra.local.settings import LocalRunError


@dataclass(frozen=True, slots=True)
class StackFile:
    """What `make up` writes.

    Attributes:
        api_url: base URL of the API, stage included, reachable at 127.0.0.1.
        api_host_header: `Host` header that `api_url` needs.
        browser_url: the same API under a name that browsers and curl resolve by themselves.
        host_url: base URL of the model host.
        pages_url: base URL of the panel and the console; the API is under it too.
        api_key: a key of this run with scopes `speech` and `prewarm`.
        endpoint_url: MiniStack's endpoint for AWS clients.
        region: AWS region of the stack.
        outputs: the CloudFormation stack's outputs.
        pids: process ids by name ("up", "ministack", "host", "pages").
        created: start time of each of those processes (s since the epoch), which tells a process
            of ours from a later one that was given the same pid.
    """

    api_url: str
    api_host_header: str
    browser_url: str
    host_url: str
    pages_url: str
    api_key: str
    endpoint_url: str
    region: str
    outputs: dict[str, str]
    pids: dict[str, int]
    created: dict[str, float]

    def write(self, path: Path) -> None:
        """Write it whole or not at all, for this user alone: a key is in it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.touch(mode=0o600)
        temporary.write_text(json.dumps(asdict(self), indent=2) + "\n")
        os.replace(temporary, path)  # noqa: PTH105 (the atomic rename is the point)

    @classmethod
    def read(cls, path: Path) -> StackFile:
        """Read it.

        Raises:
            LocalRunError: there is none, or it is not one of ours.
        """
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            raise LocalRunError("Nothing is running here. Start it with: make up") from None
        except (ValueError, TypeError):
            raise LocalRunError(f"{path} is damaged. Clear it with: make down") from None

    def living(self) -> dict[str, int]:
        """The processes of this run that are still alive, by name."""
        return {name: pid for name, pid in self.pids.items() if self._is_ours(name, pid)}

    def _is_ours(self, name: str, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            same = abs(process.create_time() - self.created[name]) < 1.0
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def created(pid: int) -> float:
    """When a process was started, in seconds since the epoch."""
    return psutil.Process(pid).create_time()


def remove_stale(path: Path) -> None:
    """Clear the note of a run of which nothing lives any more.

    Raises:
        LocalRunError: something of it does live.
    """
    if not path.exists():
        return
    try:
        living = StackFile.read(path).living()
    except LocalRunError:
        living = {}
    if living:
        names = ", ".join(f"{name} (pid {pid})" for name, pid in living.items())
        state = "is still up" if "up" in living else "ended badly and left something alive"
        raise LocalRunError(f"An earlier run {state}: {names}.\nStop it with: make down")
    path.unlink()
