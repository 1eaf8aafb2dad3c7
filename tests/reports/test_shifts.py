"""The figures of a shift, held against an example that was reckoned by hand."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests import factories as make
from tests.factories import NOON
from tickets.actions.shifts import plan_shift, start_shift
from tickets.models import Shift, Ticket
from tickets.reports.shifts import Judged, Line, Times, measure, read_class_report, read_report, read_work
from tickets.tasks.shifts import run_shifts_at

_numbers = count(1)
TP, BN, FP, UN = "true_positive", "benign", "false_positive", "undetermined"


def line(
    came: float, looked: float | None = None, closed: float | None = None, given: str = "", truth: str = ""
) -> Line:
    """A ticket of a shift of 900 s. With a truth, it is graded: right where it was closed as that."""
    judged = Judged(given, truth, "correct" if given == truth else "wrong") if truth else None
    ticket: Ticket = SimpleNamespace(pk=1)  # type: ignore[assignment]
    return Line(next(_numbers), ticket, came, looked, closed, 900, given, judged)


# Seven tickets: 1 and 2 right, 3 an incident missed, 4 harmless and escalated, 5 closed late, 6 opened and left, 7 new.
BY_HAND = (
    line(0, 10, 100, FP, FP),
    line(60, 90, 260, TP, TP),
    line(120, 300, 400, BN, TP),
    line(200, 420, 700, TP, BN),
    line(300, 710, 1_000, BN, BN),
    line(500, 800),
    line(700),
)


def test_the_figures_of_the_example() -> None:
    figures = measure([BY_HAND], planned=9)
    assert (figures.planned, figures.arrived, figures.not_come) == (9, 7, 2)
    assert (figures.looked, figures.closed, figures.late, figures.not_closed) == (6, 4, 1, 2)
    # First looks after 10, 30, 180, 220, 410 and 300 s; closed after 100, 200, 280 and 500 s.
    assert figures.first_look == Times(6, 200.0, 10, 410)
    assert figures.close == Times(4, 240.0, 100, 500)
    assert (figures.accuracy.k, figures.accuracy.n) == (2, 4)
    assert (figures.missed.k, figures.missed.n) == (1, 2)
    assert (figures.over_escalated.k, figures.over_escalated.n) == (1, 2)


def test_what_is_not_closed_or_closed_late_is_neither_right_nor_wrong() -> None:
    """Wilson's interval of 2 of 4, by hand: (2 + z²/2 ± z·√(1 + z²/4)) / (4 + z²) with z = 1.96."""
    figures = measure([BY_HAND], planned=7)
    assert figures.accuracy.low == pytest.approx(0.1500, abs=1e-4)
    assert figures.accuracy.high == pytest.approx(0.8500, abs=1e-4)


def test_a_ticket_first_looked_at_after_the_end_was_not_looked_at_in_the_shift() -> None:
    figures = measure([[line(10, 950, 990, FP, FP)]], planned=1)
    assert (figures.looked, figures.closed, figures.late, figures.first_look.n) == (0, 0, 1, 0)


def test_undetermined_is_neither_a_miss_nor_an_escalation() -> None:
    figures = measure([[line(0, 1, 2, UN, TP), line(0, 1, 2, UN, FP), line(0, 1, 2, TP, UN)]], planned=3)
    assert (figures.missed.k, figures.missed.n) == (0, 1)
    assert (figures.over_escalated.k, figures.over_escalated.n) == (0, 1)
    assert (figures.accuracy.k, figures.accuracy.n) == (0, 3)


def test_the_expected_disposition_is_right_though_it_lost_marks_and_so_is_one_that_lost_none() -> None:
    assert Judged(TP, TP, "partial").is_right
    assert Judged(BN, FP, "correct").is_right
    assert not Judged(BN, FP, "partial").is_right


def test_what_is_not_graded_yet_is_counted_apart() -> None:
    figures = measure([[line(0, 1, 2, TP), line(0, 1, 3, FP, FP)]], planned=2)
    assert (figures.closed, figures.ungraded, figures.accuracy.n) == (2, 1, 1)


def test_nothing_came_and_nothing_was_done() -> None:
    figures = measure([[]], planned=6)
    assert (figures.arrived, figures.not_come, figures.first_look.median_s) == (0, 6, None)
    assert figures.accuracy.share is None


def test_a_class_is_not_so_many_independent_answers() -> None:
    """Two trainees of ten answers, one all right, one all wrong: half, and an interval that knows it saw two people."""
    right = [line(0, 1, 2, FP, FP)] * 10
    wrong = [line(0, 1, 2, TP, FP)] * 10
    together = measure([right, wrong], planned=20).accuracy
    alone = measure([right + wrong], planned=20).accuracy
    assert (together.k, together.n) == (alone.k, alone.n) == (10, 20)
    assert together.low is not None
    assert alone.low is not None
    assert together.low < alone.low


def test_the_plot_draws_what_lies_behind_the_end_at_the_end() -> None:
    late = line(300, 720, 1_000)
    assert late.arrived_at == pytest.approx(1 / 3)
    assert (late.looked_at, late.closed_at) == (0.8, 1)
    untouched = line(450)
    assert (untouched.arrived_at, untouched.looked_at, untouched.closed_at) == (0.5, 1, 1)


# -- From the rows -------------------------------------------------------------------------------


@pytest.fixture
def shift(db: None) -> Shift:
    """Ana's 30 minutes, in which three tickets came at 0, 60 and 120 s."""
    ana, ivo = make.make_user("ana"), make.make_instructor()
    cohort = make.make_cohort(trainees=[ana], instructors=[ivo])
    version = make.make_version()
    for _ in range(3):
        make.make_variant(version)
    shift = plan_shift(cohort, ivo, [version], minutes=30, tickets_each=3, now=NOON)
    start_shift(shift, ivo, NOON)
    run_shifts_at(NOON + timedelta(minutes=29))
    shift.refresh_from_db()
    for arrival in shift.arrivals.all():
        Ticket.objects.filter(arrival=arrival).update(created_at=NOON + timedelta(minutes=arrival.number - 1))
    return shift


def ticket(shift: Shift, number: int) -> Ticket:
    found = shift.arrivals.get(number=number).ticket
    assert found is not None
    return found


def test_the_times_of_a_ticket_are_seconds_on_the_clock_after_the_start(shift: Shift) -> None:
    first = ticket(shift, 2)
    Ticket.objects.filter(pk=first.pk).update(opened_at=NOON + timedelta(seconds=75))
    submission = make.make_submission(first, with_job=False, received_at=NOON + timedelta(seconds=300))
    make.make_grade(submission)
    report = read_report(shift, first.trainee, with_results=True)
    found = report.lines[1]
    assert (found.arrived_s, found.looked_s, found.closed_s) == (60, 75, 300)
    assert (found.look_took_s, found.close_took_s) == (15, 240)
    assert found.judged == Judged("false_positive", "false_positive", "correct")
    assert (report.figures.accuracy.k, report.figures.accuracy.n) == (1, 1)


def test_without_leave_to_show_results_no_line_holds_the_truth(shift: Shift) -> None:
    make.make_grade(make.make_submission(ticket(shift, 1), with_job=False))
    report = read_report(shift, make.make_user("ana"), with_results=False)
    assert [each.judged for each in report.lines] == [None, None, None]
    assert all(each.judged is None for each in read_work(shift, make.make_user("ana")).lines)


def test_the_stamp_changes_with_what_comes_is_opened_or_closed_and_with_nothing_else(shift: Shift) -> None:
    ana = make.make_user("ana")
    before = read_work(shift, ana)
    assert read_work(shift, ana).stamp == before.stamp
    Ticket.objects.filter(pk=ticket(shift, 1).pk).update(opened_at=timezone.now())
    opened = read_work(shift, ana)
    make.make_submission(ticket(shift, 1), with_job=False)
    closed = read_work(shift, ana)
    assert len({before.stamp, opened.stamp, closed.stamp}) == 3
    assert [each.number for each in closed.newer_than("1-1-0")] == [2, 3]
    assert closed.newer_than("nonsense") == ()


def test_the_class_report_has_a_row_for_everybody_with_a_plan(shift: Shift) -> None:
    report = read_class_report(shift)
    assert [str(row.trainee) for row in report.rows] == ["ana"]
    assert (report.together.planned, report.together.arrived) == (3, 3)
