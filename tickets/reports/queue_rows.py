"""Which tickets stand in somebody's queue, narrowed and ordered by the database: nothing here reads a row.

What a result tells (its points, a filter by them, an order by them) is taken from grades that this user may see and
from no others, so that no way of asking moves a ticket before its reveal. Whether an assignment reveals its results is
asked of the assignment itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    FloatField,
    IntegerField,
    OrderBy,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, NullIf

from tickets.methodology import STEPS
from tickets.models import Appeal, Assignment, GradeJob, RubricMark, Severity, Ticket, User
from tickets.models.tickets import TicketQuerySet
from tickets.reports.queue_search import matching
from tickets.reports.queue_wanted import (
    DONE,
    GRADED,
    NEW,
    OPEN,
    SEVERITIES,
    STATUSES,
    SUBMITTED,
    TODO,
    Wanted,
)

Tickets = TicketQuerySet
# With what `with_state` adds, which the rows' type does not know.
Stated = QuerySet[Any]


def tickets_for(user: User, now: datetime) -> Tickets:
    """A trainee's own tickets; for an instructor those of the cohorts that he or she teaches, too."""
    mine = Ticket.objects.worked_by(user).open_at(now)
    if not user.is_instructor:
        return mine
    taught = Ticket.objects.taught_by(user).filter(voided_at=None)
    return taught if user.is_superuser else taught | mine


def with_state(tickets: Tickets, user: User, assignments: Iterable[Assignment], now: datetime) -> Stated:
    """With `state` (new, open, submitted, graded), `is_todo`, and `points` of `max_points`, which are None where this
    user may not see them; `share` is the one by the other."""
    revealed = [assignment.pk for assignment in assignments if assignment.reveals_at(now)]
    is_graded = Q(current__isnull=False)
    is_submitted = Q(submission__isnull=False)
    return tickets.annotate(
        current=FilteredRelation("submission__grades", condition=Q(submission__grades__is_current=True)),
        state=Case(
            When(is_graded, then=Value(GRADED)),
            When(is_submitted, then=Value(SUBMITTED)),
            When(opened_at__isnull=False, then=Value(OPEN)),
            default=Value(NEW),
            output_field=CharField(),
        ),
        is_todo=ExpressionWrapper(~is_submitted & Q(excluded_at=None), output_field=BooleanField()),
        is_shown=ExpressionWrapper(
            is_graded & (~Q(trainee=user) | Q(item__assignment__in=revealed)), output_field=BooleanField()
        ),
        points=Case(When(is_shown=True, then=F("current__points"))),
        max_points=Case(When(is_shown=True, then=F("current__max_points"))),
        share=Cast(F("points"), FloatField()) / NullIf(Cast(F("max_points"), FloatField()), Value(0.0)),
    )


def of_status(status: str) -> Q:
    if status == TODO:
        return Q(is_todo=True)
    if status == DONE:
        return Q(state__in=(SUBMITTED, GRADED))
    return Q(state=status) if status in (NEW, OPEN, SUBMITTED, GRADED) else Q()


def of_severity(severity: str) -> Q:
    return Q(variant__version__severity=severity) if severity else Q()


def of_the_rest(wanted: Wanted, user: User, assignments: Iterable[Assignment], now: datetime) -> Q:
    """All that narrows but status and severity, whose counts are shown beside each other."""
    found = matching(wanted.q, by_trainee=user.is_instructor)
    if wanted.cohort:
        found &= Q(item__assignment__cohort=wanted.cohort)
    if wanted.assignment:
        found &= Q(item__assignment=wanted.assignment)
    if wanted.lesson:
        found &= told_lesson(user, assignments) & Q(variant__version__scenario__lesson=wanted.lesson)
    if wanted.sensor:
        found &= Q(variant__version__sensor=wanted.sensor)
    if wanted.waits:
        found &= waiting_for(wanted.waits)
    return found & _of_due(wanted.due, now) & _of_result(wanted.result)


def told_lesson(user: User, assignments: Iterable[Assignment]) -> Q:
    """Where a ticket's lesson is no secret: its assignment tells it, its result told it, or it is somebody else's."""
    telling = [assignment.pk for assignment in assignments if assignment.tells_lesson]
    return Q(item__assignment__in=telling) | Q(is_shown=True) | ~Q(trainee=user)


def _of_due(due: str, now: datetime) -> Q:
    if due == "late":
        return Q(item__assignment__due_at__lt=now, is_todo=True)
    if due in ("day", "week"):
        until = now + timedelta(days=1 if due == "day" else 7)
        return Q(item__assignment__due_at__gte=now, item__assignment__due_at__lt=until)
    return Q(item__assignment__due_at=None) if due == "none" else Q()


def _of_result(result: str) -> Q:
    kinds = {
        "full": Q(share__gte=1),
        "part": Q(share__gte=0.5, share__lt=1),
        "low": Q(share__lt=0.5),
        "none": Q(is_shown=False),
    }
    return kinds.get(result, Q())


def waiting_for(waits: str) -> Q:
    if waits == "question":
        return Q(Exists(Appeal.objects.waiting().filter(submission__ticket=OuterRef("pk"))))
    if waits == "failed":
        return Q(Exists(GradeJob.objects.filter(submission__ticket=OuterRef("pk"), state="dead"))) & ~Q(
            state=GRADED
        )
    judged = (
        RubricMark.objects.filter(submission__ticket=OuterRef("pk"))
        .order_by()
        .values("submission")
        .annotate(steps=Count("step", distinct=True))
        .filter(steps__gte=len(STEPS))
    )
    return Q(state=GRADED, submission__is_simulated=False) & ~Q(Exists(judged))


def count_by(tickets: Stated, wanted: Wanted) -> dict[str, int]:
    """How many of each status there are at this severity, and of each severity at this status: one query.

    Keys are `status_new`, `severity_high` and so on; `found` is how many stand in the list."""
    status, severity = of_status(wanted.status), of_severity(wanted.severity)
    counts = {f"status_{name}": _count(of_status(name) & severity) for name in STATUSES}
    counts |= {f"severity_{name}": _count(status & of_severity(name)) for name in SEVERITIES}
    return tickets.aggregate(found=_count(status & severity), **counts)


def _count(condition: Q) -> Count:
    return Count("pk", filter=condition) if condition else Count("pk")


# By severity and by state: worst first, least done first.
_SEVERITY_RANK = Case(
    *(When(variant__version__severity=name, then=Value(rank)) for rank, name in enumerate(SEVERITIES)),
    default=Value(len(Severity.values)),
    output_field=IntegerField(),
)
_STATE_RANK = Case(
    *(When(state=name, then=Value(rank)) for rank, name in enumerate((OPEN, NEW, SUBMITTED, GRADED))),
    default=Value(4),
    output_field=IntegerField(),
)
# As they were given: the newest assignment first, each in its own order.
_AS_GIVEN = (
    F("item__assignment__created_at").desc(),
    F("item__assignment").asc(),
    F("position").asc(),
    F("item__position").asc(),
    F("created_at").asc(),
)
_ORDERS: dict[str, Sequence[Any]] = {
    "due": [F("item__assignment__due_at")],
    "severity": [_SEVERITY_RANK],
    "code": [F("code")],
    "trainee": [F("trainee__last_name"), F("trainee__first_name"), F("trainee__username")],
    "title": [F("variant__version__title")],
    "rule": [F("variant__alert_sid")],
    "source": [F("variant__alert_src_ip"), F("variant__alert_src_port")],
    "destination": [F("variant__alert_dst_ip"), F("variant__alert_dst_port")],
    "received": [F("submission__received_at")],
    "status": [_STATE_RANK],
    "result": [F("share")],
}


def in_order(tickets: Stated, wanted: Wanted) -> Stated:
    """By the wanted column, what has nothing there last; then as given, so that two pages never share a ticket."""
    if wanted.sorted_by == "age":
        columns = [OrderBy(F("created_at"), descending=not wanted.is_turned)]
    else:
        columns = [
            OrderBy(expression, descending=wanted.is_turned, nulls_last=True)
            for expression in _ORDERS[wanted.sorted_by]
        ]
    return tickets.order_by(*columns, *_AS_GIVEN, "pk")
