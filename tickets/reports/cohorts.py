"""The cohort report: where they stop, which field they miss, what they mix up, which ideas mislead.

The unit is a first attempt that has been graded. A trainee who works several tickets answers several
times, and those answers are not independent: intervals over answers are Wilson's at the effective
sample size of clustered answers. Wrong ideas and mastered skills are counted by trainee. What somebody answered with help
is counted apart. Every figure carries its n and the query that lists the worksheets behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from tickets.models import Assignment, Cohort, Enrollment, Grade, Submission, Ticket, User
from tickets.reports.cohort_answers import (
    ConfusionRow,
    Figure,
    measure_dispositions,
    measure_fields,
    measure_ideas,
    read_answers,
)
from tickets.reports.cohort_skills import SkillFigure, read_skills
from tickets.reports.help_use import HelpRow, read_help_use
from tickets.reports.skill_grades import grades_of


@dataclass(frozen=True, slots=True)
class Step:
    """One bar of "Where do they stop?": tickets that came this far, of all that were given."""

    label: str
    count: int
    of: int
    waiting: tuple[str, ...]  # names of trainees who have a ticket that came just not so far
    query: str  # lists the tickets that came this far
    waiting_query: str  # lists those that stand one step before


@dataclass(frozen=True, slots=True)
class WorkCell:
    """A trainee's ticket in the matrix. `state` is none, new, open, submitted or graded."""

    state: str
    ticket_id: UUID | None = None
    points: Decimal | None = None
    max_points: Decimal | None = None

    @property
    def level(self) -> int:
        """0 to 4: a fifth of the marks each, for the shade."""
        if self.points is None or not self.max_points:
            return 0
        return min(4, int(5 * self.points / self.max_points))


@dataclass(frozen=True, slots=True)
class WorkRow:
    trainee: User
    cells: tuple[WorkCell, ...]
    graded: int
    points: Decimal
    max_points: Decimal

    @property
    def percent(self) -> int | None:
        return round(100 * self.points / self.max_points) if self.max_points else None


@dataclass(frozen=True, slots=True)
class CohortReport:
    cohort: Cohort
    assignment: Assignment | None
    trainees: int
    tickets: int
    graded: int
    steps: tuple[Step, ...]
    fields: tuple[Figure, ...]
    ideas: tuple[Figure, ...]
    confusion: tuple[ConfusionRow, ...]
    columns: tuple[str, ...]
    work: tuple[WorkRow, ...]
    help_use: tuple[HelpRow, ...]
    skills: tuple[SkillFigure, ...]
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A cohort in the list of reports; the tickets are first attempts, as in the report itself."""

    cohort: Cohort
    trainees: int
    assignments: int
    tickets: int
    submitted: int
    graded: int


def read_taught(user: User) -> list[CohortRow]:
    """The cohorts that an instructor teaches, by name, with how far their work has come: in two queries."""
    cohorts = Cohort.objects.taught_by(user).values("pk")
    counted = (
        Ticket.objects.first_attempts()
        .filter(
            Exists(
                Enrollment.objects.trainees().filter(
                    cohort=OuterRef("item__assignment__cohort"), user=OuterRef("trainee")
                )
            ),
            item__assignment__cohort__in=cohorts,
        )
        .order_by()
        .values_list("item__assignment__cohort")
        .annotate(
            tickets=Count("pk"),
            submitted=Count("submission"),
            graded=Count("pk", filter=Q(submission__grades__is_current=True)),
        )
    )
    far = {cohort_id: numbers for cohort_id, *numbers in counted}
    is_trainee = Q(enrollments__role=Enrollment.Role.TRAINEE, enrollments__is_active=True)
    rows: QuerySet[Any] = (
        Cohort.objects.filter(pk__in=cohorts)
        .annotate(
            trainees=Count("enrollments", filter=is_trainee, distinct=True),
            sets=Count("assignments", distinct=True),
        )
        .order_by("name")
    )
    return [CohortRow(row, row.trainees, row.sets, *far.get(row.pk, (0, 0, 0))) for row in rows]


def report_on(cohort: Cohort, assignment: Assignment | None = None) -> CohortReport:
    """All figures of the page, in nine queries whatever the size of the cohort."""
    tickets = list(first_attempts(cohort, assignment).prefetch_related("submission__grades"))
    answers = list(read_answers(first_attempts(cohort, assignment)))
    people = [
        enrollment.user
        for enrollment in cohort.enrollments.trainees()
        .select_related("user")
        .order_by("user__last_name", "user__first_name", "user__username")
    ]
    columns, work = _work(people, tickets)
    return CohortReport(
        cohort=cohort,
        assignment=assignment,
        trainees=len(people),
        tickets=len(tickets),
        graded=sum(state_of(ticket) == "graded" for ticket in tickets),
        steps=_steps(tickets),
        fields=measure_fields(answers),
        ideas=measure_ideas(first_attempts(cohort, assignment)),
        confusion=measure_dispositions(answers),
        columns=columns,
        work=work,
        help_use=read_help_use(first_attempts(cohort, assignment)),
        skills=read_skills(grades_of(first_attempts(cohort, assignment))),
        is_simulated=cohort.is_simulated,
    )


def first_attempts(cohort: Cohort, assignment: Assignment | None = None) -> QuerySet[Ticket]:
    """The tickets that count: first attempts of trainees who still belong to the cohort, not voided or excluded.

    A shift that a trainee works alone is nobody else's work, so it is there only where it is asked for."""
    tickets = Ticket.objects.first_attempts().filter(
        item__assignment__cohort=cohort,
        trainee__in=Enrollment.objects.trainees().filter(cohort=cohort).values("user"),
    )
    if assignment is not None:
        tickets = tickets.filter(item__assignment=assignment)
    else:
        tickets = tickets.filter(item__assignment__shift__trainee=None)
    return tickets.select_related("trainee", "submission", "item__version", "item__assignment").order_by(
        "item__assignment__created_at", "item__position"
    )


# How far a ticket has come, in order.
STATES = ("new", "open", "submitted", "graded")


def state_of(ticket: Ticket) -> str:
    """One of STATES."""
    submission = getattr(ticket, "submission", None)
    if submission is not None:
        return "graded" if _grade(submission) is not None else "submitted"
    return "open" if ticket.opened_at else "new"


def _grade(submission: Submission) -> Grade | None:
    return next((grade for grade in submission.grades.all() if grade.is_current), None)


def _steps(tickets: Sequence[Ticket]) -> tuple[Step, ...]:
    states = [(STATES.index(state_of(ticket)), ticket) for ticket in tickets]
    labels = (gettext("Given"), gettext("Opened"), gettext("Submitted"), gettext("Graded"))
    steps = []
    for number, label in enumerate(labels):
        stuck = {str(ticket.trainee) for state, ticket in states if state == number - 1}
        count = sum(state >= number for state, _ in states)
        steps.append(
            Step(
                label=label,
                count=count,
                of=len(tickets),
                waiting=tuple(sorted(stuck)),
                query=urlencode({"reached": STATES[number]}),
                waiting_query=urlencode({"stopped": STATES[number - 1]}) if number else "",
            )
        )
    return tuple(steps)


def _work(people: Sequence[User], tickets: Sequence[Ticket]) -> tuple[tuple[str, ...], tuple[WorkRow, ...]]:
    items = list(dict.fromkeys(ticket.item_id for ticket in tickets))
    titles = {ticket.item_id: ticket.item.version.title for ticket in tickets}
    by_place = {(ticket.trainee_id, ticket.item_id): ticket for ticket in tickets}
    rows = []
    for person in people:
        cells = tuple(_cell(by_place.get((person.pk, item))) for item in items)
        graded = [cell for cell in cells if cell.points is not None]
        rows.append(
            WorkRow(
                trainee=person,
                cells=cells,
                graded=len(graded),
                points=sum((cell.points or Decimal(0) for cell in graded), Decimal(0)),
                max_points=sum((cell.max_points or Decimal(0) for cell in graded), Decimal(0)),
            )
        )
    return tuple(titles[item] for item in items), tuple(rows)


def _cell(ticket: Ticket | None) -> WorkCell:
    if ticket is None:
        return WorkCell(state="none")
    state = state_of(ticket)
    if state != "graded":
        return WorkCell(state=state, ticket_id=ticket.pk)
    grade = _grade(ticket.submission)
    assert grade is not None  # `graded` says so
    return WorkCell(state=state, ticket_id=ticket.pk, points=grade.points, max_points=grade.max_points)
