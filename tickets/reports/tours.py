"""The guide as a page shows it: the stop it stands at, and whether home offers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tickets.models import Assignment, Ticket, Tour, User
from tickets.tours import STOP_NAMES, STOPS, Stop


@dataclass(frozen=True, slots=True)
class ShownStop:
    """A stop, its number from 1, and the names of those before and after it, "" where there is none."""

    stop: Stop
    number: int

    @property
    def count(self) -> int:
        return len(STOPS)

    @property
    def previous(self) -> str:
        return STOP_NAMES[self.number - 2] if self.number > 1 else ""

    @property
    def next(self) -> str:
        return STOP_NAMES[self.number] if self.number < self.count else ""


@dataclass(frozen=True, slots=True)
class Offer:
    """The guide as home offers it: to start, or to go on with, `at` the stop where it waits beside its ticket."""

    at: ShownStop | None = None
    ticket_id: UUID | None = None


def running_tour(ticket: Ticket) -> Tour | None:
    """The guide through this ticket, unless it was not taken or has ended."""
    tour: Tour | None = getattr(ticket, "tour", None)
    return tour if tour is not None and tour.ended_at is None else None


def read_stop(ticket: Ticket) -> ShownStop | None:
    """The stop to show beside this ticket, if any."""
    tour = running_tour(ticket)
    return show_stop(tour) if tour is not None else None


def show_stop(tour: Tour) -> ShownStop:
    number = STOP_NAMES.index(tour.stop) + 1
    return ShownStop(STOPS[number - 1], number)


def read_offer(user: User, now: datetime) -> Offer | None:
    """To a trainee who has submitted nothing yet (the caller knows): a guided first ticket that can be started, or goes
    on. Nothing to somebody who has left the guide, or whose guided ticket turned out to be broken."""
    if not Assignment.objects.guided_for(user, now).exists():
        return None
    guided = Ticket.objects.worked_by(user).filter(item__assignment__is_guided=True)
    begun = Tour.objects.filter(ticket__in=guided).select_related("ticket").order_by("-started_at").first()
    if begun is None:
        return Offer()
    is_over = begun.ended_at is not None or begun.ticket.excluded_at is not None
    return None if is_over else Offer(show_stop(begun), begun.ticket_id)
