"""A whole ticket without a mouse: every key is pressed as a person presses it, and nothing is focused by the test."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import PASSWORD
from tests.conftest import Processes
from tests.views.test_evidence import make_ticket
from tickets.models import Submission, Ticket

pytestmark = [pytest.mark.browser]

TEXTS = {
    "reason": "The rule looks for an outside client on a high port.",
    "supporting_evidence": "The workstation sent the SYN.",
    "analysis": "So the alert shows the answer and not the request.",
    "conclusion": "False positive: the printed direction is reversed.",
    "next_steps": "Close it, and ask for flow:to_server.",
}


@pytest.fixture
def ticket(transactional_db: None) -> Ticket:
    """A web page, a look-up and a firewall's line."""
    return make_ticket()


class Keys:
    """Ten fingers. Tab is pressed as often as it takes, and too often is a fault of the page."""

    MOST_TABS = 12

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tab_to(self, selector: str, key: str = "Tab") -> None:
        for _ in range(self.MOST_TABS):
            if self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
            self.press(key)
        raise AssertionError(f"{selector} is more than {self.MOST_TABS} times Tab away.")

    def choose(self, name: str, value: str) -> None:
        """A radio button of the group in focus, by arrows."""
        for _ in range(8):
            if self.page.locator(f"[name={name}][value={value}]").is_checked():
                return
            self.press("ArrowDown")
        raise AssertionError(f"{value} cannot be chosen by arrows.")


def log_in(keys: Keys, site: str) -> None:
    keys.page.goto(f"{site}/tickets/")
    keys.tab_to("[name=username]")
    keys.type("ana")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(keys.page.get_by_role("heading", name="Queue")).to_be_visible()
    # A person does not press a key before the page is there, scripts and all.
    keys.page.wait_for_load_state()


def take_evidence(keys: Keys) -> None:
    """The first record opened it: it is pinned, and its ends go into the worksheet."""
    page = keys.page
    keys.press("j")
    expect(page.locator("tr[data-place='capture.pcap:1'] .expand")).to_be_focused()
    keys.press("p", "s", "Enter", "d", "Tab", "Enter")
    expect(page.locator("#id_originator_ip")).to_have_value("10.20.30.40")
    expect(page.locator("#id_responder_port")).to_have_value("80")
    keys.press("j", "p")
    expect(page.locator("pin-board li")).to_have_count(2)


def state_facts(keys: Keys) -> None:
    page = keys.page
    keys.press("f")
    expect(page.locator("#id_originator_ip")).to_be_focused()
    keys.tab_to("#id_protocol")
    keys.type("TCP")
    keys.press("Tab")
    keys.type("established")
    keys.press("Tab", "Space")
    assert page.locator("[name=reversed]:checked").input_value() == "yes"


def write_steps(keys: Keys) -> None:
    page = keys.page
    for number, (name, text) in enumerate(TEXTS.items(), start=1):
        # Keys are keys again as soon as the field is left.
        keys.press("Escape", str(number))
        expect(page.locator(f"[name={name}]")).to_be_focused()
        keys.type(text)
        if name == "analysis":
            keys.tab_to("[name=intent]", "Shift+Tab")
            keys.press("Space")
            keys.choose("intent", "mismatch")
        if name == "conclusion":
            keys.tab_to("[name=confidence]", "Shift+Tab")
            keys.press("Space")
            keys.tab_to("[name=reason_code]", "Shift+Tab")
            keys.type("FP1")
            keys.tab_to("[name=disposition]", "Shift+Tab")
            keys.press("Space")
            keys.choose("disposition", "false_positive")
        if name == "next_steps":
            keys.tab_to("[name=actions][value=close]", "Shift+Tab")
            keys.press("Space")


def test_a_whole_ticket_from_the_log_in_to_the_result_by_keyboard_alone(
    live_server: LiveServer, page: Page, ticket: Ticket, background_work: Processes
) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    keys = Keys(page)
    log_in(keys, live_server.url)
    keys.press("j", "k", "o")
    page.wait_for_url(f"**/tickets/{ticket.pk}/")
    take_evidence(keys)
    state_facts(keys)
    # Back to the rows: to the one that was left, and from there through a tab of the evidence.
    keys.press("Escape", "j")
    expect(page.locator("tr[data-place='capture.pcap:2'] .expand")).to_be_focused()
    write_steps(keys)
    expect(page.get_by_text("Draft saved")).to_be_visible(timeout=8000)
    keys.press("Escape")
    keys.tab_to(".review summary")
    keys.press("Enter")
    keys.tab_to("button[formaction]")
    keys.press("Enter")
    expect(page.get_by_text("Your answers")).to_be_visible(timeout=20_000)
    answers = Submission.objects.get(ticket=ticket).answers
    wanted = {
        **make.RIGHT_ANSWERS,
        **TEXTS,
        "evidence": ["capture.pcap:1", "capture.pcap:2"],
        "actions": ["close"],
    }
    assert {name: answers[name] for name in wanted if name != "confidence"} == {
        name: value for name, value in wanted.items() if name != "confidence"
    }
    assert answers["confidence"]


@pytest.mark.parametrize("field", ["id_originator_ip", "id_outcome", "id_reason", "find"])
def test_no_key_steals_what_is_typed(live_server: LiveServer, page: Page, ticket: Ticket, field: str) -> None:
    keys = Keys(page)
    log_in(keys, live_server.url)
    page.goto(f"{live_server.url}/tickets/{ticket.pk}/")
    page.locator(f"#{field}").focus()
    keys.type("jkop12345/?grsdcf")
    expect(page.locator(f"#{field}")).to_be_focused()
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator("[data-pin]:checked")).to_have_count(0)
    if field != "id_outcome":
        expect(page.locator(f"#{field}")).to_have_value("jkop12345/?grsdcf")
