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

from tickets.models import Assignment, AssignmentItem, Ticket, User
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
    """Rows of one assignment that stand together. `done` of `total` count all its tickets, not only those of the page."""

    assignment: Assignment
    rows: list[QueueRow]
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Queue:
    """`found` tickets stand in the list, `groups` are those of the page."""

    wanted: Wanted
    groups: list[QueueGroup]
    is_grouped: bool
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
    is_grouped = wanted.sorted_by == "due"
    return Queue(
        wanted=wanted,
        groups=_group(rows, scope if is_grouped else None),
        is_grouped=is_grouped,
        found=found,
        first=start + 1 if rows else 0,
        by_status=read_statuses(wanted, counts, user),
        by_severity=read_severities(wanted, counts),
        columns=read_columns(wanted, user),
        narrowed=read_narrowed(wanted, assignments),
        selects=read_selects(wanted, user, assignments, _lessons(stated, user, assignments)),
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


def _group(rows: Sequence[QueueRow], scope: Tickets | None) -> list[QueueGroup]:
    """By assignment where they are listed so, with how far each has come; else all in one."""
    if not rows:
        return []
    if scope is None:
        return [QueueGroup(rows[0].ticket.item.assignment, list(rows), 0, 0)]
    groups = [(key, list(group)) for key, group in groupby(rows, lambda row: row.ticket.item.assignment)]
    is_done = Q(submission__isnull=False) | Q(excluded_at__isnull=False)
    counted = (
        scope.filter(item__assignment__in=[assignment.pk for assignment, _ in groups])
        .order_by()
        .values_list("item__assignment")
        .annotate(done=Count("pk", filter=is_done), total=Count("pk"))
    )
    far = {assignment_id: (done, total) for assignment_id, done, total in counted}
    return [QueueGroup(assignment, group, *far.get(assignment.pk, (0, 0))) for assignment, group in groups]


def _lessons(stated: Stated, user: User, assignments: Sequence[Assignment]) -> list[str]:
    """Those that the assignments tell; of one that does not, those of tickets whose results are shown."""
    telling = [each.pk for each in assignments if each.tells_lesson]
    items = AssignmentItem.objects.filter(assignment__in=telling).order_by()
    names = {name for (name,) in items.values_list("version__scenario__lesson").distinct()}
    if len(telling) < len(assignments):
        told = stated.exclude(item__assignment__in=telling).filter(told_lesson(user, assignments)).order_by()
        names |= {name for (name,) in told.values_list("variant__version__scenario__lesson").distinct()}
    return sorted(names - {""})


def _select(rows: Sequence[QueueRow], stated: Stated, code: str) -> QueueRow | None:
    """The ticket that is asked for, also from another page; else the first that is not done."""
    if code:
        here = next((row for row in rows if row.ticket.code == code), None)
        return here or next(iter(_read_rows(stated.filter(code=code)[:1])), None)
    return next((row for row in rows if not row.is_done), rows[0] if rows else None)
