"""What a class answered with help is counted apart, and leads to its own worksheets."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from tests import factories as make
from tests.views.conftest import client_of
from tickets.grading.rubric import DIRECTION
from tickets.models import Cohort, GradeJob, HintTaken, Ticket
from tickets.reports.cohorts import report_on
from tickets.reports.worksheets import Filter, one_per_ticket, worksheets_behind
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort() -> Cohort:
    """Ana and Ben take the alert at face value, Uma is right; Ben and Uma had taken a hint about direction."""
    people = [make.make_user(name) for name in ("ana", "ben", "uma")]
    cohort = make.make_cohort(trainees=people, instructors=[make.make_instructor()])
    item = make.make_item(make.make_assignment(cohort))
    variant = make.make_variant(item.version)
    written = (make.FACE_VALUE_ANSWERS, make.FACE_VALUE_ANSWERS, make.RIGHT_ANSWERS)
    for person, answers in zip(people, written, strict=True):
        ticket = Ticket.objects.create(item=item, trainee=person, variant=variant)
        if person.username != "ana":
            HintTaken.objects.create(
                ticket=ticket,
                level=1,
                percent=0,
                lines=[line.value for line in DIRECTION],
                text="Look there.",
                taken_by=person,
                taken_at=make.NOON,
            )
        make.make_submission(ticket, **answers)
    drain(GradeJob, record_grade)
    return cohort


def names(cohort: Cohort, query: str) -> set[str]:
    """Whose worksheets the address of a figure lists, as the page lists them."""
    given = dict(parse_qsl(query))
    missed = given.pop("missed", "") == "1"
    wanted = replace(Filter(**given), missed=missed)  # type: ignore[arg-type]
    results = one_per_ticket(worksheets_behind(cohort, None, wanted))
    return {result.grade.submission.ticket.trainee.username for result in results}


def test_a_field_that_was_answered_with_help_stands_in_no_share(cohort: Cohort) -> None:
    fields = {figure.key: figure for figure in report_on(cohort).fields}
    reversed_, outcome = fields["reversed"], fields["outcome"]
    assert (reversed_.share.k, reversed_.share.n, reversed_.trainees) == (0, 1, 1)
    assert (reversed_.helped.k, reversed_.helped.n, reversed_.helped_missed) == (1, 2, 1)
    assert (outcome.share.n, outcome.helped.n) == (3, 0)
    assert names(cohort, reversed_.query) == {"ana"}
    assert names(cohort, reversed_.helped_query) == {"ben"}


def test_an_idea_that_was_shown_with_help_is_counted_apart(cohort: Cohort) -> None:
    [idea] = [figure for figure in report_on(cohort).ideas if figure.key == "M01"]
    assert (idea.share.k, idea.share.n, idea.tickets) == (1, 1, 1)
    assert (idea.helped.k, idea.helped.n) == (1, 2)
    assert names(cohort, idea.query) == {"ana"}
    assert names(cohort, idea.helped_query) == {"ben"}


def test_an_idea_that_only_help_did_not_prevent_keeps_its_line(cohort: Cohort) -> None:
    cohort.enrollments.filter(user__username="ana").update(is_active=False)
    [idea] = [figure for figure in report_on(cohort).ideas if figure.key == "M01"]
    assert (idea.share.n, idea.share.share) == (0, None)
    assert (idea.helped.k, idea.helped.n) == (1, 2)
    page = client_of(make.make_instructor()).get(f"/reports/cohorts/{cohort.pk}/").content.decode()
    assert "Worksheets that showed M01 with help" in page


def test_a_skill_counts_what_was_shown_without_help_and_leads_to_both_kinds_of_worksheets(
    cohort: Cohort,
) -> None:
    [line] = [line for line in report_on(cohort).skills if line.skill.code == "S02"]
    assert (line.shown.k, line.shown.n, line.trainees) == (0, 1, 1)
    assert (line.helped.k, line.helped.n) == (1, 2)
    assert names(cohort, line.query) == {"ana"}
    assert names(cohort, line.helped_query) == {"ben", "uma"}


def test_the_list_of_a_skill_shows_the_line_that_was_missed_and_says_what_it_is(cohort: Cohort) -> None:
    ivo = client_of(make.make_instructor())
    page = ivo.get(f"/reports/cohorts/{cohort.pk}/worksheets/?skill=S05&help=had").content.decode()
    assert "skill: Name the destination and the service port, with help" in page
    assert "2 worksheets" in page
    nonsense = ivo.get(f"/reports/cohorts/{cohort.pk}/worksheets/?skill=S99").content.decode()
    assert "No worksheet fits." in nonsense
