from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee
from tickets.models import Ticket

pytestmark = [pytest.mark.browser]


@pytest.fixture
def tickets(transactional_db: None) -> list[Ticket]:
    assignment = make.make_assignment(make.make_cohort(instructors=[make.make_instructor()]))
    return [make.make_ticket(assignment=assignment) for _ in range(3)]


def test_keys_move_through_the_queue_and_the_preview_follows(
    live_server: LiveServer, page: Page, tickets: list[Ticket]
) -> None:
    Trainee(page, live_server.url).log_in("ana")
    preview = page.locator("#preview")
    expect(preview).to_contain_text(tickets[0].code)
    page.keyboard.press("j")
    expect(preview).to_contain_text(tickets[1].code)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(preview).to_contain_text(tickets[2].code)
    page.keyboard.press("k")
    expect(preview).to_contain_text(tickets[1].code)
    page.keyboard.press("o")
    page.wait_for_url(f"**/tickets/{tickets[1].pk}/")


def test_the_help_sheet_opens_by_its_key_and_shows_the_others(
    live_server: LiveServer, page: Page, tickets: list[Ticket]
) -> None:
    Trainee(page, live_server.url).log_in("ana")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("pin the record in focus")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_theme_is_switched_and_stays(live_server: LiveServer, page: Page, tickets: list[Ticket]) -> None:
    Trainee(page, live_server.url).log_in("ana")
    switch = page.locator("theme-switch button")
    switch.click()
    switch.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    switch.click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") is None


def test_a_phone_shows_the_queue_in_one_column(
    live_server: LiveServer, page: Page, tickets: list[Ticket]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    Trainee(page, live_server.url).log_in("ana")
    expect(page.locator("#preview")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
