"""The worksheets behind a figure: who wrote what, held against what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext

from tickets.grading import SPACES
from tickets.models import Assignment, Cohort, CriterionResult, Ticket
from tickets.reports.cohort_answers import idea_was_helped, was_helped
from tickets.reports.cohorts import first_attempts
from tickets.reports.foreign import count_foreign
from tickets.reports.skill_grades import evidence_by_skill, grades_of, helped_by_skill, marks_of
from tickets.skills import BY_CODE

# What `help` may ask for: answers without help, and those with.
WITHOUT_HELP, WITH_HELP = "none", "had"


@dataclass(frozen=True, slots=True)
class Filter:
    """What a figure counted. An empty field does not narrow; `missed` leaves out what was fully right."""

    criterion: str = ""
    misconception: str = ""
    truth: str = ""
    chosen: str = ""
    skill: str = ""
    help: str = ""
    missed: bool = False
    foreign: bool = False

    def sentence(self) -> str:
        """The filter in words, for the page's heading line."""
        parts = [
            gettext("skill: %(name)s") % {"name": BY_CODE[self.skill].name} if self.skill in BY_CODE else "",
            gettext("field: %(name)s") % {"name": self.criterion.replace("_", " ")} if self.criterion else "",
            gettext("not fully right") if self.missed else "",
            gettext("right for another's evidence") if self.foreign else "",
            gettext("wrong idea %(misconception)s") % {"misconception": self.misconception}
            if self.misconception
            else "",
            gettext("truth: %(word)s") % {"word": self.truth.replace("_", " ")} if self.truth else "",
            gettext("chosen: %(word)s") % {"word": self.chosen.replace("_", " ")} if self.chosen else "",
            {WITHOUT_HELP: gettext("without help"), WITH_HELP: gettext("with help")}.get(self.help, ""),
        ]
        return ", ".join(part for part in parts if part) or gettext("all graded answers")


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
    if wanted.skill:
        results = _of_skill(results, wanted, first_attempts(cohort, assignment))
    if wanted.help:
        results = _by_help(results, wanted)
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


def _of_skill(
    results: QuerySet[CriterionResult], wanted: Filter, tickets: QuerySet[Ticket]
) -> QuerySet[CriterionResult]:
    """The lines by which a skill is judged, of the tickets that tell of it, or would without the help."""
    if wanted.skill not in BY_CODE:
        return results.none()
    grades = grades_of(tickets)
    counted = helped_by_skill if wanted.help == WITH_HELP else evidence_by_skill
    telling = {each.ticket for each in counted(grades, marks_of(grades))[wanted.skill]}
    shown = [grade.pk for grade in grades if grade.submission.ticket_id in telling]
    return results.filter(grade__in=shown, criterion__in=BY_CODE[wanted.skill].criteria)


def _by_help(results: QuerySet[CriterionResult], wanted: Filter) -> QuerySet[CriterionResult]:
    """In Python, for not every database can look into a list of JSON."""
    lines = results.order_by().values_list("pk", "criterion", "grade__lesson__assisted")
    kept = []
    for key, line, assisted in lines:
        idea = wanted.misconception
        helped = idea_was_helped(idea, assisted) if idea else was_helped(line, assisted)
        if helped is (wanted.help == WITH_HELP):
            kept.append(key)
    return results.filter(pk__in=kept)


def one_per_ticket(results: QuerySet[CriterionResult]) -> list[CriterionResult]:
    """One result of each ticket, for an idea that shows in several fields is one worksheet: the first that is not right."""
    seen: dict[UUID, CriterionResult] = {}
    right = CriterionResult.Result.CORRECT
    for result in results:
        kept = seen.setdefault(result.grade.submission.ticket_id, result)
        if kept.result == right and result.result != right:
            seen[result.grade.submission.ticket_id] = result
    return list(seen.values())
