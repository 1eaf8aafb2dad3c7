"""X01: worksheets whose wrong ends are right for another trainee's evidence. A question to ask, never a proof.

Only who teaches the class sees it. It is computed when it is looked at, from the grades that count: no grade holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from tickets.grading import LABELS, SPACES, Criterion, Foreign, find_foreign
from tickets.models import Cohort, CriterionResult, EvidenceRecord, Ticket, User


@dataclass(frozen=True, slots=True)
class ForeignTruth:
    """A ticket whose worksheet names ends of another's: which fields, and what a guess would have hit them with."""

    ticket: Ticket
    other: Ticket
    fields: tuple[tuple[str, str], ...]  # label and what was written
    chance: float

    @property
    def one_in(self) -> int:
        """A guess hits it once in so many."""
        return round(1 / self.chance)


@dataclass(frozen=True, slots=True)
class ForeignCount:
    """`found` of `n` graded worksheets that could show it: somebody else has other evidence of the same scenario."""

    found: list[ForeignTruth]
    n: int

    @property
    def ticket_ids(self) -> list[UUID]:
        return [each.ticket.pk for each in self.found]


@dataclass(slots=True)
class _Work:
    ticket: Ticket
    given: dict[Criterion, str] = field(default_factory=dict)
    expected: dict[Criterion, str] = field(default_factory=dict)


def count_foreign(tickets: QuerySet[Ticket]) -> ForeignCount:
    """Among these tickets, held against each other class by class and scenario by scenario."""
    found, n = [], 0
    for works in _works(tickets).values():
        for work in works:
            others = [other for other in works if _is_other(other, work)]
            n += bool(others)
            truth = _foreign(work, others)
            if truth is not None:
                found.append(truth)
    return ForeignCount(sorted(found, key=lambda each: each.chance), n)


def foreign_among_taught(user: User) -> ForeignCount:
    cohorts = Cohort.objects.taught_by(user).values("pk")
    return count_foreign(Ticket.objects.first_attempts().filter(item__assignment__cohort__in=cohorts))


def foreign_of(ticket: Ticket) -> ForeignTruth | None:
    """What is found about one ticket among its class's."""
    alike = Ticket.objects.filter(
        voided_at=None,
        item__assignment__cohort=ticket.item.assignment.cohort_id,
        variant__version__scenario=ticket.variant.version.scenario_id,
    )
    return next((each for each in count_foreign(alike).found if each.ticket.pk == ticket.pk), None)


def _works(tickets: QuerySet[Ticket]) -> Mapping[tuple[UUID, UUID], list[_Work]]:
    """By cohort and scenario: what was written of the ends, and what was right."""
    lines = CriterionResult.objects.filter(
        grade__is_current=True,
        grade__submission__ticket__in=tickets.order_by().values("pk"),
        criterion__in=[criterion.value for criterion in SPACES],
    ).select_related(
        "grade__submission__ticket__trainee",
        "grade__submission__ticket__item__assignment",
        "grade__submission__ticket__variant__version",
    )
    works: dict[UUID, _Work] = {}
    for line in lines.order_by("grade__graded_at", "grade_id", "position"):
        ticket = line.grade.submission.ticket
        work = works.setdefault(ticket.pk, _Work(ticket))
        work.given[Criterion(line.criterion)] = line.given
        work.expected[Criterion(line.criterion)] = line.expected
    grouped: defaultdict[tuple[UUID, UUID], list[_Work]] = defaultdict(list)
    for work in works.values():
        ticket = work.ticket
        grouped[ticket.item.assignment.cohort_id, ticket.variant.version.scenario_id].append(work)
    return grouped


def _is_other(other: _Work, work: _Work) -> bool:
    """Somebody else's, with other evidence."""
    return (
        other.ticket.trainee_id != work.ticket.trainee_id
        and other.ticket.variant_id != work.ticket.variant_id
    )


def _foreign(work: _Work, others: list[_Work]) -> ForeignTruth | None:
    """The evidence is asked only where there is something to find: that is seldom."""
    truths = [other.expected for other in others]
    if find_foreign(work.given, work.expected, frozenset(), truths) is None:
        return None
    own = frozenset(_own_values(work.ticket))
    found = find_foreign(work.given, work.expected, own, truths)
    return None if found is None else _told(work, others[found.other], found)


def _told(work: _Work, other: _Work, found: Foreign) -> ForeignTruth:
    fields = tuple((LABELS[criterion], work.given[criterion]) for criterion in found.criteria)
    return ForeignTruth(work.ticket, other.ticket, fields, found.chance)


def _own_values(ticket: Ticket) -> Iterator[str]:
    """Every address and port of the ticket's own records and of its alert."""
    records = EvidenceRecord.objects.filter(bundle=ticket.variant.bundle_id).order_by()
    for name in ("src_ip", "dst_ip", "src_port", "dst_port"):
        yield from (str(value) for value in records.values_list(name, flat=True).distinct())
    variant = ticket.variant
    yield from (variant.alert_src_ip, variant.alert_dst_ip)
    yield from (str(variant.alert_src_port), str(variant.alert_dst_port))
