"""The desk under a trainee's hands: saving, pinning, dropping addresses, and what goes wrong meanwhile."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee
from tickets.models import EvidenceRecord, Ticket, Worksheet

pytestmark = [pytest.mark.browser]


@pytest.fixture
def ticket(transactional_db: None) -> Ticket:
    """The seed ticket with addresses on its packets, more packets than a page holds, and a log line."""
    ticket = make.make_ticket()
    packets = EvidenceRecord.objects.filter(bundle=ticket.variant.bundle, kind="packet")
    packets.update(src_ip="10.20.30.40", src_port=3932, dst_ip="203.0.113.80", dst_port=80, protocol="tcp")
    first = packets[0]
    EvidenceRecord.objects.bulk_create(
        EvidenceRecord(
            bundle_id=first.bundle_id,
            file_id=first.file_id,
            number=number,
            kind="packet",
            info=f"row {number}",
        )
        for number in range(8, 451)
    )
    return ticket


@pytest.fixture
def ana(live_server: LiveServer, page: Page, ticket: Ticket) -> Trainee:
    page.set_viewport_size({"width": 1366, "height": 768})
    trainee = Trainee(page, live_server.url)
    trainee.log_in("ana")
    trainee.open_ticket(ticket.pk)
    return trainee


def test_evidence_and_worksheet_stand_side_by_side_without_scrolling_the_page(ana: Trainee) -> None:
    size = ana.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    assert size == [1366, 768]
    # Nor by a script, or by the focus moving far down a list.
    ana.page.evaluate("window.scrollTo(0, 500)")
    assert ana.page.evaluate("window.scrollY") == 0
    for name in ("originator_ip", "outcome", "reason"):
        expect(ana.page.locator(f"[name={name}]")).to_be_in_viewport()
    expect(ana.page.get_by_text("Review and submit")).to_be_in_viewport()


def test_between_a_phone_and_a_laptop_the_evidence_keeps_to_its_column(ana: Trainee) -> None:
    for width in (768, 900, 1020):
        ana.page.set_viewport_size({"width": width, "height": 768})
        column, *parts = ana.page.evaluate(
            "[...document.querySelectorAll('.evidence, .evidence > *, .records-pane > *')].map(each => each.offsetWidth)"
        )
        assert max(parts) <= column, width


def test_what_is_typed_is_saved_by_itself_and_what_is_empty_is_told_again(
    ana: Trainee, ticket: Ticket
) -> None:
    ana.page.locator("[name=reason]").fill("The rule looks for an outside client.")
    ana.wait_until_saved()
    expect(ana.page.locator("[name=version]")).to_have_value("1")
    expect(ana.page.locator("#state_reason")).to_contain_text("written")
    expect(ana.page.locator("#still")).not_to_contain_text("reason,")
    ana.page.locator("[name=reason]").fill("The rule looks for an outside client, and finds none.")
    expect(ana.page.locator("[name=version]")).to_have_value("2", timeout=8000)
    assert Worksheet.objects.get(ticket=ticket).reason.endswith("finds none.")


def test_an_address_is_dropped_into_the_worksheet_and_the_arrow_turns(ana: Trainee) -> None:
    page = ana.page
    row = page.locator("tr[data-place='capture.pcap:1']")
    row.locator(".c-src button").click()
    page.get_by_role("button", name="Originator", exact=True).click()
    wire = page.locator("claim-arrow .wire")
    expect(wire).to_have_attribute("data-way", "none")
    row.locator(".c-dst button").press("Enter")
    page.get_by_role("button", name="Responder", exact=True).press("Enter")
    expect(wire).to_have_attribute("data-way", "back")
    assert page.locator("[name=originator_port]").input_value() == "3932"
    assert page.locator("[name=responder_ip]").input_value() == "203.0.113.80"
    ana.wait_until_saved()


def test_a_pin_stays_when_its_row_is_on_another_tab_and_jumps_back_to_it(
    ana: Trainee, ticket: Ticket
) -> None:
    page = ana.page
    ana.pin("capture.pcap:2")
    page.get_by_role("link", name="Context").click()
    ana.pin("context:1")
    page.locator("#step-2 summary").click()
    pins = page.locator("pin-board li")
    expect(pins).to_have_count(2)
    ana.wait_until_saved()
    expect(page.locator("[name=version]")).not_to_have_value("0")
    page.locator("[name=supporting_evidence]").fill("See ")
    pins.first.get_by_role("button", name="Cite").click()
    expect(page.locator("[name=supporting_evidence]")).to_have_value("See [capture.pcap:2]")
    pins.first.get_by_role("link").click()
    expect(page.get_by_label("Pin capture.pcap:2", exact=True)).to_be_checked()
    pins.last.get_by_role("button", name="Unpin").click()
    expect(pins).to_have_count(1)
    expect(page.locator("#draft-state")).to_contain_text("Draft saved", timeout=8000)
    expect(page.locator("#state_supporting_evidence")).to_contain_text("1 pin", timeout=8000)
    assert Worksheet.objects.get(ticket=ticket).evidence == ["capture.pcap:2"]


def test_rows_come_in_pages_as_the_list_is_scrolled(ana: Trainee) -> None:
    rows = ana.page.locator("tr[data-place]")
    expect(rows).to_have_count(80)
    ana.page.locator("#more").scroll_into_view_if_needed()
    expect(rows).to_have_count(160)


def test_a_record_is_found_opened_and_closed_by_keys(ana: Trainee) -> None:
    page = ana.page
    page.keyboard.press("/")
    page.keyboard.type("row 44")
    expect(page.get_by_text("11 records with")).to_be_visible()
    expect(page.locator("tr[data-place]")).to_have_count(11)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("p")
    expect(page.locator("pin-board li")).to_have_count(1)
    page.keyboard.press("o")
    expect(page.locator("tr.open")).to_have_count(1)
    page.keyboard.press("o")
    expect(page.locator("tr.open")).to_have_count(0)
    ana.wait_until_saved()


def test_a_second_tab_gets_both_texts_and_overwrites_nothing(
    ana: Trainee, ticket: Ticket, silent_page: list[str]
) -> None:
    page = ana.page
    Worksheet.objects.filter(ticket=ticket).update(
        version=1, analysis="from the other window", saved_at=make.NOON
    )
    page.locator("[name=reason]").fill("from this window")
    expect(page.get_by_text("Nothing was overwritten")).to_be_visible(timeout=8000)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Two drafts of one worksheet")).to_be_visible()
    page.locator("label", has_text="from the other window").click()
    page.get_by_role("button", name="Save this choice").click()
    page.wait_for_url(f"**/tickets/{ticket.pk}/")
    stored = Worksheet.objects.get(ticket=ticket)
    assert (stored.reason, stored.analysis) == ("from this window", "from the other window")
    silent_page.clear()  # the browser notes each answer 409 in its console


@pytest.mark.parametrize("width", [1366, 390])
def test_two_tabs_that_write_at_once_show_both_texts_and_keep_what_is_chosen(
    ana: Trainee, ticket: Ticket, silent_page: list[str], width: int
) -> None:
    first = ana.page
    second = Trainee(first.context.new_page(), ana.site)
    for page in (first, second.page):
        page.set_viewport_size({"width": width, "height": 768})
    second.open_ticket(ticket.pk)
    first.locator("[name=reason]").fill("written in the first tab")
    ana.wait_until_saved()
    second.page.locator("[name=reason]").fill("written in the second tab")
    expect(second.page.get_by_text("Nothing was overwritten")).to_be_visible(timeout=8000)
    assert Worksheet.objects.get(ticket=ticket).reason == "written in the first tab"
    second.page.get_by_role("button", name="Compare").click()
    for text in ("written in the first tab", "written in the second tab"):
        expect(second.page.get_by_text(text, exact=True)).to_be_visible()
    assert second.page.evaluate("document.documentElement.scrollWidth") == width
    second.page.get_by_role("button", name="Save this choice").click()
    second.page.wait_for_url(f"**/tickets/{ticket.pk}/")
    assert Worksheet.objects.get(ticket=ticket).reason == "written in the second tab"
    # The first tab is told in its turn, and what it holds stays in it.
    first.bring_to_front()
    first.locator("[name=reason]").press_sequentially("!")
    expect(first.get_by_text("Nothing was overwritten")).to_be_visible(timeout=8000)
    expect(first.locator("[name=reason]")).to_have_value("written in the first tab!")
    silent_page.clear()  # the browser notes each answer 409 in its console


def test_a_lost_connection_is_told_and_the_text_saved_when_it_is_back(
    ana: Trainee, ticket: Ticket, silent_page: list[str]
) -> None:
    page = ana.page

    def cut(route: Route) -> None:
        route.abort("internetdisconnected")

    page.route("**/worksheet/", cut)
    page.locator("[name=reason]").fill("typed in a tunnel")
    expect(page.get_by_text("No connection since")).to_be_visible(timeout=8000)
    page.unroute("**/worksheet/", cut)
    ana.wait_until_saved()
    assert Worksheet.objects.get(ticket=ticket).reason == "typed in a tunnel"
    silent_page.clear()  # the browser notes each failed request in its console


def test_an_ended_session_loses_nothing_and_goes_on_after_the_log_in(
    ana: Trainee, ticket: Ticket, silent_page: list[str]
) -> None:
    page = ana.page
    page.context.clear_cookies()
    page.locator("[name=reason]").fill("typed after the session ended")
    expect(page.get_by_text("Your session has ended")).to_be_visible(timeout=8000)
    with page.context.expect_page() as opened:
        page.locator("#draft-state").get_by_role("link", name="Log in").click()
    login = opened.value
    login.get_by_label("Name").fill("ana")
    login.get_by_label("Password").fill(make.PASSWORD)
    login.get_by_role("button", name="Log in").click()
    login.wait_for_url(lambda url: "login" not in url)
    login.close()
    expect(page.get_by_text("Draft saved")).to_be_visible(timeout=20_000)
    assert Worksheet.objects.get(ticket=ticket).reason == "typed after the session ended"
    silent_page.clear()  # the browser notes each answer 401 and 403 in its console


def test_a_submit_that_cannot_be_read_says_where_and_keeps_the_text(
    ana: Trainee, ticket: Ticket, silent_page: list[str]
) -> None:
    page = ana.page
    page.locator("[name=originator_ip]").fill("10.20.30.400")
    page.locator("[name=reason]").fill("kept")
    ana.submit()
    expect(page.get_by_text("Please look at originator.")).to_be_visible()
    expect(page.locator("[name=originator_ip]")).to_have_attribute("aria-invalid", "true")
    assert page.locator("[name=reason]").input_value() == "kept"
    assert Ticket.objects.filter(pk=ticket.pk, submission=None).exists()
    silent_page.clear()  # the browser notes the answer 422 in its console


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_worksheet_is_printed_in_dark_ink_whatever_the_theme(ana: Trainee, theme: str) -> None:
    page = ana.page
    page.context.add_cookies([{"name": "theme", "value": theme, "url": ana.site}])
    page.reload()
    page.emulate_media(media="print", color_scheme="dark")
    ink = page.locator("[name=reason]").evaluate("field => getComputedStyle(field).color")
    lightness = float(ink.removeprefix("oklch(").split()[0])
    assert lightness < 0.4
    expect(page.locator(".records-pane")).to_be_hidden()
    expect(page.locator(".appbar")).to_be_hidden()
    expect(page.locator("[name=conclusion]")).to_be_visible()
