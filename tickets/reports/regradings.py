"""A regrading as its page and the command line show it: what would change, criterion by criterion, and for whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext

from tickets.models import (
    CriterionResult,
    Grade,
    Regrading,
    RegradingJob,
    RegradingLine,
    Scenario,
    ScenarioVersion,
    Ticket,
    User,
)

Change = RegradingLine.Change
# Whoever loses stands first.
ORDER = (
    Change.FAILED,
    Change.FALLS,
    Change.EXCLUDED,
    Change.REPLACED,
    Change.RISES,
    Change.SAME_MARKS,
    Change.UNCHANGED,
)
PAGE = 50


@dataclass(frozen=True, slots=True)
class CriterionChange:
    """One criterion of one ticket that comes out otherwise; a side that is None has no such criterion."""

    before: CriterionResult | None
    after: CriterionResult | None

    @property
    def label(self) -> str:
        line = self.after or self.before
        assert line is not None  # one side there is
        return line.label

    @property
    def why(self) -> str:
        if self.after is None:
            return gettext("It is not marked any more.")
        if self.before is None:
            return gettext("It is marked now.")
        if self.after.override is not None:
            if self.after.is_stale:
                return gettext("An instructor's mark stands over it. What lies beneath has changed.")
            return gettext("An instructor's mark stands over it.")
        if self.before.override is not None:
            return gettext("An instructor's mark is not over it any more.")
        if self.before.expected != self.after.expected:
            return gettext("Something else is expected.")
        return gettext("The same is expected, and it is marked otherwise.")


@dataclass(frozen=True, slots=True)
class TicketChange:
    line: RegradingLine
    criteria: list[CriterionChange]

    @property
    def stale(self) -> int:
        """How many overrides of this ticket would stand over something else than when they were made."""
        return sum(change.after is not None and change.after.is_stale for change in self.criteria)


@dataclass(frozen=True, slots=True)
class CriterionCount:
    """Of `n` tickets that have the criterion before or after: where its mark falls, rises, or only the truth is
    another."""

    label: str
    n: int
    falls: int
    rises: int
    other: int


@dataclass(frozen=True, slots=True)
class ChangeCount:
    change: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class RegradingReport:
    regrading: Regrading
    tickets: int
    falls: int
    counts: list[ChangeCount]
    criteria: list[CriterionCount]
    fault: str

    @property
    def failed(self) -> int:
        return next((count.count for count in self.counts if count.change == Change.FAILED), 0)

    @property
    def is_approvable(self) -> bool:
        return self.regrading.state == Regrading.State.COMPUTED and not self.failed


@dataclass(frozen=True, slots=True)
class RegradingRow:
    """One of the list."""

    regrading: Regrading
    tickets: int
    changed: int
    falls: int


@dataclass(frozen=True, slots=True)
class RegradingChoices:
    """What an instructor may have graded anew: scenarios with work in his or her classes, and their later versions."""

    scenarios: list[Scenario]
    errata: list[ScenarioVersion]


def read_choices(user: User) -> RegradingChoices:
    worked = Ticket.objects.taught_by(user).filter(submission__isnull=False)
    scenarios = Scenario.objects.filter(
        pk__in=worked.order_by().values("variant__version__scenario")
    ).prefetch_related("versions")
    errata = ScenarioVersion.objects.filter(scenario__in=scenarios.values("pk"), number__gt=1)
    return RegradingChoices(
        list(scenarios), list(errata.select_related("scenario").order_by("title", "-number"))
    )


def read_regradings(user: User) -> list[RegradingRow]:
    """Those that this user may decide about, newest first."""
    rows = []
    for regrading in Regrading.objects.open_to(user).select_related("scenario", "requested_by"):
        counts = _count(regrading.lines.all())
        rows.append(
            RegradingRow(
                regrading=regrading,
                tickets=sum(counts.values()),
                changed=sum(counts.values()) - counts.get(Change.UNCHANGED, 0),
                falls=regrading.lines.filter(is_fall=True).count(),
            )
        )
    return rows


def read_regrading(regrading: Regrading) -> RegradingReport:
    counts = _count(regrading.lines.all())
    job = regrading.jobs.order_by("-created_at").first()
    gave_up = job is not None and job.state == RegradingJob.State.DEAD
    return RegradingReport(
        regrading=regrading,
        tickets=sum(counts.values()),
        falls=regrading.lines.filter(is_fall=True).count(),
        counts=[
            ChangeCount(change, str(Change(change).label), counts[change])
            for change in ORDER
            if change in counts
        ],
        criteria=_criteria(regrading),
        fault=job.error if gave_up and job is not None else "",
    )


def read_changes(regrading: Regrading, change: str = "") -> QuerySet[RegradingLine]:
    """The tickets that something happens to, those who lose first; `change` narrows to one kind."""
    lines = regrading.lines.select_related(
        "ticket__trainee",
        "ticket__item__assignment__cohort",
        "ticket__variant__version",
        "before",
        "after",
        "replacement",
    )
    lines = lines.filter(change=change) if change else lines.exclude(change=Change.UNCHANGED)
    return lines.order_by(F("is_fall").desc(), "change", "ticket__trainee__username", "ticket__code")


def with_criteria(lines: Sequence[RegradingLine]) -> list[TicketChange]:
    """The tickets with what changes in each, in one query whatever their number."""
    grades = {grade.pk for line in lines for grade in (line.before, line.after) if grade is not None}
    by_grade: dict[UUID, list[CriterionResult]] = defaultdict(list)
    rows = CriterionResult.objects.filter(grade__in=grades).select_related("override")
    for row in rows.order_by("position"):
        by_grade[row.grade_id].append(row)
    return [
        TicketChange(line, changes_between(_lines_of(line.before, by_grade), _lines_of(line.after, by_grade)))
        for line in lines
    ]


def _lines_of(grade: Grade | None, by_grade: dict[UUID, list[CriterionResult]]) -> list[CriterionResult]:
    return by_grade[grade.pk] if grade is not None else []


def changes_between(
    before: Iterable[CriterionResult], after: Iterable[CriterionResult]
) -> list[CriterionChange]:
    """Criteria that a trainee would see come out otherwise, in the rubric's order; none where nothing comes after."""
    old = {line.criterion: line for line in before}
    new = {line.criterion: line for line in after}
    if not new:
        return []
    changes = (CriterionChange(old.get(name), new.get(name)) for name in dict.fromkeys((*new, *old)))
    return [change for change in changes if _is_seen(change)]


def _is_seen(change: CriterionChange) -> bool:
    if change.before is None or change.after is None:
        return True
    sides = (change.before, change.after)
    seen = {(line.points, line.max_points, line.result, line.expected) for line in sides}
    return len(seen) > 1 or change.after.is_stale


def _count(lines: QuerySet[RegradingLine]) -> dict[str, int]:
    return dict(lines.order_by().values_list("change").annotate(n=Count("pk")))


_Told = tuple[Decimal, Decimal, str]


def _criteria(regrading: Regrading) -> list[CriterionCount]:
    """How each criterion comes out over all tickets."""
    pairs = list(
        regrading.lines.filter(before__isnull=False, after__isnull=False)
        .order_by()
        .values_list("before_id", "after_id")
    )
    told: dict[UUID, dict[str, _Told]] = defaultdict(dict)
    labels: dict[str, str] = {}
    rows = CriterionResult.objects.filter(grade__in={grade for pair in pairs for grade in pair}).values_list(
        "grade_id", "criterion", "label", "points", "max_points", "expected"
    )
    for grade, criterion, label, points, maximum, expected in rows.order_by("position").iterator():
        told[grade][criterion] = (points, maximum, expected)
        labels.setdefault(criterion, label)
    return [
        _criterion_count(label, [(told[old].get(name), told[new].get(name)) for old, new in pairs])
        for name, label in labels.items()
    ]


def _criterion_count(label: str, pairs: Iterable[tuple[_Told | None, _Told | None]]) -> CriterionCount:
    seen = [(old, new) for old, new in pairs if old is not None or new is not None]
    both = [(old, new) for old, new in seen if old is not None and new is not None]
    falls = sum(_share(new) < _share(old) for old, new in both)
    rises = sum(_share(new) > _share(old) for old, new in both)
    other = sum(_share(new) == _share(old) and new != old for old, new in both)
    return CriterionCount(label, len(seen), falls, rises, other + len(seen) - len(both))


def _share(told: _Told) -> Decimal:
    points, maximum, _ = told
    return points / maximum if maximum else Decimal(0)
