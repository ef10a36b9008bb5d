"""Browsers, TVs and desks on the whole local system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from infra.local.stack import LocalStack
from infra.local.waiting_room import WaitingRoom
from tests.e2e.web.browser import find
from tests.e2e.web.television import Television

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A tab behind another is throttled; here every page is somebody's whole screen.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]
OpenTelevision = Callable[..., Television]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A kiosk's Chromium, which may play sound unasked."""
    flags = [*_FLAGS, "--autoplay-policy=no-user-gesture-required"]
    running = playwright.chromium.launch(executable_path=find(), args=flags)
    yield running
    running.close()


@pytest.fixture(scope="session")
def shy_browser(playwright: Playwright) -> Iterator[Browser]:
    """A TV's browser as bought: no sound before somebody touches the page."""
    flags = [*_FLAGS, "--autoplay-policy=document-user-activation-required"]
    running = playwright.chromium.launch(executable_path=find(), args=flags)
    yield running
    running.close()


@pytest.fixture
def room(stack: LocalStack) -> Iterator[WaitingRoom]:
    """A waiting room of its own for each test, that says each call once."""
    if not stack.host.running():
        stack.restart_host()
    opened = WaitingRoom(stack.describe({}), f"sala-{uuid4().hex[:8]}")
    opened.open(repeats=1)
    yield opened
    opened.close()


@pytest.fixture
def television(browser: Browser, room: WaitingRoom) -> Iterator[OpenTelevision]:
    """Opens TVs of the room; none may break its own security policy or fail in its scripts."""
    opened: list[Television] = []

    def open_one(label: str = "TV", by: Browser = browser, **options: object) -> Television:
        context = by.new_context(
            viewport={"width": 1280, "height": 720},
            locale="pt-BR",
            timezone_id="America/Fortaleza",
            **options,  # type: ignore[arg-type]
        )
        opened.append(Television(context, room.panel_url(room.pair(label))))
        return opened[-1]

    yield open_one
    problems = [problem for one in opened for problem in one.problems]
    for one in opened:
        one.context.close()
    assert not problems, problems
