"""What was done to a ticket, and its earlier drafts."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tickets.forms.worksheets import Sheet
from tickets.methodology import STEPS
from tickets.reports.history import as_posted, find_draft, read_history
from tickets.views.guards import can_write, find_readable_ticket, is_own, may_see_result, signed_in_user


@require_GET
@login_required
def history(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Who did what to this ticket, and when."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_readable_ticket(user, ticket_id, now)
    context = {
        "ticket": ticket,
        "is_own": is_own(user, ticket),
        "events": read_history(ticket, with_result=may_see_result(user, ticket, now)),
    }
    return render(request, "tickets/history.html", context)


@require_GET
@login_required
def draft_version(request: HttpRequest, ticket_id: UUID, version: int) -> HttpResponse:
    """A draft as it was. Whoever still writes may put it back in the place of today's."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_readable_ticket(user, ticket_id, now)
    kept = find_draft(ticket, version)
    if kept is None:
        raise Http404
    draft = ticket.worksheet
    context = {
        "ticket": ticket,
        "is_own": is_own(user, ticket),
        "kept": kept,
        "is_stored": draft.version == kept.version,
        "can_write": can_write(user, ticket, now),
        "stored_version": draft.version,
        "posted": as_posted(kept.answers),
        "sheet": Sheet(
            kept.answers, version=kept.version, problems={}, profile=ticket.item.assignment.cohort.profile
        ),
        "answers": kept.answers,
        "steps": STEPS,
    }
    return render(request, "tickets/draft_version.html", context)
