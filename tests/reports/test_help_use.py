"""How much help a class took."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories as make
from tests.views.conftest import client_of
from tickets.models import HintTaken, StepCheck, Ticket
from tickets.reports.cohorts import first_attempts
from tickets.reports.help_use import HelpRow, read_help_use

pytestmark = pytest.mark.django_db


def work(
    name: str, *, hints: int = 0, checked: tuple[str, ...] = (), title: str = "A", reveal: str = "on_grade"
) -> Ticket:
    """One submitted and graded ticket of this trainee, with this much help."""
    trainee = make.make_user(name)
    cohort = make.make_cohort(trainees=[trainee], instructors=[make.make_instructor()])
    ticket = make.make_ticket(
        trainee,
        assignment=make.make_assignment(cohort, reveal=reveal),
        variant=make.make_variant(make.make_version(title=title)),
    )
    for level in range(1, hints + 1):
        HintTaken.objects.create(
            ticket=ticket, level=level, percent=0, lines=[], text="t", taken_by=trainee, taken_at=make.NOON
        )
    for step in checked:
        StepCheck.objects.create(
            ticket=ticket,
            step=step,
            answers={},
            feedback={},
            lines=[],
            engine_version="2",
            checked_by=trainee,
            checked_at=make.NOON,
        )
    make.make_grade(make.make_submission(ticket, with_job=False))
    return ticket


def test_tickets_are_counted_by_the_last_hint_and_by_scenario() -> None:
    work("ana", hints=3, checked=("reason", "analysis"), reveal="coached")
    work("uma", hints=1)
    work("eve", title="B")
    rows = read_help_use(first_attempts(make.make_cohort()))
    assert rows == (
        HelpRow("All scenarios", 3, 1, (1, 0, 1), 1),
        HelpRow("A", 2, 0, (1, 0, 1), 1),
        HelpRow("B", 1, 1, (0, 0, 0), 0),
    )


def test_assessments_and_what_is_not_submitted_stay_out() -> None:
    work("ana", reveal="manual")
    make.make_ticket(make.make_user("uma"))
    assert read_help_use(first_attempts(make.make_cohort())) == ()


def test_the_report_its_table_and_the_worksheets_behind_it_tell_of_help() -> None:
    ticket = work("ana", hints=2, checked=("reason",))
    ivo: Client = client_of(make.make_instructor())
    cohort = f"/reports/cohorts/{ticket.item.assignment.cohort_id}/"
    assert "How much help did they take?" in ivo.get(cohort).content.decode()
    table = ivo.get(f"{cohort}help.csv").content.decode()
    assert '"All scenarios","1","0","0","1","0","1"' in table
    assert "hints 1, 2; 1 step checked" in ivo.get(f"{cohort}worksheets/?criterion=reversed").content.decode()
