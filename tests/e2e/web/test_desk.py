"""A morning at the desk, with the whole system behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from infra.local.waiting_room import WaitingRoom
from tests.e2e.web.television import AUDIBLE_RMS

if TYPE_CHECKING:
    from tests.e2e.web.conftest import OpenDesk, OpenTelevision

LIST = "ticket,name,place\nP001,Maria das Dores,Triagem\n,,\nP002,José Prado,Guichê 1\n"


def go_to(page: Page, screen: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name=screen, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(screen)


def test_the_days_list_is_uploaded_and_its_first_patient_called_by_keyboard(
    desk: OpenDesk, television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given a TV, and a list with one bad row
    tv = television(room).turn_on()
    page = desk(room)
    go_to(page, "Lista do dia")
    # When it is handed to the console
    page.locator("input[type=file]").set_input_files(
        {"name": "hoje.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    # Then the report names the bad line, and the others wait
    refused = page.get_by_role("row").filter(has=page.get_by_role("cell", name="3", exact=True))
    expect(refused).to_have_count(1, timeout=60_000)
    go_to(page, "Chamar")
    expect(page.get_by_role("list", name="Na espera")).to_contain_text("José Prado")
    # And F2 calls the first of them, and F9 says that she came
    page.keyboard.press("F2")
    tv.expect_shown("Maria das Dores")
    page.keyboard.press("F9")
    expect(page.get_by_role("list", name="Na espera")).not_to_contain_text("Maria")


def test_a_call_undone_within_five_seconds_leaves_the_tv(
    desk: OpenDesk, television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given a call that was a mistake
    tv = television(room).turn_on()
    page = desk(room)
    page.get_by_label("Senha").fill("Q1")
    page.get_by_role("button", name="Chamar", exact=True).click()
    tv.expect_shown("Q1")
    # When it is undone
    page.get_by_role("button", name="Desfazer").click()
    # Then it leaves the TV once its sentence is over, and stays out of its history
    tv.expect_data("call", "")
    expect(tv.page.locator("body")).not_to_contain_text("Q1")


def test_an_announcement_is_heard_at_the_desk_before_it_is_made(
    desk: OpenDesk, television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given words for everybody
    tv = television(room).turn_on()
    page = desk(room)
    go_to(page, "Anúncio")
    page.get_by_label("Texto do anúncio").fill("A farmácia fecha ao meio-dia.")
    # When the desk listens first
    page.get_by_role("button", name="Ouvir antes").click()
    page.wait_for_function(
        "loud => window.__heard.some((one) => one.rms > loud)", arg=AUDIBLE_RMS, timeout=30_000
    )
    # Then only the desk heard it, until it is announced
    assert tv.loudest() == 0
    page.get_by_role("button", name="Anunciar").click()
    tv.expect_shown("A farmácia fecha ao meio-dia.")
    tv.wait_until_spoken(tv.shown_call())


def test_a_tv_is_paired_by_its_code_and_sent_away_again(
    desk: OpenDesk, television: OpenTelevision, room: WaitingRoom
) -> None:
    # Given a TV that shows a code
    tv = television(room)
    tv.page.goto(tv.url.partition("#")[0])
    tv.page.wait_for_function("() => /[A-Z]{4}-[A-Z]{4}/.test(document.body.innerText)")
    code = tv.page.evaluate("() => document.body.innerText.match(/[A-Z]{4}-[A-Z]{4}/)[0]")
    # When the desk types it
    page = desk(room)
    go_to(page, "Painéis")
    page.get_by_label("Painel da TV").select_option(room.panel)
    page.get_by_label("Código da TV").fill(code)
    page.get_by_label("Nome da TV").fill("TV do corredor")
    page.get_by_role("button", name="Parear").click()
    # Then the TV shows the room, until it is revoked
    tv.expect_data("screen", "room")
    page.get_by_role("button", name="Revogar TV do corredor").click()
    page.get_by_role("dialog").get_by_role("button", name="Revogar").click()
    tv.expect_data("screen", "pairing", timeout_s=30)


def test_the_lexicon_changes_what_the_room_hears(desk: OpenDesk, room: WaitingRoom) -> None:
    # Given a word that is said wrongly
    page = desk(room)
    go_to(page, "Pronúncia")
    page.get_by_role("button", name="Acrescentar palavra").click()
    page.get_by_label("Como se escreve").fill("Xbrz")
    page.get_by_label("Como se fala").fill("chiberz")
    # When its saying is heard and kept
    page.get_by_role("dialog").get_by_role("button", name="Ouvir").click()
    page.wait_for_function(
        "loud => window.__heard.some((one) => one.rms > loud)", arg=AUDIBLE_RMS, timeout=30_000
    )
    page.get_by_role("dialog").get_by_role("button", name="Salvar").click()
    # Then it is in the list after the page is loaded again
    expect(page.get_by_role("button", name="Excluir Xbrz")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Excluir Xbrz")).to_be_visible()
    page.get_by_role("button", name="Excluir Xbrz").click()
    page.get_by_role("dialog").get_by_role("button", name="Excluir").click()
    expect(page.get_by_role("button", name="Excluir Xbrz")).to_have_count(0)
