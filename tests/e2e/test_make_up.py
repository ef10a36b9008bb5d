"""`make up` and `make down` as their user meets them: up, Ctrl-C, a taken port, a broken run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from infra.local.processes import free_port
from infra.local.settings import ROOT
from infra.local.stack_file import StackFile
from tests.e2e.conftest import eventually


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "RUN_DIR": str(tmp_path / "run"),
        "PORT": str(free_port()),
        "MINISTACK_PORT": str(free_port()),
        "PAGES_PORT": str(free_port()),
        "PYTHONUNBUFFERED": "1",
    }


def local(command: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "infra.local", command],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.fixture
def running(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], StackFile]]:
    """`make up`, once it has written where everything is."""
    up = local("up", environment)
    path = Path(environment["RUN_DIR"]) / "stack.json"
    try:
        eventually(lambda: path.exists() or up.poll() is not None, timeout_s=150)
        assert up.poll() is None, up.stdout.read() if up.stdout else ""
        yield up, StackFile.read(path)
    finally:
        if up.poll() is None:
            up.send_signal(signal.SIGINT)
            up.wait(60)


def test_ctrl_c_leaves_nothing_behind(
    running: tuple[subprocess.Popen[str], StackFile], environment: dict[str, str]
) -> None:
    # Given a system that is up, with its model host once killed and started again
    up, note = running
    speak = {"text": "Atenção, senha A042, guichê 2"}
    headers = {"Host": note.api_host_header, "Authorization": f"Bearer {note.api_key}"}
    first = httpx.post(f"{note.api_url}/v1/speech", json=speak, headers=headers, timeout=40)
    assert first.status_code == 200, first.text
    os.kill(note.pids["host"], signal.SIGKILL)
    path = Path(environment["RUN_DIR"]) / "stack.json"
    note = eventually(lambda: found if (found := StackFile.read(path)).pids != note.pids else None)
    assert httpx.get(f"{note.host_url}/health/ready").status_code == 200
    assert httpx.get(f"{note.pages_url}/panel/").status_code == 200
    children = psutil.Process(note.pids["ministack"]).children(recursive=True)
    # When the user presses Ctrl-C
    up.send_signal(signal.SIGINT)
    output = up.communicate(timeout=60)[0]
    # Then every process is gone, the ports are free and the note is cleared
    assert up.returncode == 0, output
    assert note.browser_url in output
    assert f"{note.pages_url}/panel/#panel=recepcao&token=" in output
    assert f"{note.pages_url}/console/#token=" in output
    assert "Stopped." in output
    assert note.living() == {}
    assert psutil.wait_procs(children, timeout=5)[1] == []
    assert not path.exists()


def test_down_ends_what_a_broken_run_left_alive(
    running: tuple[subprocess.Popen[str], StackFile], environment: dict[str, str]
) -> None:
    # Given a run whose watcher was killed, so that its children live on
    up, note = running
    up.kill()
    up.wait()
    # When the user types make up again
    again = local("up", environment)
    message = again.communicate(timeout=30)[0]
    # Then it says what is left and the way out
    assert again.returncode == 1
    assert "ended badly" in message
    assert "make down" in message
    # And the way out works
    assert local("down", environment).wait(60) == 0
    eventually(lambda: not note.living(), timeout_s=10)


def test_a_taken_port_is_named_with_the_way_out(environment: dict[str, str]) -> None:
    # Given a program that holds the model host's port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()
        begun = time.monotonic()
        up = local("up", environment)
        message = up.communicate(timeout=30)[0]
    # Then make up refuses at once, naming the port and how to choose another
    assert up.returncode == 1
    assert f"Port {environment['PORT']}" in message
    assert f"PORT={int(environment['PORT']) + 1} make up" in message
    assert "Traceback" not in message
    assert time.monotonic() - begun < 15


def test_scripts_say_what_to_do_when_nothing_is_up(environment: dict[str, str]) -> None:
    for command in ("demo", "down"):
        script = local(command, environment)
        message = script.communicate(timeout=30)[0]
        assert "make up" in message
        assert "Traceback" not in message
