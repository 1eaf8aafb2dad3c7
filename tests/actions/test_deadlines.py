"""A prolonged assignment gives back what the clock had handed in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from tests import factories as make
from tests.waiting import wait_until
from tickets.actions.deadlines import reopen_work
from tickets.actions.overrides import override_mark
from tickets.actions.worksheets import save_worksheet, submit_worksheet
from tickets.models import (
    Assignment,
    AuditRecord,
    CriterionResult,
    Grade,
    GradeJob,
    RubricMark,
    Submission,
    Ticket,
    User,
)
from tickets.reports.history import read_history
from tickets.tasks.deadlines import hand_in_drafts_at
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

NOON = make.NOON
LATER = NOON + timedelta(hours=1)
EVENING = NOON + timedelta(hours=8)


def make_handed_in(*, reveal: str = "manual", name: str = "ana", **answers: Any) -> Ticket:
    """A ticket that closed at noon, with a draft that the clock handed in."""
    trainee = make.make_user(name)
    cohort = make.make_cohort(trainees=[trainee], instructors=[make.make_instructor()])
    assignment = make.make_assignment(cohort, closes_at=NOON, reveal=reveal)
    ticket = make.make_ticket(trainee, assignment=assignment)
    save_worksheet(ticket, version=0, answers=answers or make.RIGHT_ANSWERS, now=NOON - timedelta(minutes=5))
    hand_in_drafts_at(NOON + timedelta(minutes=1))
    return ticket


def ticket_now(ticket: Ticket) -> Ticket:
    """As a new request reads it."""
    return Ticket.objects.get(pk=ticket.pk)


def prolong(ticket: Ticket, ivo: User | None = None) -> tuple[int, int]:
    """From noon to the evening, at one o'clock."""
    assignment = Assignment.objects.get(items__tickets=ticket)
    before = copy(assignment)
    assignment.closes_at = EVENING
    assignment.save(update_fields=["closes_at"])
    return reopen_work(assignment, before, ivo, LATER)


def test_the_worksheet_is_the_trainees_again_as_it_stood_and_the_audit_trail_tells() -> None:
    ticket, ivo = make_handed_in(), make.make_instructor()
    drain(GradeJob, record_grade)
    handed_in = Submission.objects.get()
    assert prolong(ticket, ivo) == (1, 0)
    assert not Submission.objects.exists()
    assert not Grade.objects.exists()
    assert not CriterionResult.objects.exists()
    trail = AuditRecord.objects.get(action="submission.reopened")
    assert (trail.actor, trail.subject_id) == (ivo, ticket.pk)
    assert trail.data == {"submission": str(handed_in.pk), "sha256": handed_in.sha256}
    events = [(event.kind, event.by) for event in read_history(ticket_now(ticket), with_result=False)]
    assert ("reopened", ivo) in events
    assert "clocked" not in dict(events)
    assert AuditRecord.objects.filter(action="submission.at_deadline", subject_id=handed_in.pk).exists()
    again = ticket_now(ticket)
    assert again.worksheet.answers() == handed_in.answers
    saved = save_worksheet(again, version=again.worksheet.version, answers={"reason": "More."}, now=LATER)
    assert saved.reason == "More."


def test_what_is_open_again_is_handed_in_again_when_the_new_time_has_passed() -> None:
    ticket = make_handed_in()
    prolong(ticket)
    assert hand_in_drafts_at(LATER) == 0
    assert hand_in_drafts_at(EVENING + timedelta(minutes=1)) == 1
    drain(GradeJob, record_grade)
    grade = Grade.objects.get()
    assert (grade.points, grade.submission.received_at) == (grade.max_points, EVENING)


def test_it_need_not_be_graded_yet() -> None:
    assert prolong(make_handed_in(reveal="on_grade")) == (1, 0)
    assert not GradeJob.objects.exists()


@pytest.mark.parametrize("reveal", ["on_grade", "coached", "on_close"])
def test_what_has_marks_that_could_be_seen_stays_handed_in(reveal: str) -> None:
    ticket = make_handed_in(reveal=reveal)
    drain(GradeJob, record_grade)
    assert prolong(ticket) == (0, 1)
    assert Submission.objects.get().grades.count() == 1


def test_once_the_instructor_has_shown_the_results_they_stay() -> None:
    ticket = make_handed_in()
    drain(GradeJob, record_grade)
    Assignment.objects.update(revealed_at=NOON + timedelta(minutes=30))
    assert prolong(ticket) == (0, 1)


def test_what_an_instructor_has_judged_stays() -> None:
    ana, uma = make_handed_in(), make_handed_in(name="uma")
    drain(GradeJob, record_grade)
    ivo = make.make_instructor()
    override_mark(
        Submission.objects.get(ticket=ana), "outcome", Decimal(1), "The record is hard to read.", by=ivo
    )
    RubricMark.objects.create(
        submission=Submission.objects.get(ticket=uma), step="reason", level=1, given_by=ivo, given_at=LATER
    )
    assert [prolong(ana), prolong(uma)] == [(0, 1), (0, 1)]
    assert Submission.objects.count() == 2


def test_what_the_trainee_submitted_is_no_business_of_the_clock() -> None:
    ticket = make_handed_in(reason=" ")
    in_time = NOON - timedelta(minutes=1)
    submit_worksheet(ticket, key=ticket.pk, version=1, answers=make.RIGHT_ANSWERS, received_at=in_time)
    assert prolong(ticket) == (0, 0)
    assert Submission.objects.count() == 1


def test_to_close_earlier_or_to_change_what_is_open_gives_nothing_back() -> None:
    assignment = Assignment.objects.get(items__tickets=make_handed_in())
    before = copy(assignment)
    assert reopen_work(assignment, before, None, LATER) == (0, 0)
    still_open = copy(assignment)
    still_open.closes_at = EVENING
    assert reopen_work(still_open, still_open, None, LATER) == (0, 0)
    assert Submission.objects.exists()


def make_left() -> Ticket:
    """Closed at noon and not handed in yet; prolonging is still to come."""
    ana = make.make_user("ana")
    assignment = make.make_assignment(make.make_cohort(trainees=[ana]), closes_at=NOON, reveal="manual")
    ticket = make.make_ticket(ana, assignment=assignment)
    save_worksheet(ticket, version=0, answers=make.RIGHT_ANSWERS, now=NOON - timedelta(minutes=5))
    return ticket


@pytest.mark.django_db(transaction=True)
def test_what_the_clock_is_just_handing_in_is_given_back_too() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time")
    ticket = make_left()

    def prolong_meanwhile() -> tuple[int, int]:
        try:
            with transaction.atomic():
                return prolong(ticket)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert hand_in_drafts_at(NOON + timedelta(minutes=1)) == 1
            prolonged = pool.submit(prolong_meanwhile)
            wait_until(somebody_waits, "who prolongs waits for the clock")
        assert prolonged.result() == (1, 0)
    assert not Submission.objects.exists()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
