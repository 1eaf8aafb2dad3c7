"""The result as a lesson: the question first, by keyboard and without a script, then the worked path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.test_trainee_way import FACE_VALUE, as_printed, handshake_of, shared
from tests.browser.trainee import Trainee, axe_violations
from tickets.actions.assignments import assign
from tickets.actions.demo import install_shipped_scenarios
from tickets.models import GradeJob, RecordPick, Ticket
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = [pytest.mark.browser]

# The seed ticket's own contrast: a login from outside, whose alert is printed as it was opened.
FAMILIES = ("T003", "T001")


@pytest.fixture
def ticket(transactional_db: None) -> Ticket:
    """Ana's seed ticket, taken at face value and graded, after one that its author calls a contrast."""
    ana = make.make_user("ana")
    cohort = make.make_cohort("Blue team", trainees=[ana])
    versions = {version.scenario.family: version for version in install_shipped_scenarios()}
    assign(cohort, "Who started it", [versions[family] for family in FAMILIES])
    contrast, seed = (
        Ticket.objects.get(trainee=ana, variant__version__scenario__family=family) for family in FAMILIES
    )
    make.make_submission(contrast, evidence=[])
    answers: dict[str, Any] = {
        **as_printed(seed.variant),
        **shared(seed.variant),
        **FACE_VALUE,
        "evidence": [],
    }
    make.make_submission(seed, **answers)
    drain(GradeJob, record_grade)
    return seed


def test_the_seed_ticket_at_face_value_is_asked_about_and_then_explained_by_keyboard_alone(
    live_server: LiveServer, page: Page, ticket: Ticket, pictures: Path
) -> None:
    syn = handshake_of(ticket.variant)[0]
    ana = Trainee(page, live_server.url)
    ana.log_in("ana", to=f"/tickets/{ticket.pk}/grade/")
    expect(page.get_by_text("The alert's direction at face value")).to_be_visible()
    expect(page.get_by_text("Worked path")).to_have_count(0)

    page.locator("#which-find").focus()
    page.keyboard.type("SYN")
    expect(page.locator("#which .found")).to_contain_text("“SYN”")
    expect(page.locator("#which-find")).to_be_focused()
    offered = page.locator("#which [name=place]")
    wanted = [offer.get_attribute("value") for offer in offered.all()].index(syn)
    page.keyboard.press("Tab")  # the list scrolls by keys
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    for _ in range(wanted):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Right.")).to_be_visible()
    assert RecordPick.objects.get().is_right
    proof = page.locator("tr[data-proof]")
    expect(proof).to_have_count(1)
    expect(proof).to_contain_text(syn)
    path = page.locator("#path")
    expect(path.locator(".held").first).to_contain_text(syn)
    path.locator("summary", has_text="Did it succeed").focus()
    page.keyboard.press("Enter")
    expect(
        path.get_by_text("The connection stood").or_(path.get_by_text("the connection stood")).first
    ).to_be_visible()
    idea = page.locator("#idea-M01")
    other = Ticket.objects.get(variant__version__scenario__family="T003")
    expect(idea.get_by_role("link")).to_contain_text(other.code)
    page.locator("#model summary").click()
    assert axe_violations(page) == []
    page.screenshot(path=pictures / "lesson-right.png", full_page=True)


def test_the_question_is_answered_without_a_script(
    live_server: LiveServer, page: Page, ticket: Ticket
) -> None:
    assert page.context.browser is not None
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    Trainee(plain, live_server.url).log_in("ana", to=f"/tickets/{ticket.pk}/grade/")
    plain.locator("#which nav").get_by_role("link", name="Firewall").click()
    plain.locator("#which [name=place]").first.check()
    plain.get_by_role("button", name="This record decides").click()
    expect(plain.get_by_text("Worked path")).to_be_visible()
    step = plain.locator("#path summary", has_text="Did it succeed")
    step.click()
    expect(plain.locator("#path .pathstep[open]")).to_have_count(2)
    assert RecordPick.objects.get().place.startswith("firewall.log:")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_question_and_lesson_stand_on_a_phone(
    live_server: LiveServer, page: Page, ticket: Ticket, pictures: Path, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    Trainee(page, live_server.url).log_in("ana", to=f"/tickets/{ticket.pk}/grade/")
    page.screenshot(path=pictures / f"lesson-asked-phone-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert axe_violations(page) == []
    page.get_by_role("button", name="Show me").click()
    expect(page.get_by_text("You asked to be shown.")).to_be_visible()
    page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert axe_violations(page) == []
    page.screenshot(path=pictures / f"lesson-phone-{scheme}.png", full_page=True)
