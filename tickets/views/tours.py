"""The guide through a ticket: started from the home page, moved and left on the desk."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tickets.actions.tours import TourError, end_tour, move_tour, start_guided_ticket, take_tour
from tickets.models import Ticket
from tickets.reports.tours import show_stop
from tickets.views.guards import can_write, find_own_ticket, signed_in_user
from tickets.views.htmx import is_htmx
from tickets.views.worksheets import save_posted


@require_POST
@login_required
def guided_ticket(request: HttpRequest) -> HttpResponse:
    """Hand out the guided first ticket, and go to its desk; 404 where the trainee's class has none. Where no evidence is left
    for one, the home page says so."""
    try:
        ticket = start_guided_ticket(signed_in_user(request), timezone.now())
    except TourError as error:
        messages.error(request, str(error))
        return redirect("home")
    if ticket is None:
        raise Http404
    return redirect("desk", ticket.pk)


@require_POST
@login_required
def tour(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Take the guide through this ticket from its beginning, or go to the posted `stop`. htmx gets the guide alone; a
    page without scripts brings the worksheet along, which is saved first."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_own_ticket(user, ticket_id, now)
    if not can_write(user, ticket, now):
        return redirect("desk", ticket.pk)
    if not is_htmx(request) and (refused := save_posted(request, ticket, now)) is not None:
        return refused
    stop = request.POST.get("stop", "")
    try:
        taken = move_tour(ticket, stop, now) if stop else take_tour(ticket, now)
    except TourError as error:
        raise Http404 from error
    if is_htmx(request):
        return render(request, "tours/moved.html", {"ticket": ticket, "tour": show_stop(taken)})
    return _desk(request, ticket, "#guide")


@require_POST
@login_required
def end(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Leave the guide and stay on the desk, or go on from the result to the queue."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_own_ticket(user, ticket_id, now)
    if can_write(user, ticket, now) and (refused := save_posted(request, ticket, now)) is not None:
        return refused
    end_tour(ticket, now)
    return redirect("queue") if hasattr(ticket, "submission") else _desk(request, ticket)


def _desk(request: HttpRequest, ticket: Ticket, place: str = "") -> HttpResponse:
    """The desk with the evidence that the page showed; the guide says which step stands open."""
    shown = request.GET.copy()
    shown.pop("step", None)
    where = shown.urlencode()
    return redirect(reverse("desk", args=[ticket.pk]) + (f"?{where}" if where else "") + place)
