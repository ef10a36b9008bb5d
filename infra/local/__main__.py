"""`python -m infra.local COMMAND`: what the Makefile's targets of those names run."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from types import FrameType

import psutil

from infra.local import trial
from infra.local.processes import end_group
from infra.local.settings import LocalRunError, LocalSettings
from infra.local.stack import LocalStack
from infra.local.stack_file import StackFile, remove_stale
from infra.local.sweeper import LifecycleSweeper
from infra.local.waiting_room import WaitingRoom

HOST_RESTART_DELAY_S = 1.0
SWEEP_EVERY_S = 60.0


class _StopRequestedError(Exception):
    """Ctrl-C, or SIGTERM from `make down`."""


def up(settings: LocalSettings) -> None:
    """Bring the stack up, keep watch over it, stop it on Ctrl-C."""
    remove_stale(settings.stack_file)
    stack = LocalStack(settings)
    signal.signal(signal.SIGINT, _request_stop)
    signal.signal(signal.SIGTERM, _request_stop)
    try:
        begun = time.monotonic()
        stack.start()
        note = stack.describe({"up": os.getpid()})
        room = WaitingRoom(note)
        room.open()
        television = room.pair("TV da recepção")
        note.write(settings.stack_file)
        print(
            f"\nUp in {time.monotonic() - begun:.0f} s.\n{_welcome(note, room, television)}",
            flush=True,
        )
        _watch(stack, settings, room if os.environ.get("DEMO") else None)
    except _StopRequestedError:
        print("\nStopping …", flush=True)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stack.stop()
        settings.stack_file.unlink(missing_ok=True)
    print("Stopped.")


def _request_stop(_signal: int, _frame: FrameType | None) -> None:
    raise _StopRequestedError


def _watch(stack: LocalStack, settings: LocalSettings, demo: WaitingRoom | None) -> None:
    """Keep the host up as Kubernetes would, expire objects as S3 would, call if that is wanted."""
    done = threading.Event()
    sweeping = (done, SWEEP_EVERY_S)
    threading.Thread(target=LifecycleSweeper().keep_sweeping, args=sweeping, daemon=True).start()
    if demo:
        threading.Thread(target=demo.live, args=(done,), daemon=True).start()
    try:
        while stack.ministack.running():
            if not stack.host.running():
                print(f"The model host ended ({stack.host.exit_code()}); starting it again …")
                time.sleep(HOST_RESTART_DELAY_S)
                stack.restart_host()
                stack.describe({"up": os.getpid()}).write(settings.stack_file)
                print("The model host is ready again.", flush=True)
            if stack.pages and not stack.pages.running():
                stack.pages.start()
            time.sleep(0.5)
    finally:
        done.set()
    raise LocalRunError(
        f"MiniStack ended (exit code {stack.ministack.exit_code()}) and its state is gone; see "
        f"{stack.ministack.log_path}. Start again with: make up"
    )


def _welcome(note: StackFile, room: WaitingRoom, television: str) -> str:
    return f"""
  Panel (TV)  {room.panel_url(television)}
  Console     {room.console_url}
  API         {note.browser_url}
  Reference   {note.browser_url}/docs
  Model host  {note.host_url}

Speak:
  make say TEXT="Atenção, Maria da Silva, consultório três"
  curl -s {note.browser_url}/v1/speech -H 'Content-Type: application/json' \\
       -H 'Authorization: Bearer {note.api_key}' \\
       -d '{{"text": "Atenção, senha A042, guichê 2"}}'
  make demo      (200 calls through the whole pipeline)
  DEMO=1 make up (a waiting room where somebody is called every 20 s)

Ctrl-C stops everything."""


def down(settings: LocalSettings) -> None:
    """Stop a run from another terminal, or what a broken run left alive."""
    try:
        note = StackFile.read(settings.stack_file)
    except LocalRunError as error:
        settings.stack_file.unlink(missing_ok=True)
        print(error)
        return
    living = note.living()
    if "up" in living:
        runner = psutil.Process(living["up"])
        runner.terminate()
        psutil.wait_procs([runner], timeout=30)
    for name, pid in note.living().items():
        print(f"Stopping {name} (pid {pid}) …")
        end_group(pid)
    settings.stack_file.unlink(missing_ok=True)
    print("Stopped.")


def main() -> int:
    """Run one command; an error that the user can mend is one message, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start everything and stay in front until Ctrl-C")
    commands.add_parser("down", help="stop a run")
    commands.add_parser("deploy", help="deploy as to production, try it, take it down")
    commands.add_parser("demo", help="200 calls through the whole pipeline")
    commands.add_parser("say", help="speak one text").add_argument("text")
    arguments = parser.parse_args()
    try:
        settings = LocalSettings.from_environment()
        if arguments.command == "up":
            up(settings)
        elif arguments.command == "down":
            down(settings)
        elif arguments.command == "deploy":
            trial.run()
        elif arguments.command == "demo":
            from infra.local import demo  # noqa: PLC0415 (draws: matplotlib takes a second)

            demo.run(settings)
        else:
            from infra.local import say  # noqa: PLC0415 (likewise)

            say.run(settings, arguments.text)
    except LocalRunError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
