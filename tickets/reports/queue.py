"""A trainee's queue: tickets by assignment, with their state and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, Prefetch

from tickets.models import Assignment, EvidenceRecord, Grade, Severity, Ticket, User

NEW, OPEN, SUBMITTED, GRADED = "new", "open", "submitted", "graded"
STATUSES = (NEW, OPEN, SUBMITTED, GRADED)
# Worst first, as a console lists them.
SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)


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


@dataclass(frozen=True, slots=True)
class QueueGroup:
    assignment: Assignment
    rows: list[QueueRow]

    @property
    def done(self) -> int:
        return sum(row.is_done for row in self.rows)


@dataclass(frozen=True, slots=True)
class QueueCount:
    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Queue:
    groups: list[QueueGroup]
    total: int
    by_status: list[QueueCount]
    by_severity: list[QueueCount]
    selected: QueueRow | None


def read_queue(
    user: User, now: datetime, *, status: str = "", severity: str = "", selected: str = ""
) -> Queue:
    """The tickets that `user` works, in two queries whatever their number.

    `selected` is a ticket's code; without it the first unfinished one is selected.
    """
    tickets = (
        Ticket.objects.worked_by(user)
        .open_at(now)
        .with_story()
        .prefetch_related(Prefetch("submission__grades", Grade.objects.filter(is_current=True)))
        .order_by(
            "-item__assignment__created_at", "item__assignment", "position", "item__position", "created_at"
        )
    )
    rows = [read_row(ticket, now) for ticket in tickets]
    shown = [row for row in rows if _is_wanted(row, status, severity)]
    return Queue(
        groups=_group(shown),
        total=len(rows),
        by_status=_count(STATUSES, (row.status for row in rows)),
        by_severity=_count(SEVERITIES, (row.ticket.variant.version.severity for row in rows)),
        selected=_select(shown, selected),
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


def count_evidence(ticket: Ticket) -> list[tuple[str, int]]:
    """How many records of each kind the ticket's evidence holds: `[("packet", 17), ...]`."""
    records = EvidenceRecord.objects.filter(bundle=ticket.variant.bundle_id)
    return list(records.order_by().values_list("kind").annotate(count=Count("pk")).order_by("-count", "kind"))


def _is_wanted(row: QueueRow, status: str, severity: str) -> bool:
    return status in ("", row.status) and severity in ("", row.ticket.variant.version.severity)


def _group(rows: list[QueueRow]) -> list[QueueGroup]:
    return [
        QueueGroup(assignment, list(group))
        for assignment, group in groupby(rows, key=lambda row: row.ticket.item.assignment)
    ]


def _count(values: Iterable[str], seen: Iterable[str]) -> list[QueueCount]:
    counts = Counter(seen)
    return [QueueCount(value, str(value).capitalize(), counts[value]) for value in values]


def _select(rows: list[QueueRow], code: str) -> QueueRow | None:
    if code:
        return next((row for row in rows if row.ticket.code == code), None)
    return next((row for row in rows if not row.is_done), rows[0] if rows else None)
