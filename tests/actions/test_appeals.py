"""A question about a mark, and its answer."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from tests import factories as make
from tests.actions.test_overrides import line, make_graded
from tickets.actions.appeals import AppealError, answer_appeal, ask_about
from tickets.models import Appeal, AppealAnswer, Assignment, AuditRecord, Notice, Override, Ticket

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

ASKS = "Packet 1 is a SYN of the workstation, and I wrote so in my analysis."
ANSWERS = "You did, but the field says no. Half of it is fair."


def ask(ticket: Ticket, criterion: str = "reversed", text: str = ASKS) -> Appeal:
    return ask_about(ticket.submission, criterion, text, ticket.trainee, make.NOON)


def answer(appeal: Appeal, points: str | None = None, text: str = ANSWERS) -> AppealAnswer:
    given = None if points is None else Decimal(points)
    return answer_appeal(appeal, text, given, make.make_instructor("ivo"))


def test_a_question_waits_until_it_is_answered() -> None:
    appeal = ask(make_graded())
    ivo = make.make_instructor("ivo")
    assert list(Appeal.objects.taught_by(ivo).waiting()) == [appeal]
    answer(appeal)
    assert not Appeal.objects.waiting().exists()


def test_a_mark_that_stays_is_explained() -> None:
    ticket = make_graded()
    before = line(ticket).points
    answered = answer(ask(ticket))
    assert (answered.outcome, answered.override) == ("kept", None)
    assert line(ticket).points == before
    told = Notice.objects.get(ticket=ticket)
    assert (told.kind, told.text) == ("answered", f"{line(ticket).label}: the mark stays. {ANSWERS}")


def test_a_question_that_is_right_changes_the_mark_and_is_told_once() -> None:
    ticket = make_graded()
    answered = answer(ask(ticket), "1")
    assert answered.outcome == "overridden"
    assert answered.override is not None
    assert line(ticket).override == answered.override
    assert line(ticket).points == 1
    assert Notice.objects.count() == 1
    assert "now 1 of 8" in Notice.objects.get().text


def test_a_question_is_asked_once_while_nothing_changes() -> None:
    ticket = make_graded()
    appeal = ask(ticket)
    with pytest.raises(AppealError, match="nothing of it has changed"):
        ask(ticket)
    answer(appeal)
    with pytest.raises(AppealError, match="nothing of it has changed"):
        ask(ticket)
    answer(ask(ticket, "intent"), "1")
    with pytest.raises(AppealError, match="nothing of it has changed"):
        ask(ticket)


def test_a_mark_that_was_changed_may_be_questioned_again() -> None:
    ticket = make_graded()
    answer(ask(ticket), "1")
    again = ask(ticket, text="Then why not all of it? The records leave no doubt.")
    assert again.about.points == 1


def test_only_ones_own_grade_is_questioned() -> None:
    ticket = make_graded()
    with pytest.raises(AppealError, match="not yours"):
        ask_about(ticket.submission, "reversed", ASKS, make.make_user("zoe"), make.NOON)


def test_a_grade_that_is_not_shown_yet_is_not_questioned() -> None:
    ticket = make_graded()
    Assignment.objects.update(reveal="manual")
    ticket.refresh_from_db()
    ticket = Ticket.objects.get(pk=ticket.pk)
    with pytest.raises(AppealError, match="not yours"):
        ask(ticket)


@pytest.mark.parametrize(
    ("criterion", "text"), [("reversed", "why?"), ("reversed", "x" * 4001), ("colour", ASKS)]
)
def test_a_question_names_a_mark_and_says_something(criterion: str, text: str) -> None:
    with pytest.raises(AppealError):
        ask(make_graded(), criterion, text)
    assert not Appeal.objects.exists()


def test_an_answer_says_why() -> None:
    appeal = ask(make_graded())
    with pytest.raises(AppealError, match="Say why"):
        answer(appeal, text="no")


def test_a_question_is_answered_once() -> None:
    appeal = ask(make_graded())
    answer(appeal)
    with pytest.raises(AppealError, match="answered already"):
        answer(appeal, "2")
    assert not Override.objects.exists()


def test_who_does_not_teach_the_class_answers_nothing() -> None:
    appeal = ask(make_graded())
    with pytest.raises(AppealError):
        answer_appeal(appeal, ANSWERS, None, make.make_instructor("ines"))
    assert not AppealAnswer.objects.exists()


def test_points_that_cannot_be_leave_the_question_open() -> None:
    appeal = ask(make_graded())
    with pytest.raises(AppealError, match="0 to 8 points"):
        answer(appeal, "9")
    assert Appeal.objects.waiting().get() == appeal
    assert not Notice.objects.exists()


def test_question_and_answer_are_in_the_audit_trail_and_never_change() -> None:
    answer(ask(make_graded()))
    actions = AuditRecord.objects.filter(action__startswith="appeal.").values_list("action", flat=True)
    assert set(actions) == {"appeal.asked", "appeal.answered"}
    for rows in (Appeal.objects, AppealAnswer.objects):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(text="something else entirely")
