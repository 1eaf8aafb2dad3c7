"""The cohort report: where they stop, which field they miss, what they mix up, which ideas mislead.

The unit is a first attempt that has been graded. A trainee who works several tickets answers several
times, and those answers are not independent: intervals over answers are Wilson's at the effective
sample size of clustered answers. Wrong ideas and mastered skills are counted by trainee. Every figure carries its n,
and all but the skills the query that lists the worksheets behind it: a skill rests on many lines of many tickets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from tickets.grading import BY_CODE
from tickets.measures import (
    DISPOSITIONS,
    Exposure,
    Share,
    measure_clustered_share,
    measure_confusion,
    measure_misconceptions,
)
from tickets.models import Assignment, Cohort, CriterionResult, Enrollment, Grade, Submission, Ticket, User
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
class Figure:
    """One line of a figure: a share with its interval, and the query of the worksheets behind it.

    `share.n` counts answers, or trainees where `tickets` says on how many worksheets it was seen."""

    key: str
    label: str
    share: Share
    trainees: int
    query: str
    tickets: int = 0

    @property
    def missed(self) -> int:
        return self.share.n - self.share.k


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    chosen: str
    count: int
    shade: int  # 0 to 5, by the share of the row
    is_right: bool
    query: str


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    truth: str
    n: int
    cells: tuple[ConfusionCell, ...]

    @property
    def truth_label(self) -> str:
        return self.truth.replace("_", " ").capitalize()


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
class _Answer:
    """One criterion of one graded first attempt."""

    trainee_id: UUID
    ticket_id: UUID
    criterion: str
    label: str
    result: str
    given: str
    expected: str


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
    answers = list(_answers(cohort, assignment))
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
        fields=_fields(answers),
        ideas=_ideas(cohort, assignment),
        confusion=_confusion(answers),
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


def _answers(cohort: Cohort, assignment: Assignment | None) -> Iterable[_Answer]:
    rows = (
        CriterionResult.objects.filter(
            grade__is_current=True,
            grade__submission__ticket__in=first_attempts(cohort, assignment).order_by().values("pk"),
        )
        .order_by("position")
        .values_list(
            "grade__submission__ticket__trainee_id",
            "grade__submission__ticket_id",
            "criterion",
            "label",
            "result",
            "given",
            "expected",
        )
    )
    return (_Answer(*row) for row in rows.iterator())


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
    labels = ("Given", "Opened", "Submitted", "Graded")
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


def _fields(answers: Sequence[_Answer]) -> tuple[Figure, ...]:
    """Share fully right for each field, in the order of the worksheet."""
    by_field: dict[str, list[_Answer]] = defaultdict(list)
    for answer in answers:
        by_field[answer.criterion].append(answer)
    return tuple(_field(field, all_) for field, all_ in by_field.items())


def _field(field: str, answers: Sequence[_Answer]) -> Figure:
    clusters: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
    for answer in answers:
        clusters[answer.trainee_id][0] += answer.result == CriterionResult.Result.CORRECT
        clusters[answer.trainee_id][1] += 1
    return Figure(
        key=field,
        label=answers[0].label,
        share=measure_clustered_share((k, n) for k, n in clusters.values()),
        trainees=len(clusters),
        query=urlencode({"criterion": field, "missed": "1"}),
    )


def _ideas(cohort: Cohort, assignment: Assignment | None) -> tuple[Figure, ...]:
    """Wrong ideas that somebody showed: trainees who did, of those whose tickets could show it; most first."""
    rows = Grade.objects.filter(
        is_current=True, submission__ticket__in=first_attempts(cohort, assignment).order_by().values("pk")
    ).values_list("submission__ticket__trainee_id", "lesson__exposed", "lesson__misconceptions")
    exposures = (
        Exposure(trainee, exposed or (), [idea["code"] for idea in shown or ()])
        for trainee, exposed, shown in rows.iterator()
    )
    return tuple(
        Figure(
            key=rate.code,
            label=BY_CODE[rate.code].name if rate.code in BY_CODE else rate.code,
            share=rate.trainees,
            trainees=rate.trainees.n,
            query=urlencode({"misconception": rate.code}),
            tickets=rate.tickets,
        )
        for rate in measure_misconceptions(exposures)
        if rate.tickets
    )


def _confusion(answers: Sequence[_Answer]) -> tuple[ConfusionRow, ...]:
    """Truth by choice. A worksheet without a disposition counts in its row's n only."""
    confusion = measure_confusion(
        (answer.expected, answer.given) for answer in answers if answer.criterion == "disposition"
    )
    return tuple(
        ConfusionRow(
            truth=truth,
            n=confusion.row_total(truth),
            cells=tuple(
                ConfusionCell(
                    chosen=chosen,
                    count=confusion.counts[truth, chosen],
                    shade=_shade(confusion.counts[truth, chosen], confusion.row_total(truth)),
                    is_right=chosen == truth,
                    query=urlencode({"criterion": "disposition", "truth": truth, "chosen": chosen}),
                )
                for chosen in DISPOSITIONS
            ),
        )
        for truth in DISPOSITIONS
    )


def _shade(count: int, n: int) -> int:
    return 0 if not count else min(5, 1 + int(4 * count / n))


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
