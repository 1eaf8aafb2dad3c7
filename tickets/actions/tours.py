"""The guide through a ticket: started, moved from stop to stop, ended."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from tickets.actions.assignments import give_guided_tickets
from tickets.models import Assignment, Policy, Ticket, Tour, User
from tickets.tours import FIRST_STOP, STOP_NAMES


class TourError(Exception):
    """Why the guide does not go there, in one sentence."""


def start_guided_ticket(trainee: User, now: datetime) -> Ticket | None:
    """The trainee's guided first ticket with the guide running, handed out on the first call; None without one.

    A guide that was begun goes on where it stands; a ticket that was submitted is given as it is. Raises TourError where
    the class has such a ticket and no evidence is left to give.
    """
    assignment = Assignment.objects.guided_for(trainee, now).first()
    if assignment is None:
        return None
    with transaction.atomic():
        give_guided_tickets(assignment, trainee)
        tickets = Ticket.objects.worked_by(trainee).filter(item__assignment=assignment, excluded_at=None)
        ticket = tickets.order_by("item__position").first()
        if ticket is None:
            raise TourError(
                gettext(
                    "Just now there is no evidence left for the guided first ticket. Please tell your instructor; "
                    "every other ticket can be taken with the guide too."
                )
            )
        Tour.objects.get_or_create(ticket=ticket, defaults={"started_at": now})
    return ticket


def may_take_tour(ticket: Ticket) -> bool:
    """An assessment's tickets are worked without help. Whether the worksheet can still be written is asked apart."""
    return ticket.item.assignment.policy is not Policy.ASSESSMENT


def take_tour(ticket: Ticket, now: datetime) -> Tour:
    """Take the guide through this ticket, from its beginning. Raises TourError for a ticket of an assessment."""
    return _go(ticket, FIRST_STOP, now, started_at=now)


def move_tour(ticket: Ticket, stop: str, now: datetime) -> Tour:
    """Go to a stop, by name; the same again changes nothing. Raises TourError for one that there is not."""
    if stop not in STOP_NAMES:
        raise TourError(gettext("The guide has no such stop."))
    return _go(ticket, stop, now)


def end_tour(ticket: Ticket, now: datetime) -> None:
    """Leave the guide, or go on from its last word. One that has ended keeps its moment."""
    Tour.objects.filter(ticket=ticket, ended_at=None).update(ended_at=now)


def _go(ticket: Ticket, stop: str, now: datetime, **changed: datetime) -> Tour:
    if not may_take_tour(ticket):
        raise TourError(gettext("This ticket belongs to an assessment: it is worked without a guide."))
    tour, _ = Tour.objects.update_or_create(
        ticket=ticket,
        defaults={"stop": stop, "ended_at": None, **changed},
        create_defaults={"stop": stop, "started_at": now},
    )
    return tour
