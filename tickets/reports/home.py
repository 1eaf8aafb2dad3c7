"""A trainee's home: the one ticket to take next and why, what is due, how it goes, what is new. No ranking.

Nothing here tells more than the pages it leads to: results after their reveal, and of a mixed assignment's tickets not
what they practise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from uuid import UUID

from django.db.models import Count, F, Q

from tickets.measures import IdeaState, State
from tickets.models import Assignment, Grade, Submission, Ticket, User
from tickets.reports.marks import Told, unread_notices
from tickets.reports.progress import IdeaLine, Progress, SkillLine, read_progress
from tickets.reports.queue_rows import Tickets, tickets_for
from tickets.skills import skills_met

# A worksheet handed in later than this after the first look was most likely put aside in between.
ONE_SITTING = timedelta(hours=2)
# Spans are compared by so many of the latest.
LATELY = 5
MOST_SUBMISSIONS = 200
MOST_DUE, MOST_GRADES, MOST_SKILLS = 6, 5, 5


class Why(StrEnum):
    """What made a ticket the next one, the most pressing first."""

    LATE = "late"
    SOON = "soon"
    DRAFT = "draft"
    REVIEW = "review"
    DUE = "due"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Next:
    ticket: Ticket
    why: Why
    # The skill that is due again; only with Why.REVIEW.
    skill: str = ""


@dataclass(frozen=True, slots=True)
class DueLine:
    """An assignment with a date and something left to do."""

    assignment: Assignment
    todo: int
    total: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class TimeUsed:
    """From the first look at a ticket to its handing in, in minutes, of those worked in one sitting.

    `interrupted` were handed in more than two hours after the first look: what lay between is not known, so they are
    counted and not averaged. `lately` is of the latest five and `before` of those before them; None without any."""

    sittings: int
    interrupted: int
    usual: float | None
    lately: float | None
    before: float | None


@dataclass(frozen=True, slots=True)
class Home:
    next: Next | None
    todo: int
    total: int
    submitted: int
    due: list[DueLine]
    progress: Progress
    newest: list[Grade]
    time: TimeUsed
    told: list[Told]

    @property
    def skills(self) -> list[SkillLine]:
        """What to look at first: due, slipped, learning, then mastered."""
        return self.progress.met[:MOST_SKILLS]

    @property
    def open_ideas(self) -> list[IdeaLine]:
        return [idea for idea in self.progress.ideas if idea.state is not IdeaState.REPAIRED]

    @property
    def repaired_ideas(self) -> list[IdeaLine]:
        return [idea for idea in self.progress.ideas if idea.state is IdeaState.REPAIRED]


def read_home(user: User, now: datetime) -> Home:
    """All of the page, in the same number of queries however much was worked."""
    scope = tickets_for(user, now)
    todo = Q(submission=None, excluded_at=None)
    counted = list(
        scope.order_by()
        .values_list("item__assignment")
        .annotate(todo=Count("pk", filter=todo), total=Count("pk"), submitted=Count("submission"))
    )
    assignments = Assignment.objects.select_related("shift").in_bulk(
        [assignment_id for assignment_id, *_ in counted]
    )
    progress = read_progress(user, now)
    telling = [key for key, assignment in assignments.items() if assignment.tells_lesson]
    workable = [key for key, assignment in assignments.items() if assignment.takes_work_at(now)]
    revealed = [key for key, assignment in assignments.items() if assignment.reveals_at(now)]
    return Home(
        next=_find_next(scope.filter(todo, item__assignment__in=workable), telling, progress, now),
        todo=sum(left for _, left, *_ in counted),
        total=sum(total for _, _, total, _ in counted),
        submitted=sum(submitted for *_, submitted in counted),
        due=_due_lines([(assignments[key], left, total) for key, left, total, _ in counted], now),
        progress=progress,
        newest=_newest(scope.filter(item__assignment__in=revealed)),
        time=_time_used(scope),
        told=unread_notices(user, now),
    )


def _find_next(todo: Tickets, telling: Sequence[UUID], progress: Progress, now: datetime) -> Next | None:
    """The first rule that finds a ticket decides."""
    due_at = F("item__assignment__due_at")
    as_given = (
        "-item__assignment__created_at",
        "item__assignment",
        "position",
        "item__position",
        "created_at",
    )
    story = todo.with_story()
    by_due = story.exclude(item__assignment__due_at=None).order_by(
        due_at.asc(), F("opened_at").asc(nulls_last=True), *as_given
    )
    soonest = by_due.first()
    soonest_at = soonest.item.assignment.due_at if soonest else None
    if soonest and soonest_at and soonest_at < now + timedelta(days=1):
        return Next(soonest, Why.LATE if soonest_at < now else Why.SOON)
    begun = story.exclude(opened_at=None)
    draft = begun.order_by(F("worksheet__saved_at").desc(nulls_last=True), "-opened_at", "pk").first()
    if draft:
        return Next(draft, Why.DRAFT)
    if review := _find_review(story.filter(item__assignment__in=telling), progress, as_given):
        return review
    if soonest:
        return Next(soonest, Why.DUE)
    given = story.order_by(*as_given).first()
    return Next(given, Why.GIVEN) if given else None


def _find_review(todo: Tickets, progress: Progress, order: Sequence[str]) -> Next | None:
    """A ticket that practises a skill that is due again; `todo` are those that may say what they practise."""
    due = {line.skill.code: line.skill.name for line in progress.skills if line.mastery.state is State.DUE}
    if not due:
        return None
    names = ("variant__version", "variant__version__scenario__family", "variant__version__scenario__lesson")
    offered = todo.order_by().values_list(*names, "variant__version__skills").distinct()
    practised = {
        version: skill.code
        for version, family, lesson, skills in offered
        for skill in skills_met(family, lesson, skills)
        if skill.code in due
    }
    ticket = todo.filter(variant__version__in=practised).order_by(*order).first()
    return Next(ticket, Why.REVIEW, due[practised[ticket.variant.version_id]]) if ticket else None


def _due_lines(counted: Sequence[tuple[Assignment, int, int]], now: datetime) -> list[DueLine]:
    lines = [
        DueLine(assignment, todo, total, is_late=assignment.due_at < now)
        for assignment, todo, total in counted
        if todo and assignment.due_at and assignment.takes_work_at(now)
    ]
    lines.sort(key=lambda line: (line.assignment.due_at or now, line.assignment.title))
    return lines[:MOST_DUE]


def _newest(shown: Tickets) -> list[Grade]:
    """The latest results of tickets whose results may be seen."""
    return list(
        Grade.objects.filter(is_current=True, submission__ticket__in=shown.order_by().values("pk"))
        .select_related("submission__ticket__variant__version")
        .order_by("-graded_at", "pk")[:MOST_GRADES]
    )


def _time_used(scope: Tickets) -> TimeUsed:
    times = (
        Submission.objects.filter(ticket__in=scope.exclude(opened_at=None).order_by().values("pk"))
        .order_by("-received_at")
        .values_list("ticket__opened_at", "received_at")[:MOST_SUBMISSIONS]
    )
    spans = [received_at - opened_at for opened_at, received_at in times if opened_at]
    sittings = [span.total_seconds() / 60 for span in spans if timedelta(0) <= span <= ONE_SITTING]
    return TimeUsed(
        sittings=len(sittings),
        interrupted=len(spans) - len(sittings),
        usual=median(sittings) if sittings else None,
        lately=median(sittings[:LATELY]) if len(sittings) > LATELY else None,
        before=median(sittings[LATELY:]) if len(sittings) > LATELY else None,
    )
