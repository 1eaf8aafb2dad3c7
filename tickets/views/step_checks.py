"""Checking one step of a coached ticket, from its desk."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from tickets.actions.step_checks import StepCheckError, check_step
from tickets.views.ended_sessions import login_keeps_text
from tickets.views.guards import find_own_ticket, signed_in_user
from tickets.views.htmx import wants_json
from tickets.views.tickets import render_desk
from tickets.views.worksheets import save_posted


@require_POST
@login_keeps_text
def checks(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Save the worksheet that was posted, check its `step`, and go back to that step on the desk."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_own_ticket(user, ticket_id, now)
    if (refused := save_posted(request, ticket, now)) is not None:
        return refused
    try:
        check = check_step(ticket, request.POST.get("step", ""), now)
    except StepCheckError as error:
        if wants_json(request):
            return JsonResponse({"error": str(error)}, status=409)
        stored = find_own_ticket(user, ticket_id, now)
        return render_desk(request, stored, now, failure=str(error), status=409)
    if wants_json(request):
        return JsonResponse({"step": check.step, **check.feedback}, status=201)
    number = check.number
    return redirect(f"{redirect('desk', ticket.pk).url}?step={number}#step-{number}")
