"""Checking a step: once, in order, on the first ticket of a lesson, and only while it can be worked."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests import factories as make
from tickets.actions.step_checks import StepCheckError, check_step
from tickets.engine import EngineError
from tickets.models import (
    Assignment,
    AuditRecord,
    EvidenceFile,
    GradeJob,
    StepCheck,
    Ticket,
    User,
    Variant,
    Worksheet,
    is_coached,
)
from tickets.models.truth import VariantVerdict
from tickets.reports.progress import read_progress
from tickets.tasks import verdicts
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain
from tickets.tasks.verdicts import current_verdict

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


@pytest.fixture
def ticket() -> Ticket:
    return make_coached()


def make_coached(
    lesson: str = "direction", *, trainee: User | None = None, reveal: str = "coached"
) -> Ticket:
    """A ticket of ana's in a coached assignment, its worksheet written and right."""
    version = make.make_version(make.make_scenario(f"of-{lesson}", lesson=lesson))
    ticket = make.make_ticket(
        trainee, assignment=make.make_assignment(reveal=reveal), variant=make.make_variant(version)
    )
    make.make_worksheet(ticket)
    return ticket


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def check(ticket: Ticket, *steps: str, **answers: Any) -> StepCheck:
    """Check these steps, and those before the first are taken as checked."""
    if answers:
        make.make_worksheet(ticket, **answers)
    return [check_step(fresh(ticket), step, make.NOON) for step in steps][-1]


def lines_of(checked: StepCheck) -> dict[str, dict[str, Any]]:
    return {line["criterion"]: line for line in checked.feedback["lines"]}


def test_a_check_keeps_who_when_what_was_written_and_what_was_told(ticket: Ticket) -> None:
    checked = check(ticket, "reason", "supporting_evidence", reversed="no")
    assert (checked.checked_by, checked.checked_at) == (ticket.trainee, make.NOON)
    assert checked.answers["reversed"] == "no"
    told = lines_of(checked)
    assert (told["reversed"]["result"], told["reversed"]["expected"]) == ("wrong", "yes")
    assert told["reversed"]["records"] == ["capture.pcap:1"]
    assert told["originator_ip"]["result"] == "correct"
    assert set(told) == {
        "reversed",
        "originator_ip",
        "originator_port",
        "responder_ip",
        "responder_port",
        "protocol",
    }
    assert set(checked.lines) == set(told) | {"evidence"}
    assert AuditRecord.objects.filter(action="step.checked", actor=ticket.trainee).count() == 2


def test_a_step_that_is_checked_again_is_the_same_row_whatever_was_changed(ticket: Ticket) -> None:
    first = check(ticket, "reason")
    assert check(ticket, "reason", reason="Other words.") == first
    assert StepCheck.objects.count() == 1


def test_the_database_takes_no_second_one_and_changes_none(ticket: Ticket) -> None:
    first = check(ticket, "reason")
    with pytest.raises(IntegrityError), transaction.atomic():
        StepCheck.objects.filter(pk=first.pk).update(lines=[])
    first.pk, first._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_steps_are_checked_in_their_order(ticket: Ticket) -> None:
    with pytest.raises(StepCheckError, match="check step 1 first"):
        check(ticket, "supporting_evidence")
    with pytest.raises(StepCheckError, match="no such step"):
        check(ticket, "everything")
    assert not StepCheck.objects.exists()


def test_a_step_is_finished_first(ticket: Ticket) -> None:
    with pytest.raises(StepCheckError, match="Still empty: the text"):
        check(ticket, "reason", reason="  ")
    check(ticket, "reason", reason="The rule looks for ACK.")
    with pytest.raises(StepCheckError, match=r"Is the alert reversed\?, Protocol\.$"):
        check(ticket, "supporting_evidence", reversed="", protocol="")
    with pytest.raises(StepCheckError, match=r"Originator.s address: "):
        check(ticket, "supporting_evidence", originator_ip="10.20.30.400")
    check(ticket, "supporting_evidence", originator_port="", disposition="nonsense")
    assert StepCheck.objects.count() == 2


def test_only_a_coached_assignment_checks_steps() -> None:
    for reveal in ("on_grade", "on_close", "manual"):
        ticket = make_coached(reveal=reveal)
        with pytest.raises(StepCheckError, match="first ticket of a lesson in a coached assignment"):
            check(ticket, "reason")


def test_the_first_ticket_of_a_lesson_is_the_one_that_was_begun(ticket: Ticket) -> None:
    second, other_lesson = make_coached(), make_coached("outcome")
    assert is_coached(ticket)
    assert is_coached(second)
    check(ticket, "reason")
    assert is_coached(fresh(ticket))
    assert not is_coached(fresh(second))
    assert is_coached(fresh(other_lesson))


def test_a_ticket_of_the_lesson_that_was_submitted_in_practice_was_the_first(ticket: Ticket) -> None:
    practice = make_coached(reveal="on_grade")
    make.make_submission(practice)
    assert not is_coached(fresh(ticket))
    Ticket.objects.filter(pk=practice.pk).update(voided_at=make.NOON)
    assert is_coached(fresh(ticket))


def test_somebody_elses_first_ticket_is_not_mine(ticket: Ticket) -> None:
    make.make_submission(make_coached(trainee=make.make_user("uma")))
    assert is_coached(fresh(ticket))


def test_after_the_submission_no_step_is_checked_but_those_checked_stay(ticket: Ticket) -> None:
    first = check(ticket, "reason")
    make.make_submission(ticket)
    with pytest.raises(StepCheckError, match="has been submitted"):
        check(ticket, "supporting_evidence")
    assert check(ticket, "reason") == first


def test_a_closed_assignment_checks_nothing(ticket: Ticket) -> None:
    Assignment.objects.update(closes_at=make.NOON)
    with pytest.raises(StepCheckError, match="closed"):
        check(ticket, "reason")


def test_large_evidence_is_not_read_while_somebody_waits(
    ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "LARGEST_READ_AT_ONCE", 10)
    with pytest.raises(StepCheckError, match="cannot be checked now"):
        check(ticket, "reason")
    assert not VariantVerdict.objects.exists()
    current_verdict(ticket.variant)
    assert check(ticket, "reason").step == "reason"


def test_evidence_that_cannot_be_read_is_said_and_raises_no_fault(ticket: Ticket) -> None:
    EvidenceFile.objects.filter(name="capture.pcap").update(data=b"no capture")
    with pytest.raises(EngineError):
        current_verdict(Variant.objects.get(pk=ticket.variant_id))
    with pytest.raises(StepCheckError, match="cannot be checked now"):
        check(ticket, "reason")


def test_a_checked_step_costs_no_marks_and_is_no_evidence_of_a_skill(ticket: Ticket) -> None:
    check(ticket, "reason", "supporting_evidence")
    make.make_submission(ticket, received_at=make.NOON)
    drain(GradeJob, record_grade)
    grade = ticket.submission.grades.get()
    assert grade.points == grade.max_points
    assert grade.lesson["helped"] == []
    assert "reversed" in grade.lesson["assisted"]
    met = {line.skill.code for line in read_progress(ticket.trainee, make.NOON).met}
    assert "S02" not in met
    assert "S07" in met


def test_a_check_changes_nothing_in_the_draft(ticket: Ticket) -> None:
    check(ticket, "reason")
    assert Worksheet.objects.get(ticket=ticket).version == 1
