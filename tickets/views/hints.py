"""The hints of a ticket: taken one by one on its desk."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tickets.actions.hints import HintError, take_hint
from tickets.actions.tours import may_take_tour
from tickets.models import Ticket
from tickets.reports.hints import read_hints
from tickets.views.ended_sessions import login_keeps_text
from tickets.views.guards import can_write, find_own_ticket, signed_in_user
from tickets.views.htmx import wants_json
from tickets.views.tickets import render_desk
from tickets.views.worksheets import save_posted


@require_POST
@login_keeps_text
def hints(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Take the hint of the posted `level`. A browser is sent back to the desk, htmx gets the hints, a tool JSON."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_own_ticket(user, ticket_id, now)
    is_part = "HX-Request" in request.headers
    # A page without scripts brings the worksheet along; with them it saves itself.
    if not is_part and (refused := save_posted(request, ticket, now)) is not None:
        return refused
    posted = request.POST.get("level", "")
    try:
        hint = take_hint(ticket, int(posted) if posted in ("1", "2", "3") else 0, now)
    except HintError as error:
        return _refuse(request, find_own_ticket(user, ticket_id, now), now, str(error))
    if wants_json(request):
        return JsonResponse({"level": hint.level, "text": hint.text, "percent": hint.percent}, status=201)
    if is_part:
        return _part(request, ticket, now)
    return redirect(f"{redirect('desk', ticket.pk).url}#hints")


def _refuse(request: HttpRequest, ticket: Ticket, now: datetime, failure: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": failure}, status=409)
    if "HX-Request" in request.headers:
        return _part(request, ticket, now, failure, status=409)
    return render_desk(request, ticket, now, failure=failure, status=409)


def _part(
    request: HttpRequest, ticket: Ticket, now: datetime, failure: str = "", *, status: int = 200
) -> HttpResponse:
    writes = can_write(signed_in_user(request), ticket, now)
    context = {
        "ticket": ticket,
        "hints": read_hints(ticket, now, can_take=writes),
        "can_write": writes,
        "may_take_tour": writes and may_take_tour(ticket),
        "hint_failure": failure,
        "is_open": True,
    }
    return render(request, "tickets/hints.html", context, status=status)
