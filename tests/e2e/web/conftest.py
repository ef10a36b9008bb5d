"""Browsers, TVs and desks on the whole local system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from infra.local.stack import LocalStack
from infra.local.waiting_room import WaitingRoom
from tests.e2e.web.browser import FLAGS, find
from tests.e2e.web.television import EARS, Television

_BRAZIL: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 720},
    "locale": "pt-BR",
    "timezone_id": "America/Fortaleza",
}
OpenRoom = Callable[..., WaitingRoom]
OpenTelevision = Callable[..., Television]
OpenDesk = Callable[[WaitingRoom], Page]


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A kiosk's Chromium, which may play sound unasked."""
    flags = [*FLAGS, "--autoplay-policy=no-user-gesture-required"]
    running = playwright.chromium.launch(executable_path=find(), args=flags)
    yield running
    running.close()


@pytest.fixture(scope="session")
def shy_browser(playwright: Playwright) -> Iterator[Browser]:
    """A TV's browser as bought: no sound before somebody touches the page."""
    flags = [*FLAGS, "--autoplay-policy=document-user-activation-required"]
    running = playwright.chromium.launch(executable_path=find(), args=flags)
    yield running
    running.close()


@pytest.fixture
def open_room(stack: LocalStack) -> Iterator[OpenRoom]:
    """Opens waiting rooms of the test's own; without a chime, so that what sounds is speech."""
    if not stack.host.running():
        stack.restart_host()
    opened: list[WaitingRoom] = []

    def open_one(**settings: object) -> WaitingRoom:
        opened.append(WaitingRoom(stack.describe({}), f"sala-{uuid4().hex[:8]}"))
        opened[-1].open(**({"repeats": 1, "chime": "none"} | settings))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def room(open_room: OpenRoom) -> WaitingRoom:
    """A waiting room that says each call once."""
    return open_room()


@pytest.fixture
def television(browser: Browser) -> Iterator[OpenTelevision]:
    """Opens TVs of a room; none may break its own security policy or fail in its scripts."""
    opened: list[Television] = []

    def open_one(
        room: WaitingRoom, label: str = "TV", by: Browser = browser, **options: Any
    ) -> Television:
        context = by.new_context(**{**_BRAZIL, **options})
        opened.append(Television(context, room.panel_url(room.pair(label))))
        return opened[-1]

    yield open_one
    problems = [problem for one in opened for problem in one.problems]
    for one in opened:
        one.context.close()
    assert not problems, problems


@pytest.fixture
def desk(browser: Browser) -> Iterator[OpenDesk]:
    """Opens the console, signed in at a room; it too keeps to its security policy."""
    contexts = []
    problems: list[str] = []

    def open_one(room: WaitingRoom) -> Page:
        contexts.append(browser.new_context(**_BRAZIL))
        contexts[-1].add_init_script(EARS)
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if "Policy" in m.text else None)
        page.goto(room.console_url)
        choose_workplace(page, room.panel)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not problems, problems


def choose_workplace(page: Page, panel: str) -> None:
    """Say at which panel one works."""
    page.get_by_label("Painel").select_option(panel)
    page.get_by_role("button", name="Começar").click()
