"""An instructor's word on a mark: over the machine's, through regradings, and taken back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from tests import factories as make
from tests.regrading import apply, dry_run, line_of, make_class, shown_grade
from tickets.actions.overrides import OverrideError, override_mark
from tickets.actions.regradings import RegradingError
from tickets.models import AuditRecord, CriterionResult, GradeJob, Notice, Override, Ticket
from tickets.reports.cohorts import report_on
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain
from tickets.tasks.runs import make_current, run_again, standing_overrides, under_overrides

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

WHY = "The worksheet says the same in other words."


def make_graded(**answers: object) -> Ticket:
    """A ticket of ana's, who took the alert at face value."""
    ticket = make.make_ticket()
    make.make_submission(ticket, **(answers or make.FACE_VALUE_ANSWERS))
    drain(GradeJob, record_grade)
    return ticket


def override(ticket: Ticket, points: str | None, criterion: str = "reversed", why: str = WHY) -> Override:
    given = None if points is None else Decimal(points)
    return override_mark(ticket.submission, criterion, given, why, make.make_instructor("ivo"))


def line(ticket: Ticket, criterion: str = "reversed") -> CriterionResult:
    return shown_grade(ticket).criteria.get(criterion=criterion)


def test_an_override_counts_and_what_the_machine_gave_stays_beside_it() -> None:
    ticket = make_graded()
    before = shown_grade(ticket)
    override(ticket, "8")
    after = shown_grade(ticket)
    assert after.points == before.points + 8 - before.criteria.get(criterion="reversed").points
    assert (line(ticket).result, line(ticket).machine_result) == ("correct", "wrong")
    assert line(ticket).machine_points == 0
    assert after.kind == "override"
    assert ticket.submission.grades.counted().count() == 2
    before.refresh_from_db()
    assert before.criteria.get(criterion="reversed").points == 0


def test_part_of_the_points_is_partly_right() -> None:
    ticket = make_graded()
    override(ticket, "0.5")
    assert (line(ticket).result, line(ticket).points) == ("partial", Decimal("0.5"))


def test_an_idea_that_no_line_shows_any_more_is_not_held_against_the_trainee() -> None:
    ticket = make_graded()
    shown = {row["code"] for row in shown_grade(ticket).lesson["misconceptions"]}
    guilty = line(ticket).misconception
    assert guilty in shown
    for criterion in shown_grade(ticket).criteria.filter(misconception=guilty):
        override(ticket, str(criterion.max_points), criterion.criterion)
    assert guilty not in {row["code"] for row in shown_grade(ticket).lesson["misconceptions"]}
    override(ticket, None)
    assert guilty in {row["code"] for row in shown_grade(ticket).lesson["misconceptions"]}


def test_taking_it_back_gives_the_machine_its_word_to_the_byte() -> None:
    ticket = make_graded()
    columns = "criterion result points max_points misconception expected explanation".split()
    before = list(shown_grade(ticket).criteria.order_by("position").values_list(*columns))
    override(ticket, "8")
    override(ticket, None)
    assert list(shown_grade(ticket).criteria.order_by("position").values_list(*columns)) == before
    assert line(ticket).override is None
    assert [row.number for row in ticket.submission.overrides.all()] == [1, 2]


def test_two_criteria_are_overridden_independently() -> None:
    ticket = make_graded()
    override(ticket, "8")
    override(ticket, "1", "intent")
    override(ticket, None)
    assert line(ticket).override is None
    assert line(ticket, "intent").points == 1


def test_an_override_needs_a_reason() -> None:
    ticket = make_graded()
    with pytest.raises(OverrideError, match="reason"):
        override(ticket, "8", why="  ok ")
    assert not Override.objects.exists()


@pytest.mark.parametrize("points", ["-0.5", "8.01"])
def test_points_lie_between_nothing_and_all_of_the_criterion(points: str) -> None:
    ticket = make_graded()
    with pytest.raises(OverrideError, match="0 to 8 points"):
        override(ticket, points)


def test_an_instructor_of_another_class_overrides_nothing() -> None:
    ticket = make_graded()
    with pytest.raises(OverrideError, match="do not teach"):
        override_mark(ticket.submission, "reversed", Decimal(8), WHY, make.make_instructor("ines"))


def test_a_mark_that_is_the_machines_cannot_be_taken_back() -> None:
    with pytest.raises(OverrideError, match="machine's mark already"):
        override(make_graded(), None)


def test_the_trainee_is_told_what_and_why() -> None:
    ticket = make_graded()
    given = override(ticket, "8")
    told = Notice.objects.get(ticket=ticket)
    assert told.kind == "overridden"
    assert f"8 of 8, set by {given.by}. {WHY}" in told.text


def test_the_audit_names_who_and_which_runs_and_the_rows_never_change() -> None:
    ticket = make_graded()
    given = override(ticket, "8")
    record = AuditRecord.objects.get(action="mark.overridden")
    assert record.actor == given.by
    assert record.data["after"] == shown_grade(ticket).sha256
    with pytest.raises(DatabaseError), transaction.atomic():
        Override.objects.update(reason="something else")
    with pytest.raises(DatabaseError), transaction.atomic():
        CriterionResult.objects.update(points=0)


def test_the_cohort_report_counts_what_the_instructor_decided() -> None:
    ticket = make_graded()
    override(ticket, "8")
    report = report_on(ticket.item.assignment.cohort)
    cell = next(row for row in report.work if row.trainee == ticket.trainee).cells[0]
    assert cell.points == shown_grade(ticket).points
    field = next(figure for figure in report.fields if figure.key == "reversed")
    assert (field.share.k, field.share.n) == (1, 1)


# -- Through a regrading --------------------------------------------------------------------------


def test_an_override_survives_a_regrading_that_does_not_touch_its_line() -> None:
    _, umas = make_class()
    override(umas, "1", "reversed")
    apply(dry_run())
    assert line(umas).points == 1
    assert not line(umas).is_stale


def test_an_override_turns_stale_when_the_result_beneath_it_changed_and_still_counts() -> None:
    _, umas = make_class()
    override(umas, "1.5", "disposition")
    regrading = dry_run()
    after = line_of(regrading, umas).after
    assert after is not None
    assert after.criteria.get(criterion="disposition").points == Decimal("1.5")
    apply(regrading)
    kept = line(umas, "disposition")
    assert (kept.points, kept.expected) == (Decimal("1.5"), "false_positive")
    assert kept.is_stale
    assert kept.override is not None
    assert kept.override.beneath_expected == "benign"


def test_saying_it_anew_makes_a_stale_override_fresh() -> None:
    _, umas = make_class()
    override(umas, "1.5", "disposition")
    apply(dry_run())
    override(umas, "1.5", "disposition", "Looked at again, and it is still worth half.")
    assert not line(umas, "disposition").is_stale


def test_an_override_that_comes_after_the_dry_run_is_not_lost() -> None:
    _, umas = make_class()
    regrading = dry_run()
    override(umas, "1", "reversed")
    with pytest.raises(RegradingError, match="changed since it was computed"):
        apply(regrading)
    assert line(umas).points == 1


def test_an_override_of_a_criterion_that_is_no_longer_marked_stands_until_somebody_decides() -> None:
    _, umas = make_class()
    override(umas, "1.5", "disposition")
    current = shown_grade(umas)
    CriterionResult.objects.filter(grade=current, criterion="disposition").delete()
    bare = run_again(current, kind="override")
    assert "disposition" not in {each.criterion for each in bare.lines}
    old = umas.submission.grades.get(kind="submission")
    run = under_overrides(bare, standing_overrides(umas.submission), old)
    make_current(run)
    kept = line(umas, "disposition")
    assert (kept.points, kept.machine_result, kept.is_stale) == (Decimal("1.5"), "", True)
    override(umas, None, "disposition")
    assert not shown_grade(umas).criteria.filter(criterion="disposition").exists()
