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


def rows(page: Page) -> list[str | None]:
    return [row.get_attribute("data-code") for row in page.locator("tr[data-code]").all()]


def test_a_ticket_is_found_sorted_and_opened_by_keyboard_alone_and_back_finds_the_same_row(
    live_server: LiveServer, page: Page, tickets: list[Ticket]
) -> None:
    Trainee(page, live_server.url).log_in("ana")
    press = page.keyboard.press
    press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("203.0.113.80")
    press("Enter")
    page.wait_for_url("**/tickets/?status=todo&q=203.0.113.80")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#found")).to_have_text("3 tickets in the list.")
    press("Escape")
    page.locator("#sort-code").focus()
    press("Enter")
    page.wait_for_url("**sort=code")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Ticket")
    expect(page.locator("#sort-code")).to_be_focused()
    press("Enter")
    page.wait_for_url("**sort=-code")
    last_first = sorted((ticket.code for ticket in tickets), reverse=True)
    expect(page.locator("tr[data-selected]")).to_have_attribute("data-code", last_first[0])
    assert rows(page) == last_first
    press("j")
    press("ArrowDown")
    expect(page.locator("#preview")).to_contain_text(last_first[2])
    page.wait_for_url(f"**ticket={last_first[2]}")
    press("Enter")
    page.wait_for_url("**/tickets/*/")
    page.go_back()
    expect(page.locator("tr[data-selected]")).to_have_attribute("data-code", last_first[2])
    assert rows(page) == last_first


def test_a_search_without_a_find_says_so_and_every_filter_is_taken_away_again(
    live_server: LiveServer, page: Page, tickets: list[Ticket]
) -> None:
    Trainee(page, live_server.url).log_in("ana")
    page.locator("#q").fill("nowhere")
    page.locator("#find-go").click()
    expect(page.get_by_text("No ticket matches all of this.")).to_be_visible()
    expect(page).to_have_title("To do - Queue - SOC Trainer")
    page.locator("#without-q").click()
    expect(page.locator("tr[data-code]")).to_have_count(3)
    expect(page).to_have_title("Mine, open - Queue - SOC Trainer")
    page.go_back()
    expect(page.get_by_text("No ticket matches all of this.")).to_be_visible()


def test_a_view_is_kept_by_keyboard_and_the_menu_closes_by_escape(
    live_server: LiveServer, page: Page, tickets: list[Ticket]
) -> None:
    Trainee(page, live_server.url).log_in("ana", "/tickets/?status=all&severity=medium")
    menu = page.locator("#views-open")
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Keep what is shown now as")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Keep what is shown now as")).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Keep what is shown now as").fill("Medium ones")
    page.get_by_label("Open the queue with it").check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Saved as")).to_be_visible()
    page.goto(f"{live_server.url}/tickets/")
    expect(menu).to_contain_text("Medium ones")


def test_the_queue_works_without_a_script(live_server: LiveServer, page: Page, tickets: list[Ticket]) -> None:
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    Trainee(plain, live_server.url).log_in("ana")
    plain.locator("#q").fill(tickets[1].code)
    plain.locator("#find-go").click()
    assert rows(plain) == [tickets[1].code]
    plain.locator("#filter-open").click()
    plain.locator("[name=due]").select_option("none")
    plain.locator("#filter-go").click()
    assert rows(plain) == [tickets[1].code]
    plain.locator("#status-all").click()
    plain.locator("#without-q").click()
    plain.locator("#without-due").click()
    assert len(rows(plain)) == 3
    plain.get_by_label(f"Preview {tickets[2].code}").click()
    expect(plain.locator("#preview")).to_contain_text(tickets[2].code)
    plain.locator("#preview .foot a").click()
    assert plain.url.endswith(f"/tickets/{tickets[2].pk}/")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("who", ["ana", "ivo"])
def test_queue_and_home_are_accessible_at_every_width_magnified_and_with_their_menus_open(
    live_server: LiveServer, page: Page, tickets: list[Ticket], who: str, scheme: str, pictures: Path
) -> None:
    make.make_grade(make.make_submission(tickets[0], with_job=False))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    Trainee(page, live_server.url).log_in(who)
    # 683 by 384 is what a laptop's 1366 by 768 leaves at 200 %; 320 by 256 is its 400 %.
    for width, height in ((1366, 768), (683, 384), (390, 844), (320, 256)):
        page.set_viewport_size({"width": width, "height": height})
        for name, path, menu in (
            ("home", "/", ""),
            ("filter", "/tickets/?status=all&q=203.0.", "#filter-open"),
            ("views", "/tickets/?status=all&q=203.0.", "#views-open"),
        ):
            page.goto(f"{live_server.url}{path}")
            if menu:
                page.locator(menu).click()
            page.screenshot(path=pictures / f"{name}-{who}-{scheme}-{width}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            if width in (1366, 390):
                assert axe_violations(page) == [], (name, width)


def test_the_queue_prints_as_a_list_without_its_controls(
    live_server: LiveServer, page: Page, tickets: list[Ticket]
) -> None:
    Trainee(page, live_server.url).log_in("ana")
    page.emulate_media(media="print")
    expect(page.locator("tr[data-code]").last).to_be_visible()
    for hidden in ("#q", "#preview", "#views-open"):
        expect(page.locator(hidden)).to_be_hidden()


def test_a_trainee_goes_from_the_log_in_to_the_next_ticket_by_one_link(
    live_server: LiveServer, page: Page, tickets: list[Ticket]
) -> None:
    ana = Trainee(page, live_server.url)
    ana.log_in("ana", "/")
    expect(page).to_have_title("Home - SOC Trainer")
    page.get_by_role("link", name="Open the ticket").click()
    page.wait_for_url(f"**/tickets/{tickets[0].pk}/")
    page.goto(f"{live_server.url}/")
    expect(page.get_by_text("You have begun it")).to_be_visible()
