"""A shift from the form to its report, with the clock that it has: 15 minutes at ten times the speed are 90 seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee, axe_violations
from tests.conftest import Processes
from tickets.actions.demo import install_shipped_scenarios
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TICKETS = 12
WORKED = 3


@pytest.fixture
def working_site(processes: Processes) -> Processes:
    """The relay, and a worker that beat wakes, as in production."""
    processes.manage("relay")
    processes.worker("grade", 1, "--beat", "--schedule", str(processes.folder / "beat"))
    return processes


def test_ana_works_a_shift_of_twelve_tickets_and_reads_its_report(
    live_server: LiveServer, page: Page, working_site: Processes, pictures: Path
) -> None:
    make.make_cohort("Blue team", trainees=[make.make_user("ana")])
    install_shipped_scenarios()
    page.set_viewport_size({"width": 1366, "height": 768})
    ana = Trainee(page, live_server.url)
    ana.log_in("ana", to="/shifts/")
    assert axe_violations(page) == []
    page.get_by_label("Length").select_option("15")
    page.get_by_label("Tickets", exact=True).fill(str(TICKETS))
    page.locator("label:has([name=speed][value='10'])").click()
    page.get_by_role("button", name="Plan the shift").click()
    expect(page.get_by_role("heading", name="Ready to start")).to_be_visible(timeout=30_000)
    assert axe_violations(page) == []
    page.get_by_role("button", name="Start the shift").click()
    shift = page.url

    rows = page.locator(".arrivals tbody tr[data-state]")
    expect(rows.first).to_be_visible()
    expect(page.locator("shift-clock")).to_contain_text("left")
    for number in range(WORKED):
        # The list fills by itself: nobody reloads it.
        expect(rows).not_to_have_count(number, timeout=60_000)
        new = page.locator(".arrivals tr[data-state=new] a").first
        expect(new).to_be_visible(timeout=60_000)
        new.click()
        page.wait_for_url("**/tickets/*/")
        ana.answer({"disposition": "benign", "confidence": "1"})
        ana.submit()
        expect(page.get_by_text("The result is shown when the shift ends")).to_be_visible(timeout=20_000)
        page.get_by_role("link", name="To the shift").click()
        page.wait_for_url(shift)
        expect(page.locator(".arrivals tr[data-state=closed]")).to_have_count(number + 1)
    expect(page.locator("#shift-news")).to_contain_text("new ticket", timeout=60_000)
    assert axe_violations(page) == []
    page.screenshot(path=pictures / "shift-running.png", full_page=True)
    expect(rows).to_have_count(TICKETS, timeout=90_000)

    # When the time is over the list becomes the report by itself.
    expect(page.get_by_role("heading", name="Your shift")).to_be_visible(timeout=90_000)
    expect(page.locator(".timeline tbody tr")).to_have_count(TICKETS)
    tiles = page.locator(".tiles")
    expect(tiles).to_contain_text("Time to first look")
    expect(tiles).to_contain_text(f"of {WORKED}")
    expect(page.get_by_text(f"{TICKETS} of {TICKETS} tickets came")).to_be_visible()
    expect(page.locator(".timeline .verdict")).to_have_count(WORKED)
    assert axe_violations(page) == []
    page.screenshot(path=pictures / "shift-report.png", full_page=True)
    assert Ticket.objects.filter(trainee__username="ana").count() == TICKETS


def test_a_shift_is_worked_without_a_script(
    live_server: LiveServer, page: Page, working_site: Processes
) -> None:
    make.make_cohort("Blue team", trainees=[make.make_user("ana")])
    version = make.make_version(make.make_scenario(lesson="L1 Who started it"))
    for _ in range(3):
        make.make_variant(version)
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    Trainee(plain, live_server.url).log_in("ana", to="/shifts/")
    plain.get_by_label("Length").select_option("15")
    plain.get_by_label("Tickets", exact=True).fill("3")
    plain.get_by_role("button", name="Plan the shift").click()
    plain.get_by_role("button", name="Start the shift").click()
    expect(plain.locator(".arrivals tr[data-state=new]")).to_have_count(1)
    plain.get_by_role("link", name="Look for new tickets").click()
    plain.get_by_text("End early").click()
    plain.get_by_role("button", name="End the shift").click()
    expect(plain.get_by_role("heading", name="Your shift")).to_be_visible()
    expect(plain.get_by_text("1 of 3 tickets came")).to_be_visible()
    context.close()
