"""What a trainee was told of a ticket counts as read once the page that says it was looked at."""

from __future__ import annotations

from django.utils import timezone

from tickets.models import Notice, Ticket


def mark_read(ticket: Ticket) -> None:
    """All of it: the result was looked at."""
    Notice.objects.filter(ticket=ticket, read_at=None).update(read_at=timezone.now())


def mark_exclusion_read(ticket: Ticket) -> None:
    """That it does not count: every page of the ticket says so."""
    if ticket.excluded_at is not None:
        told = Notice.objects.filter(ticket=ticket, kind__in=Notice.AT_ONCE, read_at=None)
        told.update(read_at=timezone.now())
