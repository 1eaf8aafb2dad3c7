"""Every page of everybody, as it stands with work in it: accessible in both themes, and whole on a laptop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from tests import factories as make
from tests.browser.trainee import Trainee, axe_violations
from tickets.models import Ticket, User
from tickets.urls import urlpatterns

pytestmark = [pytest.mark.browser]

FOR_BOTH = ("home", "queue", "shifts", "glossary", "reference", "matrix")
OF_A_TICKET = ("desk", "grade")
FOR_TRAINEES = ("progress",)
FOR_INSTRUCTORS = ("cohort_reports", "marks", "regradings")
OF_A_TICKET_FOR_INSTRUCTORS = ("rubric",)
OF_A_COHORT = ("cohort_report", "cohort_report_worksheets", "cohort_report_tickets")
# Not looked at here: the log-in page and pages of what this file makes none of.
OTHERS = ("login", "earlier_grade", "regrading", "shift", "shift_trainee")
# Files, parts of a page, and what only takes a POST.
NO_PAGES = (
    *(
        "logout",
        "saved_views",
        "saved_view_default",
        "saved_view_removal",
        "record",
        "evidence_file",
        "worksheet",
    ),
    *("submission", "hints", "checks", "grade_json", "pick", "appeals", "overrides", "answer"),
    *("regrading_approval", "regrading_abandonment", "shift_start", "shift_end", "shift_abandonment"),
    *("cohort_report_xlsx", "cohort_report_csv"),
)
SIZES = ((1366, 768), (390, 844))


@pytest.fixture
def work(transactional_db: None) -> tuple[Ticket, Ticket]:
    """A ticket of ana's in ivo's class that is graded, and one that is open."""
    ivo = make.make_instructor()
    assignment = make.make_assignment(make.make_cohort(instructors=[ivo]))
    graded, open_one = (make.make_ticket(assignment=assignment) for _ in range(2))
    make.make_grade(make.make_submission(graded, with_job=False))
    return graded, open_one


def pages_of(user: str, graded: Ticket, open_one: Ticket) -> Iterator[str]:
    is_ana = user == "ana"
    for name in (*FOR_BOTH, *(FOR_TRAINEES if is_ana else FOR_INSTRUCTORS)):
        yield reverse(name)
    yield reverse("desk", args=[open_one.pk])
    for name in (*OF_A_TICKET, *(() if is_ana else OF_A_TICKET_FOR_INSTRUCTORS)):
        yield reverse(name, args=[graded.pk])
    if not is_ana:
        for name in OF_A_COHORT:
            yield reverse(name, args=[graded.item.assignment.cohort_id])


def test_a_new_address_is_either_looked_at_here_or_named_as_no_page() -> None:
    walked = (
        FOR_BOTH + OF_A_TICKET + FOR_TRAINEES + FOR_INSTRUCTORS + OF_A_TICKET_FOR_INSTRUCTORS + OF_A_COHORT
    )
    assert sorted(pattern.name or "" for pattern in urlpatterns) == sorted(walked + OTHERS + NO_PAGES)


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page as it stands in this theme, at both sizes."""
    faults = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{width}: scrolls sideways, {wide} wide")
        faults += [f"{width}: {fault}" for fault in axe_violations(page)]
    if (count := page.locator("h1").count()) != 1:
        faults.append(f"{count} first headings")
    if not page.locator("html").get_attribute("lang"):
        faults.append("no language")
    return faults


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("user", ["ana", "ivo"])
def test_every_page_is_accessible_fits_and_has_a_name_of_its_own(
    live_server: LiveServer, page: Page, work: tuple[Ticket, Ticket], user: str, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    Trainee(page, live_server.url).log_in(user)
    assert User.objects.get(username=user).is_instructor is (user == "ivo")
    faults: list[str] = []
    titles: dict[str, str] = {}
    for path in pages_of(user, *work):
        answer = page.goto(f"{live_server.url}{path}")
        assert answer is not None
        assert answer.status == 200, path
        faults += [f"{path} {fault}" for fault in faults_of(page)]
        if (title := page.title()) in titles:
            faults.append(f"{path} is called as {titles[title]} is: {title}")
        titles[title] = path
    assert faults == []
