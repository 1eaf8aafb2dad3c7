"""Help at the keyboard: a hint whose price is named first and found in the result, and a step that is checked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.test_trainee_way import MODEL, as_opened, handshake_of, right_texts, shared
from tests.browser.trainee import Trainee, axe_violations
from tests.conftest import Processes
from tickets.actions.assignments import assign
from tickets.actions.demo import install_shipped_scenarios
from tickets.models import HintTaken, StepCheck, Ticket, Worksheet, hints
from tickets.models.truth import VariantHints

pytestmark = [pytest.mark.browser]


@pytest.fixture
def ticket(transactional_db: None, request: pytest.FixtureRequest) -> Ticket:
    """Ana's ticket of the seed family; a test's parameter says which feedback it has."""
    ana = make.make_user("ana")
    cohort = make.make_cohort("Blue team", trainees=[ana])
    [seed] = [version for version in install_shipped_scenarios() if version.scenario.family == "T001"]
    assign(cohort, "Who started it", [seed], reveal=getattr(request, "param", "on_grade"))
    return Ticket.objects.get(trainee=ana)


def press(page: Page, name: str) -> None:
    """By keyboard: focus it and press Enter."""
    button = page.get_by_role("button", name=name)
    button.focus()
    page.keyboard.press("Enter")


def test_a_hint_is_opened_by_keyboard_after_its_price_and_the_result_says_what_it_cost(
    live_server: LiveServer,
    page: Page,
    ticket: Ticket,
    background_work: Processes,
    monkeypatch: pytest.MonkeyPatch,
    pictures: Path,
) -> None:
    monkeypatch.setattr(hints, "PAUSE", timedelta(0))
    texts = VariantHints.objects.get(variant=ticket.variant)
    ana, variant = Trainee(page, live_server.url), ticket.variant
    ana.log_in("ana")
    ana.open_ticket(ticket.pk)
    ana.pin(*handshake_of(variant))
    ana.answer({**as_opened(variant), **shared(variant), **right_texts(variant), **MODEL})
    ana.wait_until_saved()

    page.locator("#hints summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Hint 1 costs no marks.")).to_be_visible()
    assert texts.where not in page.content()
    press(page, "1. Where to look, free")
    expect(page.locator(".hints-taken p", has_text=texts.where)).to_be_focused()
    expect(page.get_by_text("Hint 2 takes 10 % of what the fields below earn")).to_be_visible()
    assert texts.what not in page.content()
    press(page, "2. What to compare, 10 %")
    expect(page.locator(".hints-taken p", has_text=texts.what)).to_be_focused()
    assert texts.record not in page.content()
    assert axe_violations(page, within="#hints") == []
    page.screenshot(path=pictures / "hints.png")
    assert HintTaken.objects.count() == 2
    # What was typed is as it was, and is still submitted by the page's own button alone.
    assert not hasattr(Ticket.objects.get(pk=ticket.pk), "submission")
    expect(page.locator("#id_conclusion")).to_have_value(right_texts(variant)["conclusion"])

    ana.submit()
    ana.wait_for_grade()
    expect(
        page.get_by_text("Hint 2 was taken: −0.80 of 8.00, 10 % of what this field earned.")
    ).to_be_visible()
    expect(page.get_by_text("Every field and every text is right.")).to_be_hidden()
    page.screenshot(path=pictures / "hints-result.png", full_page=True)


def test_enter_in_a_field_saves_the_draft_and_does_nothing_else(
    live_server: LiveServer, page: Page, ticket: Ticket
) -> None:
    ana = Trainee(page, live_server.url)
    ana.log_in("ana")
    ana.open_ticket(ticket.pk)
    page.locator("[name=originator_ip]").fill(ticket.variant.alert_dst_ip)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("[name=originator_ip]")).to_have_value(ticket.variant.alert_dst_ip)
    assert Worksheet.objects.get(ticket=ticket).originator_ip == ticket.variant.alert_dst_ip
    assert not hasattr(Ticket.objects.get(pk=ticket.pk), "submission")
    assert not HintTaken.objects.exists()


@pytest.mark.parametrize("ticket", ["coached"], indirect=True)
def test_a_step_is_checked_by_keyboard_and_tells_its_own_truth(
    live_server: LiveServer, page: Page, ticket: Ticket, pictures: Path
) -> None:
    ana, variant = Trainee(page, live_server.url), ticket.variant
    ana.log_in("ana")
    ana.open_ticket(ticket.pk)
    wrong = {**as_opened(variant), "reversed": "no", "protocol": "tcp", **right_texts(variant)}
    page.locator("#id_reason").fill(wrong["reason"])
    with page.expect_navigation():
        press(page, "Check this step")
    expect(page.get_by_text("Your text says what the rule looks for; what the alert shows.")).to_be_visible()
    ana.answer(wrong)
    page.locator("#step-2 summary").first.click()
    with page.expect_navigation():
        press(page, "Check this step")
    told = page.locator("#step-2 .checked")
    expect(told).to_contain_text("The records show that the alert is reversed.")
    expect(told).not_to_contain_text("established")
    expect(page.locator("#step-3 .checked")).to_have_count(0)
    expect(page.locator("#id_analysis")).to_have_value(right_texts(variant)["analysis"])
    assert axe_violations(page, within="#step-2") == []
    page.screenshot(path=pictures / "step-checked.png")
    assert list(StepCheck.objects.values_list("step", flat=True)) == ["reason", "supporting_evidence"]
