"""The evidence under a trainee's hands: every tab in both themes, one conversation, addresses into the worksheet."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee, axe_violations
from tests.views.test_evidence import make_ticket
from tickets.models import Ticket, Worksheet

pytestmark = [pytest.mark.browser]

LOOKS = (
    "?tab=packet",
    "?tab=packet&view=diagram",
    "?tab=packet&view=transcript",
    "?tab=timeline",
    "?tab=context",
    "?tab=files",
)


@pytest.fixture
def ticket(transactional_db: None) -> Ticket:
    """A web page, a look-up and a firewall's line, one of them pinned."""
    ticket = make_ticket()
    make.make_worksheet(
        ticket,
        originator_ip="",
        originator_port="",
        responder_ip="",
        responder_port="",
        evidence=["capture.pcap:1"],
    )
    return ticket


@pytest.fixture
def ana(live_server: LiveServer, page: Page, ticket: Ticket) -> Trainee:
    page.set_viewport_size({"width": 1366, "height": 768})
    trainee = Trainee(page, live_server.url)
    trainee.log_in("ana")
    trainee.open_ticket(ticket.pk)
    return trainee


def saves(field: str) -> Callable[[Response], bool]:
    """The answer to the autosave that holds this field as it is posted."""
    return lambda response: (
        response.url.endswith("/worksheet/") and field in (response.request.post_data or "")
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_way_to_look_has_no_violation(ana: Trainee, ticket: Ticket, theme: str) -> None:
    page = ana.page
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    for look in LOOKS:
        page.goto(f"{ana.site}/tickets/{ticket.pk}/{look}")
        assert (look, axe_violations(page)) == (look, [])
    page.goto(f"{ana.site}/tickets/{ticket.pk}/?tab=packet")
    page.locator(".why summary").click()
    page.get_by_label("Open capture.pcap:4").click()
    expect(page.locator("tr.open")).to_be_visible()
    assert axe_violations(page) == []


@pytest.mark.parametrize("look", LOOKS)
def test_on_a_phone_no_tab_makes_the_page_wider(ana: Trainee, ticket: Ticket, look: str) -> None:
    ana.page.set_viewport_size({"width": 390, "height": 844})
    ana.page.goto(f"{ana.site}/tickets/{ticket.pk}/{look}")
    assert ana.page.evaluate("document.documentElement.scrollWidth") == 390


def test_on_a_phone_a_packets_addresses_stand_in_its_row_and_can_be_pressed(
    ana: Trainee, ticket: Ticket
) -> None:
    page = ana.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{ana.site}/tickets/{ticket.pk}/?tab=packet")
    row = page.locator('tr[data-place="capture.pcap:1"]')
    row.get_by_role("button", name="10.20.30.40:3932").click()
    page.get_by_role("group").get_by_role("button", name="Originator").click()
    expect(page.locator("#id_originator_ip")).to_have_value("10.20.30.40")
    expect(row.get_by_text("SYN")).to_be_in_viewport()
    assert axe_violations(page) == []


def test_a_conversation_is_followed_across_the_tabs_by_keys(ana: Trainee) -> None:
    page = ana.page
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(page.locator('tr[data-place="firewall.log:1"]')).to_be_visible()
    expect(page.locator('tr[data-place="capture.pcap:6"]')).to_have_count(0)
    page.get_by_role("link", name="Packets 5").click()
    expect(page.locator("tr[data-place]")).to_have_count(5)
    page.get_by_label("Show the records of all conversations").click()
    expect(page.locator("tr[data-place]")).to_have_count(6)
    page.get_by_label("Conversation", exact=True).select_option(index=2)
    expect(page.locator("tr[data-place]")).to_have_count(1)


def test_addresses_go_into_the_worksheet_from_rows_details_lines_and_diagrams(
    ana: Trainee, ticket: Ticket
) -> None:
    page = ana.page
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.keyboard.press("Enter")
    expect(page.locator("#id_originator_ip")).to_have_value("10.20.30.40")
    expect(page.locator("#id_originator_port")).to_have_value("3932")
    page.keyboard.press("o")
    page.get_by_role("button", name="Put 203.0.113.80 into responder").click()
    expect(page.locator("#id_responder_ip")).to_have_value("203.0.113.80")
    expect(page.locator("#id_responder_port")).to_have_value("80")
    page.get_by_role("link", name="Sequence diagram").first.click()
    page.locator(".steps .addr").first.click()
    page.get_by_role("group").get_by_role("button", name="Originator").click()
    expect(page.locator("#id_originator_ip")).to_have_value("203.0.113.80")
    page.get_by_role("link", name="Firewall").click()
    page.get_by_label("Open firewall.log:1").click()
    page.locator("tr.open pre .addr", has_text="10.20.30.40").first.click()
    with page.expect_response(saves("originator_ip=10.20.30.40")):
        page.get_by_role("group").get_by_role("button", name="Originator").click()
    expect(page.locator("#id_originator_ip")).to_have_value("10.20.30.40")
    stored = Worksheet.objects.get(ticket=ticket)
    assert (stored.originator_ip, stored.responder_ip) == ("10.20.30.40", "203.0.113.80")


def test_rows_of_every_view_can_be_pinned(ana: Trainee, ticket: Ticket) -> None:
    page = ana.page
    for look, place in (
        ("view=diagram", "capture.pcap:2"),
        ("view=transcript", "capture.pcap:5"),
        ("tab=timeline", "firewall.log:1"),
        ("tab=context", "context:1"),
    ):
        page.goto(
            f"{ana.site}/tickets/{ticket.pk}/?tab=packet&{look}"
            if "view" in look
            else f"{ana.site}/tickets/{ticket.pk}/?{look}"
        )
        with page.expect_response(saves(f"evidence={quote(place)}")):
            ana.pin(place)
    pins = Worksheet.objects.get(ticket=ticket).answers()["evidence"]
    assert pins == ["capture.pcap:1", "capture.pcap:2", "capture.pcap:5", "firewall.log:1", "context:1"]
