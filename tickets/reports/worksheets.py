"""The worksheets behind a figure: who wrote what, held against what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from tickets.grading import SPACES
from tickets.models import Assignment, Cohort, CriterionResult
from tickets.reports.cohorts import first_attempts
from tickets.reports.foreign import count_foreign


@dataclass(frozen=True, slots=True)
class Filter:
    """What a figure counted. An empty field does not narrow; `missed` leaves out what was fully right."""

    criterion: str = ""
    misconception: str = ""
    truth: str = ""
    chosen: str = ""
    missed: bool = False
    foreign: bool = False

    def sentence(self) -> str:
        """The filter in words, for the page's heading line."""
        parts = [
            f"field: {self.criterion.replace('_', ' ')}" if self.criterion else "",
            "not fully right" if self.missed else "",
            "right for another's evidence" if self.foreign else "",
            f"wrong idea {self.misconception}" if self.misconception else "",
            f"truth: {self.truth.replace('_', ' ')}" if self.truth else "",
            f"chosen: {self.chosen.replace('_', ' ')}" if self.chosen else "",
        ]
        return ", ".join(part for part in parts if part) or "all graded answers"


def worksheets_behind(
    cohort: Cohort, assignment: Assignment | None, wanted: Filter
) -> QuerySet[CriterionResult]:
    """The criterion results that a figure counted, with their trainee and ticket, newest first."""
    results = CriterionResult.objects.filter(
        grade__is_current=True,
        grade__submission__ticket__in=first_attempts(cohort, assignment).order_by().values("pk"),
    )
    narrow = {
        "criterion": wanted.criterion,
        "misconception": wanted.misconception,
        "expected": wanted.truth,
        "given": wanted.chosen,
    }
    results = results.filter(**{column: value for column, value in narrow.items() if value})
    if wanted.missed:
        results = results.exclude(result=CriterionResult.Result.CORRECT)
    if wanted.foreign:
        found = count_foreign(first_attempts(cohort, assignment))
        ends = [criterion.value for criterion in SPACES]
        results = results.filter(grade__submission__ticket__in=found.ticket_ids, criterion__in=ends).exclude(
            result=CriterionResult.Result.CORRECT
        )
    return (
        results.select_related(
            "grade__submission__ticket__trainee", "grade__submission__ticket__variant__version"
        )
        .prefetch_related("grade__submission__ticket__hints_taken", "grade__submission__ticket__step_checks")
        .order_by("-grade__graded_at", "grade_id", "position")
    )


def one_per_ticket(results: QuerySet[CriterionResult]) -> list[CriterionResult]:
    """The first result of each ticket: an idea that shows in several fields is one worksheet."""
    seen: dict[UUID, CriterionResult] = {}
    for result in results:
        seen.setdefault(result.grade.submission.ticket_id, result)
    return list(seen.values())
