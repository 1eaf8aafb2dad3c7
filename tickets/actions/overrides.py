"""An instructor's word on one mark: set it, set it anew, take it back. Each is a row and a run of its own."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext

from tickets.models import (
    SHORTEST_REASON,
    AuditRecord,
    CriterionResult,
    Grade,
    Notice,
    Override,
    Submission,
    Ticket,
    User,
)
from tickets.tasks.runs import make_current, run_again, standing_overrides, under_overrides


class OverrideError(Exception):
    """Why a mark was not changed, in one sentence for the instructor."""


def override_mark(
    submission: Submission, criterion: str, points: Decimal | None, reason: str, by: User
) -> Override:
    """Let `points` stand for a criterion instead of the machine's; None gives the machine its word back.

    Raises OverrideError; then nothing was stored.
    """
    with transaction.atomic():
        override = set_override(submission, criterion, points, reason, by)
        line = submission.grades.get(is_current=True).criteria.filter(criterion=criterion).first()
        Notice.objects.create(
            ticket=submission.ticket,
            kind=Notice.Kind.OVERRIDDEN,
            text=f"{_told(override, line)} {override.reason}",
        )
    return override


def set_override(
    submission: Submission, criterion: str, points: Decimal | None, reason: str, by: User
) -> Override:
    """The same without telling the trainee: for an answer that does so itself. Call it in a transaction."""
    _require_taught(submission, by)
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise OverrideError(
            gettext("Give a reason of %(shortest)s characters or more: the trainee reads it.")
            % {"shortest": SHORTEST_REASON}
        )
    current = _locked_grade(submission)
    line = _line_of(current, criterion)
    _require_possible(line, points)
    earlier = submission.overrides.filter(criterion=criterion).order_by("-number").first()
    override = Override.objects.create(
        submission=submission,
        criterion=criterion,
        number=earlier.number + 1 if earlier else 1,
        points=points,
        reason=reason,
        by=by,
        beneath_result=line.machine_result if line.override else line.result,
        beneath_points=line.points if line.machine_points is None else line.machine_points,
        beneath_max_points=line.max_points,
        beneath_expected=line.expected,
    )
    run = run_again(current, kind=Grade.Kind.OVERRIDE, because_of=override)
    run = under_overrides(run, standing_overrides(submission), current)
    make_current(run)
    AuditRecord.objects.record(
        "mark.restored" if points is None else "mark.overridden",
        override,
        actor=by,
        submission=str(submission.pk),
        criterion=criterion,
        before=current.sha256,
        after=run.grade.sha256,
    )
    return override


def _require_taught(submission: Submission, by: User) -> None:
    if not Ticket.objects.taught_by(by).filter(submission=submission).exists():
        raise OverrideError(gettext("You do not teach this class."))


def _locked_grade(submission: Submission) -> Grade:
    """The grade that counts, and the submission's row held: two who decide at once stand in line."""
    Submission.objects.select_for_update().get(pk=submission.pk)
    current = submission.grades.filter(is_current=True).first()
    if current is None:
        raise OverrideError(gettext("There is no grade yet."))
    return current


def _line_of(grade: Grade, criterion: str) -> CriterionResult:
    line = grade.criteria.select_related("override").filter(criterion=criterion).first()
    if line is None:
        raise OverrideError(gettext("This grade has no such criterion."))
    return line


def _require_possible(line: CriterionResult, points: Decimal | None) -> None:
    if points is None:
        if line.override is None:
            raise OverrideError(gettext("%(label)s has the machine's mark already.") % {"label": line.label})
    elif not 0 <= points <= line.max_points:
        raise OverrideError(
            gettext("%(label)s has 0 to %(max_points)s points.")
            % {"label": line.label, "max_points": number(line.max_points)}
        )


def _told(override: Override, line: CriterionResult | None) -> str:
    if line is None:
        return "A mark was taken back."
    points = f"{number(line.points)} of {number(line.max_points)}"
    if override.points is None:
        return f"{line.label} has the machine's mark again, {points}."
    return f"{line.label}: {points}, set by {override.by}."


def number(points: Decimal) -> str:
    return f"{points:.2f}".rstrip("0").rstrip(".")
