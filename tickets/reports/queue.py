"""The queue: a page of tickets, what narrows and orders them, and the one that is looked at.

Queries are as many for ten thousand tickets as for ten: the database narrows, orders and counts, and only a page of
rows is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, Q

from tickets.models import Assignment, AssignmentItem, Ticket, User, Variant
from tickets.reports.queue_choices import (
    Choice,
    Select,
    read_columns,
    read_narrowed,
    read_selects,
    read_severities,
    read_statuses,
)
from tickets.reports.queue_rows import (
    Stated,
    Tickets,
    count_by,
    in_order,
    of_severity,
    of_status,
    of_the_rest,
    tickets_for,
    told_lesson,
    with_state,
)
from tickets.reports.queue_wanted import GRADED, NEW, OPEN, SUBMITTED, Wanted

PAGE = 50


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One ticket. `points` and `max_points` are None until the result may be shown."""

    ticket: Ticket
    status: str
    points: Decimal | None = None
    max_points: Decimal | None = None

    @property
    def disposition(self) -> str:
        """What the trainee closed it as: an own answer, never the truth."""
        if self.status in (NEW, OPEN):
            return ""
        return str(self.ticket.submission.answers.get("disposition") or "")

    @property
    def is_done(self) -> bool:
        return self.status in (SUBMITTED, GRADED) or self.ticket.excluded_at is not None

    def is_late(self, now: datetime) -> bool:
        due_at = self.ticket.item.assignment.due_at
        return not self.is_done and due_at is not None and due_at < now


@dataclass(frozen=True, slots=True)
class QueueGroup:
    """Rows of one assignment, or of one rule, that stand together. `done` of `total` count all its tickets, not only those
    of the page."""

    rows: list[QueueRow]
    done: int
    total: int

    @property
    def assignment(self) -> Assignment:
        return self.rows[0].ticket.item.assignment

    @property
    def variant(self) -> Variant:
        return self.rows[0].ticket.variant


# What rows stand together by, in the order that puts them there.
_GROUPED_BY = {"due": "item__assignment", "rule": "variant__alert_sid"}


@dataclass(frozen=True, slots=True)
class Queue:
    """`found` tickets stand in the list, `groups` are those of the page: of an assignment each where the order is by date,
    of a rule where it is by rule (`grouped_by`), else one."""

    wanted: Wanted
    groups: list[QueueGroup]
    grouped_by: str
    found: int
    first: int
    by_status: list[Choice]
    by_severity: list[Choice]
    columns: list[Choice]
    narrowed: list[Choice]
    selects: list[Select]
    has_tickets: bool
    selected: QueueRow | None
    previous: str
    next: str

    @property
    def rows(self) -> list[QueueRow]:
        return [row for group in self.groups for row in group.rows]

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


def read_queue(user: User, now: datetime, wanted: Wanted) -> Queue:
    """The page of `user`'s queue that is wanted, in the same number of queries whatever there is."""
    if not user.is_instructor:
        wanted = wanted.as_a_trainee()
    scope = tickets_for(user, now)
    assignments = _assignments(scope)
    stated = with_state(scope, user, assignments, now)
    matching = stated.filter(of_the_rest(wanted, user, assignments, now))
    counts = count_by(matching, wanted)
    found = counts["found"]
    wanted = wanted.but(page=min(wanted.page, max(1, -(-found // PAGE))), ticket=wanted.ticket)
    start = (wanted.page - 1) * PAGE
    listed = in_order(matching.filter(of_status(wanted.status), of_severity(wanted.severity)), wanted)
    rows = _read_rows(listed[start : start + PAGE])
    lessons, sensors = _lessons_and_sensors(stated, user, assignments)
    return Queue(
        wanted=wanted,
        groups=_group(rows, scope, wanted.sorted_by),
        grouped_by=wanted.sorted_by if wanted.sorted_by in _GROUPED_BY else "",
        found=found,
        first=start + 1 if rows else 0,
        by_status=read_statuses(wanted, counts, user),
        by_severity=read_severities(wanted, counts),
        columns=read_columns(wanted, user),
        narrowed=read_narrowed(wanted, assignments),
        selects=read_selects(wanted, user, assignments, lessons, sensors),
        has_tickets=bool(assignments),
        selected=_select(rows, stated, wanted.ticket),
        previous=wanted.query(page=wanted.page - 1) if wanted.page > 1 else "",
        next=wanted.query(page=wanted.page + 1) if start + PAGE < found else "",
    )


def read_row(ticket: Ticket, now: datetime) -> QueueRow:
    """A ticket's state for its trainee; points only once they may be shown."""
    submission = getattr(ticket, "submission", None)
    if submission is None:
        return QueueRow(ticket, OPEN if ticket.opened_at else NEW)
    grade = next((grade for grade in submission.grades.all() if grade.is_current), None)
    if grade is None:
        return QueueRow(ticket, SUBMITTED)
    if not ticket.item.assignment.reveals_at(now):
        return QueueRow(ticket, GRADED)
    return QueueRow(ticket, GRADED, grade.points, grade.max_points)


def find_queue_row(user: User, now: datetime, code: str) -> QueueRow | None:
    """One ticket of the queue by its code, for the preview beside the list."""
    scope = tickets_for(user, now).filter(code=code)
    rows = _read_rows(with_state(scope, user, _assignments(scope), now)[:1])
    return rows[0] if rows else None


def _assignments(scope: Tickets) -> list[Assignment]:
    """Those of which there are tickets, the newest first."""
    ids = scope.order_by().values("item__assignment")
    return list(
        Assignment.objects.filter(pk__in=ids).select_related("cohort", "shift").order_by("-created_at", "pk")
    )


def _read_rows(listed: Stated) -> list[QueueRow]:
    """Two queries: which tickets, in their order, without what is wide in them; and then their rows."""
    states = list(listed.values_list("pk", "state", "points", "max_points"))
    tickets = Ticket.objects.with_story().in_bulk([pk for pk, *_ in states])
    return [QueueRow(tickets[pk], state, points, most) for pk, state, points, most in states if pk in tickets]


def _group(rows: Sequence[QueueRow], scope: Tickets, order: str) -> list[QueueGroup]:
    """By assignment or rule where they are listed so, with how far each has come; else all in one."""
    column = _GROUPED_BY.get(order)
    if not rows:
        return []
    if column is None:
        return [QueueGroup(list(rows), 0, 0)]
    groups = [(key, list(group)) for key, group in groupby(rows, lambda row: _key(row, order))]
    is_done = Q(submission__isnull=False) | Q(excluded_at__isnull=False)
    counted = (
        scope.filter(**{f"{column}__in": [key for key, _ in groups if key is not None]})
        .order_by()
        .values_list(column)
        .annotate(done=Count("pk", filter=is_done), total=Count("pk"))
    )
    far = {key: (done, total) for key, done, total in counted}
    return [QueueGroup(group, *far.get(key, (0, 0))) for key, group in groups]


def _key(row: QueueRow, order: str) -> object:
    return row.ticket.variant.alert_sid if order == "rule" else row.ticket.item.assignment_id


def _lessons_and_sensors(
    stated: Stated, user: User, assignments: Sequence[Assignment]
) -> tuple[list[str], list[str]]:
    """The lessons that the assignments tell; of one that does not, those of tickets whose results are shown. And the
    sensors of them all."""
    telling = {each.pk for each in assignments if each.tells_lesson}
    items = AssignmentItem.objects.filter(assignment__in=[each.pk for each in assignments]).order_by()
    held = set(items.values_list("assignment", "version__scenario__lesson", "version__sensor").distinct())
    names = {lesson for assignment, lesson, _ in held if assignment in telling}
    if len(telling) < len(assignments):
        told = stated.exclude(item__assignment__in=telling).filter(told_lesson(user, assignments)).order_by()
        names |= {name for (name,) in told.values_list("variant__version__scenario__lesson").distinct()}
    return sorted(names - {""}), sorted({sensor for *_, sensor in held} - {""})


def _select(rows: Sequence[QueueRow], stated: Stated, code: str) -> QueueRow | None:
    """The ticket that is asked for, also from another page; else the first that is not done."""
    if code:
        here = next((row for row in rows if row.ticket.code == code), None)
        return here or next(iter(_read_rows(stated.filter(code=code)[:1])), None)
    return next((row for row in rows if not row.is_done), rows[0] if rows else None)
