"""Runs beside each other: what only one may do at a time."""

from __future__ import annotations

import threading
from pathlib import Path

from infra.local.processes import exclusive


def test_a_second_run_waits_until_the_first_has_deployed(tmp_path: Path) -> None:
    # Given a run that is building and deploying
    lock = tmp_path / "build" / "lock"
    entered = threading.Event()

    def deploy() -> None:
        with exclusive(lock):
            entered.set()

    other = threading.Thread(target=deploy)
    with exclusive(lock):
        # When another starts
        other.start()
        # Then it waits
        assert not entered.wait(0.2)
    # Until the first is done
    assert entered.wait(5)
    other.join()
