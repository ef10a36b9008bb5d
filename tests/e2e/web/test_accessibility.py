"""Every state of both pages against axe-core, with WCAG's AAA contrast (7:1) among its rules.

SCREENSHOTS=docs/images/waiting-room make test-web also draws each state there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.settings import ROOT
from infra.local.waiting_room import WaitingRoom

if TYPE_CHECKING:
    from tests.e2e.web.conftest import OpenDesk, OpenRoom, OpenTelevision
    from tests.e2e.web.television import Television

AXE = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = {"color-contrast-enhanced": {"enabled": True}}
PORTRAIT = {"width": 720, "height": 1280}
LONG_NAME = "Maria Aparecida Conceição de Albuquerque Figueiredo"
SCREENS = ["Chamar", "Anúncio", "Lista do dia", "Painéis", "Pronúncia", "Registro"]

OPENED_BY = {
    "Chamar": "Transferir",
    "Painéis": "Configurar",
    "Pronúncia": "Acrescentar palavra",
}


def check(page: Page, state: str) -> None:
    """No violation of axe's rules, and a picture if one is wanted."""
    page.wait_for_timeout(600)  # what fades in has come
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{state}.png")
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run(document, { rules }).then(found => found.violations)", RULES
    )
    told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
    assert not told, (state, told)


def fill(room: WaitingRoom, tv: Television) -> None:
    """A room where five calls were made."""
    names = ("Ana Prado", "José Bezerra", "Zuleide Gomes", "Íris Assunção", "Raimundo de Sá")
    places = ("Triagem", "Consultório 1", "Guichê 1", "Consultório 3", "Consultório 2")
    calls = [room.announce(name=n, place=p) for n, p in zip(names, places, strict=True)]
    tv.wait_until_spoken(calls[-1], timeout_s=120)


def test_the_panel_with_calls(television: OpenTelevision, open_room: OpenRoom) -> None:
    # Given a TV in a room where some were called
    room = open_room(history=4, volume=0.2)
    tv = television(room).turn_on()
    fill(room, tv)
    # When patients are called: a usual name, a long one, a ticket
    room.announce(name="Maria da Silva", place="Consultório 3")
    tv.expect_shown("Maria da Silva")
    check(tv.page, "panel-call")
    room.announce(name=LONG_NAME, place="Consultório 3")
    tv.expect_shown("Albuquerque")
    check(tv.page, "panel-long-name")
    letters = letter_heights(tv.page)
    # Then even its letters have a tenth of the height, and those of a usual call 14 to 20 %;
    # none has less than 5 %
    assert letters["call"] >= 10, letters
    assert letters["least"] >= 5, letters
    room.announce(ticket="A042", place="Guichê 1")
    tv.expect_shown("A042")
    assert 14 <= letter_heights(tv.page)["call"] <= 20
    check(tv.page, "panel-ticket")
    tv.context.set_offline(True)
    tv.expect_data("link", "offline")
    check(tv.page, "panel-offline")


def test_the_panel_upright_and_light(television: OpenTelevision, open_room: OpenRoom) -> None:
    room = open_room(theme="light", history=4)
    tv = television(room, viewport=PORTRAIT).turn_on()
    room.announce(name="Maria da Silva", place="Consultório 3")
    tv.expect_shown("Maria da Silva")
    check(tv.page, "panel-portrait-light")


def test_the_panel_between_calls(television: OpenTelevision, open_room: OpenRoom) -> None:
    room = open_room(pictures=["media/calm-lake.webp"], history=4)
    tv = television(room).turn_on()
    expect(tv.page.locator("img")).to_be_visible()
    check(tv.page, "panel-picture")
    empty = television(open_room()).turn_on()
    check(empty.page, "panel-nobody-called-yet")


def test_the_panel_before_it_is_paired_and_while_it_is_mute(
    television: OpenTelevision, browser: Browser, shy_browser: Browser, room: WaitingRoom
) -> None:
    mute = television(room, by=shy_browser).turn_on()
    mute.expect_data("sound", "blocked")
    check(mute.page, "panel-sound-blocked")
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(mute.url.partition("#")[0])
    expect(page.locator("body")).to_contain_text("-")
    page.wait_for_function("() => /[A-Z]{4}-[A-Z]{4}/.test(document.body.innerText)")
    check(page, "panel-pairing")
    context.close()


@pytest.fixture
def living_room(television: OpenTelevision, open_room: OpenRoom) -> WaitingRoom:
    """A room with a TV, people who wait and calls."""
    room = open_room()
    television(room, "TV da recepção").turn_on()
    waiting = (("A043", "Carlos Nascimento"), ("A044", "Benedita Araújo"), ("A045", ""))
    room.check_in(
        *({"ticket": t, "place": "Triagem"} | ({"name": n} if n else {}) for t, n in waiting)
    )
    room.announce(ticket="A041", name="Luísa Carvalho", place="Consultório 1")
    room.announce(ticket="A042", name="Pedro Guimarães", place="Consultório 3")
    return room


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_console(
    theme: str, living_room: WaitingRoom, desk: OpenDesk, browser: Browser
) -> None:
    page = desk(living_room)
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    for screen in SCREENS:
        go_to(page, screen)
        check(page, f"console-{slug(screen)}-{theme}")
        if button := OPENED_BY.get(screen):
            page.get_by_role("button", name=button).first.click()
            check(page, f"console-{slug(button)}-{theme}")
            page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page, f"console-atalhos-{theme}")


def test_the_console_before_anybody_signed_in(browser: Browser, room: WaitingRoom) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(room.console_url.partition("#")[0])
    expect(page.get_by_role("button")).not_to_have_count(0)
    check(page, "console-entrar")
    context.close()


def go_to(page: Page, screen: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=screen, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(screen)


def letter_heights(page: Page) -> dict[str, float]:
    """Font sizes in percent of the screen's height: the call's, and the least that has text."""
    sizes: dict[str, float] = page.evaluate(
        """() => {
          const share = (element) =>
            (100 * parseFloat(getComputedStyle(element).fontSize)) / innerHeight;
          const texts = [...document.querySelectorAll("body *")].filter(
            (element) =>
              [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) &&
              element.getClientRects().length > 0);
          const sized = texts.map(share);
          return { call: Math.max(...sized), least: Math.min(...sized) };
        }"""
    )
    return sizes


def slug(screen: str) -> str:
    return screen.lower().translate(str.maketrans("úéíãç ", "ueiac-"))
