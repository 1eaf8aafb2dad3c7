"""How much help a class took: of the tickets that were submitted where there is help, how far into the hints each went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, QuerySet
from django.utils.translation import gettext

from tickets.models import Policy, Ticket

LEVELS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One scenario, or all of them: submitted tickets by the last hint that was taken, and those with a step checked."""

    title: str
    tickets: int
    none: int
    by_level: tuple[int, ...]
    checked: int


def read_help_use(tickets: QuerySet[Ticket]) -> tuple[HelpRow, ...]:
    """All scenarios together, then each by its title. Assessments have no help and stay out; nothing at all where no ticket is left."""
    rows = [
        (ticket.item.version.title, ticket.last or 0, bool(ticket.checks))
        for ticket in tickets.exclude(submission=None)
        .annotate(last=Max("hints_taken__level"), checks=Count("step_checks", distinct=True))
        .order_by("item__version__title", "pk")
        if ticket.item.assignment.policy is not Policy.ASSESSMENT
    ]
    titles = dict.fromkeys(title for title, _, _ in rows)
    each = [_row(title, [(last, checked) for t, last, checked in rows if t == title]) for title in titles]
    return (
        (_row(gettext("All scenarios"), [(last, checked) for _, last, checked in rows]), *each)
        if rows
        else ()
    )


def _row(title: str, used: Iterable[tuple[int, bool]]) -> HelpRow:
    used = list(used)
    return HelpRow(
        title=title,
        tickets=len(used),
        none=sum(last == 0 for last, _ in used),
        by_level=tuple(sum(last == level for last, _ in used) for level in LEVELS),
        checked=sum(checked for _, checked in used),
    )
