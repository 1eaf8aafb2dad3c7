"""The clock beside the worksheet, with a browser's clock that is wound on by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee, axe_violations
from tickets.models import StepTime, Ticket

pytestmark = [pytest.mark.browser]


@pytest.fixture
def ticket(transactional_db: None) -> Ticket:
    return make.make_ticket(opened_at=make.NOON)


@pytest.fixture
def ana(live_server: LiveServer, page: Page, ticket: Ticket) -> Trainee:
    trainee = Trainee(page, live_server.url)
    trainee.log_in("ana")
    page.clock.install()
    trainee.open_ticket(ticket.pk)
    return trainee


def seconds(page: Page, step: str) -> int:
    return int(page.locator(f"[name=spent_{step}]").input_value())


def test_time_goes_to_the_step_that_stands_open_and_is_saved_with_what_is_typed(
    ana: Trainee, ticket: Ticket
) -> None:
    page = ana.page
    page.clock.run_for(65_000)
    assert 64 <= seconds(page, "reason") <= 66
    page.locator("#step-3 summary").first.click()
    page.clock.run_for(30_000)
    assert 29 <= seconds(page, "analysis") <= 31
    assert seconds(page, "reason") <= 66
    expect(page.locator(".spent summary")).to_have_text("Your time 1 min")
    page.locator("[name=analysis]").fill("The client opened it.")
    page.clock.run_for(5_000)
    expect(page.get_by_text("Draft saved")).to_be_visible()
    saved = dict(StepTime.objects.values_list("step", "seconds"))
    assert 64 <= saved["reason"] <= 66
    assert 29 <= saved["analysis"] <= 36


def test_nothing_counts_once_nothing_was_touched_for_two_minutes(ana: Trainee) -> None:
    page = ana.page
    page.clock.run_for(600_000)
    assert 118 <= seconds(page, "reason") <= 121
    page.keyboard.press("Shift")
    page.clock.run_for(10_000)
    assert 127 <= seconds(page, "reason") <= 131


def test_the_table_is_accessible_and_counting_alone_is_nothing_to_bring_back(ana: Trainee) -> None:
    page = ana.page
    page.clock.run_for(90_000)
    page.locator(".spent summary").click()
    expect(page.locator(".spent tbody tr").first).to_contain_text("1 min")
    assert axe_violations(page, ".spent") == []
    page.reload()
    expect(page.get_by_text("had not been saved")).to_have_count(0)
