"""What was typed survives whatever happens to the browser, and what contradicts itself is asked about."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee, axe_violations
from tests.waiting import wait_until
from tickets.models import Submission, Ticket, Worksheet

pytestmark = [pytest.mark.browser]


@pytest.fixture
def ticket(transactional_db: None) -> Ticket:
    return make.make_ticket()


@pytest.fixture
def ana(live_server: LiveServer, page: Page, ticket: Ticket) -> Trainee:
    trainee = Trainee(page, live_server.url)
    trainee.log_in("ana")
    trainee.open_ticket(ticket.pk)
    return trainee


def type_unsaved(ana: Trainee) -> None:
    """Text, a choice and a pin, and no way to the server."""
    # Also for the very last save, when the window goes: a route would be gone with it.
    ana.page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no connection')); }")
    ana.page.locator("[name=reason]").fill("typed before the crash")
    ana.page.locator("[name=outcome]").select_option("refused")
    ana.pin("capture.pcap:2")
    expect(ana.page.get_by_text("No connection since")).to_be_visible(timeout=8000)


COUNT_DRAFTS = """async () => {
  if (!(await indexedDB.databases()).length) return 0;
  const journal = await new Promise((resolve) => (indexedDB.open("journal").onsuccess = (event) => resolve(event.target.result)));
  const asked = journal.transaction("drafts").objectStore("drafts").count();
  return new Promise((resolve) => (asked.onsuccess = () => (journal.close(), resolve(asked.result))));
}"""


def expect_drafts(ana: Trainee, count: int) -> None:
    """So many drafts are written down in the browser, soon."""
    wait_until(lambda: ana.page.evaluate(COUNT_DRAFTS) == count, f"{count} drafts are kept")


def crash_and_come_back(ana: Trainee, ticket: Ticket) -> Trainee:
    """The window is gone without a word; the browser is started again on the same desk."""
    context = ana.page.context
    ana.page.close(run_before_unload=False)
    again = Trainee(context.new_page(), ana.site)
    again.open_ticket(ticket.pk)
    return again


def test_a_killed_browser_brings_text_choices_and_pins_back_and_saves_them(
    ana: Trainee, ticket: Ticket
) -> None:
    type_unsaved(ana)
    again = crash_and_come_back(ana, ticket)
    expect(again.page.get_by_text("It is back on this page.")).to_be_visible()
    expect(again.page.locator("[name=reason]")).to_have_value("typed before the crash")
    again.wait_until_saved()
    stored = Worksheet.objects.get(ticket=ticket)
    assert (stored.reason, stored.outcome) == ("typed before the crash", "refused")
    assert stored.evidence == ["capture.pcap:2"]
    expect(again.page.locator("#state_supporting_evidence")).to_contain_text("1 pin")
    again.page.get_by_role("button", name="Fine").click()
    expect(again.page.get_by_text("It is back on this page.")).to_have_count(0)
    again.page.reload()
    expect(again.page.locator("[name=reason]")).to_have_value("typed before the crash")
    expect(again.page.get_by_text("It is back on this page.")).to_have_count(0)


def test_text_that_comes_back_does_not_overwrite_a_newer_draft(
    ana: Trainee, ticket: Ticket, silent_page: list[str]
) -> None:
    type_unsaved(ana)
    Worksheet.objects.filter(ticket=ticket).update(
        version=1, reason="from another machine", saved_at=make.NOON
    )
    again = crash_and_come_back(ana, ticket)
    again.page.get_by_role("button", name="Compare").click()
    expect(again.page.get_by_role("heading", name="Two drafts of one worksheet")).to_be_visible()
    expect(again.page.get_by_text("typed before the crash")).to_be_visible()
    expect(again.page.get_by_text("from another machine")).to_be_visible()
    assert Worksheet.objects.get(ticket=ticket).reason == "from another machine"
    silent_page.clear()  # the browser notes the answer 409 in its console


def test_a_log_out_leaves_no_unsaved_text_behind(ana: Trainee, ticket: Ticket) -> None:
    type_unsaved(ana)
    expect_drafts(ana, 1)
    ana.page.once("dialog", lambda dialog: dialog.accept())
    ana.page.get_by_role("button", name="Log out").click()
    ana.page.wait_for_url("**/accounts/login/")
    expect_drafts(ana, 0)


def log_in_again(page: Page) -> None:
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill(make.PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Logged in again")).to_be_visible()


def test_a_submit_after_the_session_has_ended_goes_on_after_the_log_in(
    ana: Trainee, ticket: Ticket, silent_page: list[str], pictures: Path
) -> None:
    page = ana.page
    page.locator("[name=reason]").fill("typed, and then left for an hour")
    ana.wait_until_saved()
    page.context.clear_cookies()
    page.emulate_media(color_scheme="dark")
    ana.submit()
    # A browser may show the end before the page is there.
    expect(page.get_by_label("Password")).to_be_visible()
    page.screenshot(path=pictures / "ended.png")
    assert axe_violations(page) == []
    log_in_again(page)
    page.screenshot(path=pictures / "go-on.png")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Submit worksheet").click()
    page.wait_for_url(f"**/tickets/{ticket.pk}/grade/")
    assert Submission.objects.get(ticket=ticket).answers["reason"] == "typed, and then left for an hour"
    silent_page.clear()  # the browser notes the answer 401 in its console


def test_without_a_script_a_save_after_the_session_has_ended_loses_nothing(
    live_server: LiveServer, page: Page, ticket: Ticket
) -> None:
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    ana = Trainee(context.new_page(), live_server.url)
    ana.log_in("ana")
    ana.open_ticket(ticket.pk)
    ana.page.locator("[name=reason]").fill("typed before the hour was over")
    ana.pin("capture.pcap:2")
    context.clear_cookies(name="sessionid")
    ana.page.get_by_role("button", name="Save draft").click()
    log_in_again(ana.page)
    ana.page.get_by_role("button", name="Save draft").click()
    expect(ana.page.locator("[name=reason]")).to_have_value("typed before the hour was over")
    stored = Worksheet.objects.get(ticket=ticket)
    assert (stored.reason, stored.evidence) == ("typed before the hour was over", ["capture.pcap:2"])
    context.close()


def test_a_text_that_contradicts_its_own_field_is_asked_about_while_it_is_written(ana: Trainee) -> None:
    page = ana.page
    page.locator("[name=outcome]").select_option("refused")
    ana.page.locator("#step-3 summary").click()
    page.locator("[name=analysis]").fill("The connection was established, because data came back.")
    check = page.locator("#check_analysis")
    expect(check).to_contain_text("Please check", timeout=8000)
    expect(check).to_contain_text("your field says")
    page.locator("[name=outcome]").select_option("established")
    expect(check).to_be_empty(timeout=8000)


def test_without_a_script_a_tab_of_the_evidence_keeps_what_was_typed(
    live_server: LiveServer, page: Page, ticket: Ticket
) -> None:
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    ana = Trainee(context.new_page(), live_server.url)
    ana.log_in("ana")
    ana.open_ticket(ticket.pk)
    ana.page.locator("[name=reason]").fill("typed before the tab")
    ana.pin("capture.pcap:2")
    ana.page.get_by_role("button", name="Context").click()
    ana.page.wait_for_url("**/?tab=context*")
    expect(ana.page.locator("[name=reason]")).to_have_value("typed before the tab")
    ana.page.get_by_role("button", name="Save draft").click()
    stored = Worksheet.objects.get(ticket=ticket)
    assert (stored.reason, stored.evidence) == ("typed before the tab", ["capture.pcap:2"])
    context.close()
