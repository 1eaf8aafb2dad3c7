"""All that was decided about a grade after it was given: its runs, overrides, questions, and what was told.

For a trainee's result page, and for the page on which an instructor finds what waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext

from tickets.models import Appeal, CriterionResult, Grade, Notice, Override, Ticket, User


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of the history: when it came to count, and why."""

    grade: Grade
    at: datetime
    why: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Marking:
    """What stands beside the marks of one grade. `askable` are the lines that the trainee may question."""

    runs: list[RunRow]
    is_current: bool
    appeals: list[Appeal]
    askable: list[CriterionResult]
    lines: list[CriterionResult]
    notices: list[Notice]

    @property
    def shown(self) -> RunRow:
        return next(run for run in self.runs if run.is_shown)

    @property
    def overridden(self) -> list[CriterionResult]:
        return [line for line in self.lines if line.override is not None]


@dataclass(frozen=True, slots=True)
class Told:
    """Something to tell a trainee in the queue."""

    notice: Notice
    ticket: Ticket


def read_marking(ticket: Ticket, shown: Grade) -> Marking:
    runs = _runs(shown)
    lines = list(shown.criteria.select_related("override__by").order_by("position"))
    appeals = list(
        ticket.submission.appeals.select_related("about", "answer__by", "answer__override").order_by("at")
    )
    askable = [line for line in lines if not any(appeal.stands_against(line) for appeal in appeals)]
    return Marking(
        runs=runs,
        is_current=shown.is_current,
        appeals=appeals,
        askable=askable if shown.is_current else [],
        lines=lines,
        notices=list(ticket.notices.order_by("-created_at")),
    )


def counted_grade(ticket: Ticket, grade_id: UUID) -> Grade | None:
    """A run of the ticket that counts or once did, by its id."""
    return (
        Grade.objects.filter(pk=grade_id, submission__ticket=ticket)
        .counted()
        .prefetch_related("criteria")
        .first()
    )


def unread_notices(user: User, now: datetime) -> list[Told]:
    """What a trainee has been told and not seen yet. A reason may speak of the truth, so what concerns marks waits for
    their reveal; that a ticket does not count does not."""
    tickets = Ticket.objects.worked_by(user).open_at(now)
    notices = Notice.objects.filter(ticket__in=tickets.order_by().values("pk"), read_at=None).select_related(
        "ticket__item__assignment", "ticket__variant__version"
    )
    return [
        Told(notice, notice.ticket)
        for notice in notices.order_by("-created_at")
        if notice.kind in Notice.AT_ONCE or notice.ticket.item.assignment.reveals_at(now)
    ]


def waiting_appeals(user: User) -> list[Appeal]:
    """The questions that this instructor is to answer, the oldest first."""
    return list(
        Appeal.objects.taught_by(user)
        .waiting()
        .select_related(
            "about",
            "submission__ticket__trainee",
            "submission__ticket__variant__version",
            "submission__ticket__item__assignment__cohort",
        )
        .order_by("at")
    )


def stale_overrides(user: User) -> Sequence[CriterionResult]:
    """Marks set by an instructor under which the machine's has changed since. They count until somebody decides."""
    lines = _overridden_lines(user)
    is_fresh = Q(
        machine_result=F("override__beneath_result"),
        machine_points=F("override__beneath_points"),
        max_points=F("override__beneath_max_points"),
        expected=F("override__beneath_expected"),
    )
    return list(lines.exclude(is_fresh).order_by("override__at"))


def _overridden_lines(user: User) -> QuerySet[CriterionResult]:
    return CriterionResult.objects.filter(
        grade__is_current=True,
        override__isnull=False,
        grade__submission__ticket__in=Ticket.objects.taught_by(user).order_by().values("pk"),
    ).select_related(
        "override__by",
        "grade__submission__ticket__trainee",
        "grade__submission__ticket__variant__version",
    )


def _runs(shown: Grade) -> list[RunRow]:
    """The history, newest first."""
    runs = shown.submission.grades.counted().select_related("regrading", "because_of__by")
    rows = [RunRow(run, _since(run), _why(run), run.pk == shown.pk) for run in runs]
    return sorted(rows, key=lambda row: (row.grade.is_current, row.at), reverse=True)


def _since(run: Grade) -> datetime:
    applied = run.regrading.applied_at if run.regrading is not None else None
    return applied or run.graded_at


def _why(run: Grade) -> str:
    if run.regrading is not None:
        return gettext("Regraded, %(cause)s: %(reason)s") % {
            "cause": run.regrading.get_cause_display(),
            "reason": run.regrading.reason,
        }
    if run.because_of is None:
        return gettext("Graded when it was submitted.")
    return _override_told(run.because_of)


def _override_told(override: Override) -> str:
    name = override.criterion.replace("_", " ")
    said = (
        gettext("%(by)s took back the mark of %(name)s: %(reason)s")
        if override.points is None
        else gettext("%(by)s set the mark of %(name)s: %(reason)s")
    )
    return said % {"by": override.by, "name": name, "reason": override.reason}
