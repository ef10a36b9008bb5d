"""Hosts that tests talk to over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.host.running_host import RunningHost, running_host

StartHost = Callable[..., RunningHost]


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    """`python -m model_host` with the embedded engine, shared by all tests."""
    with running_host(tmp_path_factory.mktemp("host"), {"LOG_LEVEL": "DEBUG"}) as running:
        yield running


@pytest.fixture
def start_host(tmp_path: Path) -> Iterator[StartHost]:
    """Start `python -m model_host` with settings of the test's own."""
    with ExitStack() as hosts:

        def start(*, ready: bool = True, **environment: str) -> RunningHost:
            return hosts.enter_context(running_host(tmp_path, environment, ready=ready))

        yield start


@pytest.fixture
def start_paced_host(tmp_path: Path) -> Iterator[StartHost]:
    """Start a host whose engine speaks at a chosen pace."""
    with ExitStack() as hosts:

        def start(*, ready: bool = True, **environment: str) -> RunningHost:
            return hosts.enter_context(
                running_host(
                    tmp_path,
                    # Its tone lasts as long as a test needs it to, whatever the text.
                    {"SPEECH_CHECKS": "basic", **environment},
                    module="tests.integration.host.paced_host",
                    ready=ready,
                )
            )

        yield start
