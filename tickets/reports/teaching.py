"""An instructor's home: the cohorts, the dates that come, and what waits for somebody's word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from tickets.models import (
    AnalysisJob,
    Appeal,
    Assignment,
    Cohort,
    PoolJob,
    Regrading,
    RegradingJob,
    Scenario,
    User,
)
from tickets.reports.cohorts import CohortRow, read_taught
from tickets.reports.marks import stale_overrides
from tickets.reports.queue_rows import tickets_for, waiting_for, with_state

MOST_DUE = 6


@dataclass(frozen=True, slots=True)
class Waiting:
    """Numbers of what waits. `failed` are submissions whose grading gave up, `jobs` other work that did."""

    questions: int
    stale: int
    texts: int
    regradings: int
    failed: int
    jobs: int

    @property
    def is_nothing(self) -> bool:
        return not any((self.questions, self.stale, self.texts, self.regradings, self.failed, self.jobs))


@dataclass(frozen=True, slots=True)
class ComingDue:
    """An assignment whose date comes, and how many of its tickets are handed in."""

    assignment: Assignment
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Teaching:
    cohorts: list[CohortRow]
    waiting: Waiting
    due: list[ComingDue]


def read_teaching(user: User, now: datetime) -> Teaching:
    return Teaching(cohorts=read_taught(user), waiting=_waiting(user, now), due=_coming_due(user, now))


def _waiting(user: User, now: datetime) -> Waiting:
    tickets = with_state(tickets_for(user, now), user, [], now)
    counts = tickets.aggregate(
        texts=Count("pk", filter=waiting_for("texts")), failed=Count("pk", filter=waiting_for("failed"))
    )
    regradings = Regrading.objects.open_to(user)
    dead = (
        AnalysisJob.objects.filter(state="dead", upload__owner=user),
        PoolJob.objects.filter(state="dead", version__scenario__in=Scenario.objects.open_to(user)),
        RegradingJob.objects.filter(state="dead", regrading__in=regradings),
    )
    return Waiting(
        questions=Appeal.objects.taught_by(user).waiting().count(),
        stale=len(stale_overrides(user)),
        texts=counts["texts"],
        regradings=regradings.filter(state=Regrading.State.COMPUTED).count(),
        failed=counts["failed"],
        jobs=sum(jobs.count() for jobs in dead),
    )


def _coming_due(user: User, now: datetime) -> list[ComingDue]:
    is_there = Q(items__tickets__voided_at=None, items__tickets__isnull=False)
    is_done = Q(items__tickets__submission__isnull=False) | Q(items__tickets__excluded_at__isnull=False)
    assignments: QuerySet[Any] = (  # with what the query counts, which the rows' type does not know
        Assignment.objects.filter(cohort__in=Cohort.objects.taught_by(user).values("pk"), due_at__gte=now)
        .select_related("cohort")
        .annotate(
            total=Count("items__tickets", filter=is_there),
            done=Count("items__tickets", filter=is_there & is_done),
        )
        .order_by("due_at", "title")[:MOST_DUE]
    )
    return [ComingDue(each, each.done, each.total) for each in assignments]
