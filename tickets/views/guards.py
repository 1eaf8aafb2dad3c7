"""Who may see which ticket. What is not yours answers as what is not there: one 404, one body."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from tickets.models import Ticket, User


def signed_in_user(request: HttpRequest) -> User:
    """The user behind a request that `login_required` has let through."""
    user = request.user
    assert isinstance(user, User)
    return user


def find_own_ticket(user: User, ticket_id: UUID, now: datetime) -> Ticket:
    """A ticket that this user works, once its assignment has opened; else 404."""
    tickets = Ticket.objects.worked_by(user).open_at(now).with_story()
    return get_object_or_404(tickets.select_related("item__assignment__shift", "tour"), pk=ticket_id)


def find_readable_ticket(user: User, ticket_id: UUID, now: datetime) -> Ticket:
    """A ticket of one's own, or of a trainee in a cohort that one teaches; else 404."""
    try:
        return find_own_ticket(user, ticket_id, now)
    except Http404:
        if not user.is_instructor:
            raise
    return get_object_or_404(Ticket.objects.taught_by(user).with_story(), pk=ticket_id)


def is_own(user: User, ticket: Ticket) -> bool:
    return ticket.trainee_id == user.pk


def can_write(user: User, ticket: Ticket, now: datetime) -> bool:
    """May this user still change the worksheet?"""
    is_done = hasattr(ticket, "submission") or ticket.excluded_at is not None
    return not is_done and ticket.item.assignment.takes_work_at(now) and is_own(user, ticket)


def may_see_result(user: User, ticket: Ticket, now: datetime) -> bool:
    """A trainee once it is revealed; who teaches the cohort, always."""
    return not is_own(user, ticket) or ticket.item.assignment.reveals_at(now)


def require_instructor(request: HttpRequest) -> None:
    """What is an instructor's is not there for anybody else."""
    if not signed_in_user(request).is_instructor:
        raise Http404
