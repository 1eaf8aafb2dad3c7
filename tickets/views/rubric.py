"""The texts of a worksheet, for who teaches the class: read, judged 0, 1 or 2, with what the machine read beside them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tickets.actions.rubric import RubricError, judge_texts
from tickets.forms.rubric import RubricForm
from tickets.models import Ticket
from tickets.reports.grades import current_grade, read_texts
from tickets.reports.rubric import own_levels, read_judged, reading_figures
from tickets.views.guards import require_instructor, signed_in_user


@require_http_methods(["GET", "POST"])
@login_required
def rubric(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Read the five texts and judge them."""
    require_instructor(request)
    user, now = signed_in_user(request), timezone.now()
    ticket = get_object_or_404(Ticket.objects.taught_by(user).with_story(), pk=ticket_id)
    grade = current_grade(ticket.submission) if hasattr(ticket, "submission") else None
    if grade is None:
        raise Http404
    failure = ""
    if request.method == "POST":
        form = RubricForm(request.POST)
        judgements = form.judgements() if form.is_valid() else {}
        failure = "" if judgements else gettext("Choose 0, 1 or 2 for at least one step.")
        if judgements:
            try:
                judge_texts(ticket.submission, judgements, user, now)
            except RubricError as error:
                failure = str(error)
            else:
                return redirect("grade", ticket.pk)
    context = {
        "ticket": ticket,
        "submission": ticket.submission,
        "judged": read_judged(ticket.submission, grade),
        "own": own_levels(ticket.submission, user),
        "texts": read_texts(grade),
        "figures": reading_figures(),
        "failure": failure,
    }
    return render(request, "tickets/rubric.html", context, status=422 if failure else 200)
