"""The glossary and the reference sheet, one key away from what one is working on."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee, axe_violations
from tickets.models import Ticket

pytestmark = [pytest.mark.browser]


@pytest.fixture
def ticket(transactional_db: None) -> Ticket:
    return make.make_ticket()


def test_g_and_r_open_their_sheets_over_the_desk_and_esc_goes_back_to_the_work(
    live_server: LiveServer, page: Page, ticket: Ticket
) -> None:
    ana = Trainee(page, live_server.url)
    ana.log_in("ana")
    ana.open_ticket(ticket.pk)
    sheet = page.get_by_role("dialog")
    page.keyboard.press("g")
    expect(sheet).to_contain_text("The side that opened the conversation")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.keyboard.press("r")
    expect(sheet).to_contain_text("A SYN without ACK")
    page.keyboard.press("Escape")
    reason = page.locator("[name=reason]")
    reason.focus()
    page.keyboard.type("gr?")
    expect(reason).to_have_value("gr?")
    expect(sheet).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_pages_are_accessible_and_fit_a_phone(
    live_server: LiveServer, page: Page, ticket: Ticket, scheme: str, pictures: Path
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    Trainee(page, live_server.url).log_in("ana")
    for name in ("glossary", "reference"):
        for width, height in ((1366, 768), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{live_server.url}/{name}/")
            page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert axe_violations(page) == []
    page.set_viewport_size({"width": 1366, "height": 768})
    page.keyboard.press("r")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.screenshot(path=pictures / f"sheet-{scheme}.png")
    assert axe_violations(page) == []


def test_a_word_of_the_desk_opens_its_entry_over_the_work(
    live_server: LiveServer, page: Page, ticket: Ticket
) -> None:
    ana = Trainee(page, live_server.url)
    ana.log_in("ana")
    ana.open_ticket(ticket.pk)
    reason = page.locator("[name=reason]")
    reason.fill("typed before")
    page.get_by_role("link", name="Responder", exact=True).click()
    entry = page.get_by_role("dialog").locator("#responder")
    expect(entry).to_be_in_viewport()
    expect(entry).to_contain_text("the one that was asked")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Outcome", exact=True).click()
    expect(page.get_by_role("dialog").locator("#outcomes")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(reason).to_have_value("typed before")
    assert page.url.endswith(f"/tickets/{ticket.pk}/")
