"""The trainee's word on which record decides."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from tickets.actions.picks import PickError, pick_record
from tickets.views.grades import render_grade
from tickets.views.guards import find_own_ticket, signed_in_user


@require_POST
@login_required
def pick(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """`place` names the record; `show` asks to be shown instead."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_own_ticket(user, ticket_id, now)
    if not hasattr(ticket, "submission"):
        raise Http404
    place = "" if request.POST.get("show") else request.POST.get("place", "")
    if not place and not request.POST.get("show"):
        told = gettext("Choose one record, or ask to be shown.")
        return render_grade(request, ticket, now, failures={"pick": told}, status=422)
    try:
        pick_record(ticket.submission, place, user, now)
    except PickError as error:
        return render_grade(request, ticket, now, failures={"pick": str(error)}, status=422)
    return redirect(f"{redirect('grade', ticket.pk).url}#which")
