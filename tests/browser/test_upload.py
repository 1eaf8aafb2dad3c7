from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee
from tests.conftest import Processes
from tests.tasks.test_uploads import ALERT_LINE, CONTEXT

pytestmark = [pytest.mark.browser]


def test_a_capture_handed_in_becomes_a_ticket_that_ana_works_and_the_report_shows(
    live_server: LiveServer, page: Page, background_work: Processes, tmp_path: Path, pictures: Path
) -> None:
    ana, ivo = make.make_user("ana"), make.make_instructor("ivo", is_staff=True)
    cohort = make.make_cohort("Spring class", trainees=[ana], instructors=[ivo])
    capture = tmp_path / "beacon.pcap"
    capture.write_bytes(make.make_capture())
    page.set_viewport_size({"width": 1366, "height": 768})

    Trainee(page, live_server.url).log_in("ivo", "/admin/tickets/evidenceupload/add/")
    page.screenshot(path=pictures / "add.png", full_page=True)
    page.get_by_label("Captures and logs").set_input_files(capture)
    page.get_by_role("textbox", name="Alert").fill(ALERT_LINE)
    page.get_by_role("textbox", name="Rule").fill("alert tcp any")
    page.get_by_role("textbox", name="Title").fill("Inbound to a workstation")
    page.get_by_role("textbox", name="Context").fill(CONTEXT)
    page.get_by_role("button", name="Hand in and analyse").click()
    expect(page.get_by_text("The rule cannot be read")).to_be_visible()
    page.screenshot(path=pictures / "add-faults.png", full_page=True)

    page.get_by_label("Captures and logs").set_input_files(capture)
    page.get_by_role("textbox", name="Rule").fill(make.RULE_TEXT)
    page.get_by_role("button", name="Hand in and analyse").click()
    expect(page.get_by_text("false positive (FP1)")).to_be_visible(timeout=20_000)
    page.screenshot(path=pictures / "verdict.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=pictures / "verdict-phone.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1366, "height": 768})

    page.get_by_label("Cohort").select_option("Spring class")
    page.get_by_role("button", name="Publish to this cohort").click()
    expect(page.get_by_text("Published to Spring class. Tickets: 1.")).to_be_visible()
    page.screenshot(path=pictures / "published.png", full_page=True)

    trainee = Trainee(page, live_server.url)
    trainee.log_in("ana")
    expect(page.get_by_text("Inbound to a workstation").first).to_be_visible()
    ticket = ana.tickets.get()
    trainee.open_ticket(ticket.pk)
    trainee.pin("capture.pcap:1", "capture.pcap:2")
    trainee.answer(make.RIGHT_ANSWERS)
    page.screenshot(path=pictures / "upload-desk.png")
    trainee.submit()
    trainee.wait_for_grade()
    page.screenshot(path=pictures / "upload-result.png", full_page=True)
    grade = page.request.get(f"{live_server.url}/tickets/{ticket.pk}/grade.json").json()
    assert grade["points"] == grade["max_points"] > 0

    trainee.log_in("ivo", f"/reports/cohorts/{cohort.pk}/")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="ana", exact=True))
    expect(row.get_by_text("100 %")).to_be_visible()
    page.screenshot(path=pictures / "upload-report.png", full_page=True)
    row.get_by_role("link").click()
    expect(page.get_by_text("The answers")).to_be_visible()
