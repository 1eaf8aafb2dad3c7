"""A regrading of work with help: what was told and what it cost stay as they were, and the marks are those of today."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests import factories as make
from tests.regrading import (
    OLD_ENGINE,
    apply,
    dry_run,
    grade_with_old_engine,
    judge_as_the_old_engine_did,
    line_of,
    shown_grade,
)
from tickets.actions.step_checks import check_step
from tickets.engine import ENGINE_VERSION
from tickets.models import HintTaken, StepCheck, Ticket

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]

CHECKED = ("reason", "supporting_evidence", "analysis", "conclusion")


@pytest.fixture
def ticket() -> Ticket:
    """Ana's first ticket, coached: she checked four steps while the old engine ran, and agreed with the truth of today."""
    ticket = make.make_ticket(
        assignment=make.make_assignment(reveal="coached"), variant=make.make_variant(make.make_version())
    )
    make.make_worksheet(ticket)
    judge_as_the_old_engine_did(ticket.variant)
    for step in CHECKED:
        check_step(Ticket.objects.get(pk=ticket.pk), step, make.NOON)
    grade_with_old_engine(make.make_submission(ticket))
    return ticket


def told(ticket: Ticket) -> list[tuple[object, ...]]:
    checks = StepCheck.objects.filter(ticket=ticket).order_by("checked_at", "step")
    return list(checks.values_list("step", "answers", "feedback", "lines", "engine_version", "checked_at"))


def test_checked_steps_are_no_evidence_of_a_skill_after_a_regrading_either(ticket: Ticket) -> None:
    before = shown_grade(ticket)
    line = line_of(dry_run(), ticket)
    assert line.change == "rises"
    assert line.after is not None
    assert line.after.lesson["assisted"] == before.lesson["assisted"]
    assert {"reversed", "outcome", "disposition"} <= set(line.after.lesson["assisted"])
    assert line.after.lesson["helped"] == []


def test_what_a_check_told_stays_as_it_was_told_though_the_truth_is_another_now(ticket: Ticket) -> None:
    before = told(ticket)
    assert "BN2" in str(before)
    apply(dry_run())
    assert told(ticket) == before
    after = shown_grade(ticket)
    assert (before_engine(ticket), after.engine_version) == (OLD_ENGINE, ENGINE_VERSION)
    assert after.points == after.max_points
    assert after.criteria.get(criterion="reason_code").expected == "FP1"


def before_engine(ticket: Ticket) -> str:
    (old,) = ticket.submission.grades.filter(is_current=False)
    return old.engine_version


def test_checks_and_a_hint_together_charge_what_was_named_and_give_the_same_bytes_three_times(
    ticket: Ticket,
) -> None:
    HintTaken.objects.create(
        ticket=ticket,
        level=3,
        text="The first record decides.",
        percent=50,
        lines=["outcome"],
        taken_by=ticket.trainee,
        taken_at=make.NOON,
    )
    runs = [line_of(dry_run(), ticket).after for _ in range(3)]
    assert len({run.sha256 for run in runs if run is not None}) == 1
    outcome = runs[0].criteria.get(criterion="outcome") if runs[0] is not None else None
    assert outcome is not None
    assert (outcome.result, outcome.points) == ("correct", outcome.max_points * Decimal("0.5"))
