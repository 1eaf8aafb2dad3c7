"""What is said of the clock: on the desk before it strikes, and wherever the work is read afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests import factories as make
from tickets.models import Assignment, GradeJob, Ticket
from tickets.tasks.deadlines import hand_in_drafts_at
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = [pytest.mark.django_db]

BEFOREHAND = "is handed in as it stands"
HANDED_IN = "handed in at the deadline"


@pytest.fixture
def ticket() -> Ticket:
    """ana's, of ivo's class, with a draft that was saved."""
    cohort = make.make_cohort(trainees=[make.make_user()], instructors=[make.make_instructor()])
    ticket = make.make_ticket(assignment=make.make_assignment(cohort))
    make.make_worksheet(ticket)
    return ticket


def close(minutes_ago: int) -> None:
    Assignment.objects.update(closes_at=timezone.now() - timedelta(minutes=minutes_ago))


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_desk_says_beforehand_what_happens_when_the_assignment_closes(
    ana: Client, ticket: Ticket
) -> None:
    close(minutes_ago=-60)
    assert BEFOREHAND in page(ana, f"/tickets/{ticket.pk}/")
    Assignment.objects.update(closes_at=None)
    assert BEFOREHAND not in page(ana, f"/tickets/{ticket.pk}/")


def test_a_closed_desk_says_what_becomes_of_what_is_written(ana: Client, ticket: Ticket) -> None:
    close(minutes_ago=0)
    assert "What is written is handed in as it stands." in page(ana, f"/tickets/{ticket.pk}/")


def test_result_desk_and_lists_say_that_the_clock_handed_it_in(
    ana: Client, ivo: Client, ticket: Ticket
) -> None:
    close(minutes_ago=1)
    hand_in_drafts_at(timezone.now())
    drain(GradeJob, record_grade)
    for client in (ana, ivo):
        assert HANDED_IN in page(client, f"/tickets/{ticket.pk}/grade/")
        assert "Handed in as it stood at the deadline" in page(client, f"/tickets/{ticket.pk}/")
    report = f"/reports/cohorts/{ticket.item.assignment.cohort_id}/"
    assert HANDED_IN in page(ivo, f"{report}worksheets/")
    assert "at the deadline" in page(ivo, f"{report}tickets/")


def test_nothing_of_it_is_said_where_the_trainee_submitted(ana: Client, ivo: Client, ticket: Ticket) -> None:
    make.make_grade(make.make_submission(ticket, with_job=False))
    report = f"/reports/cohorts/{ticket.item.assignment.cohort_id}/"
    for client, address in (
        (ana, f"/tickets/{ticket.pk}/grade/"),
        (ana, f"/tickets/{ticket.pk}/"),
        (ivo, f"{report}worksheets/"),
        (ivo, f"{report}tickets/"),
    ):
        assert "at the deadline" not in page(client, address)
