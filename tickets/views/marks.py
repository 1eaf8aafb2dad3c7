"""Questions about marks and marks set by hand: asked and read on the result page, answered by who teaches the class."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from tickets.actions.appeals import AppealError, answer_appeal, ask_about
from tickets.actions.overrides import OverrideError, override_mark
from tickets.forms.marks import AnswerForm, AppealForm, OverrideForm
from tickets.models import Appeal, Ticket
from tickets.reports.foreign import foreign_among_taught
from tickets.reports.marks import stale_overrides, waiting_appeals
from tickets.reports.regradings import read_regradings
from tickets.views.grades import render_grade
from tickets.views.guards import find_own_ticket, require_instructor, signed_in_user


@require_GET
@login_required
def marks(request: HttpRequest) -> HttpResponse:
    """What waits for an instructor: questions, marks set by hand that turned stale, regradings."""
    require_instructor(request)
    return _render_marks(request)


def _render_marks(request: HttpRequest, *, failed: Appeal | None = None, failure: str = "") -> HttpResponse:
    user = signed_in_user(request)
    context = {
        "appeals": waiting_appeals(user),
        "stale": stale_overrides(user),
        "regradings": read_regradings(user),
        "foreign": foreign_among_taught(user),
        "failed": failed,
        "failure": failure,
        "typed": request.POST,
    }
    return render(request, "marks/marks.html", context, status=422 if failure else 200)


@require_POST
@login_required
def appeals(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Question one mark of one's own."""
    user, now = signed_in_user(request), timezone.now()
    ticket = _graded(find_own_ticket(user, ticket_id, now))
    form = AppealForm(request.POST)
    if not form.is_valid():
        told = str(next(iter(form.errors.values()))[0])
        return render_grade(request, ticket, now, failures={"question": told}, status=422)
    try:
        ask_about(ticket.submission, form.cleaned_data["criterion"], form.cleaned_data["text"], user, now)
    except AppealError as error:
        return render_grade(request, ticket, now, failures={"question": str(error)}, status=422)
    return redirect(f"{redirect('grade', ticket.pk).url}#questions")


@require_POST
@login_required
def answer(request: HttpRequest, appeal_id: UUID) -> HttpResponse:
    """Answer a question of a trainee whom one teaches."""
    require_instructor(request)
    user = signed_in_user(request)
    appeal = get_object_or_404(Appeal.objects.taught_by(user), pk=appeal_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _render_marks(request, failed=appeal, failure=form.first_error())
    try:
        answer_appeal(appeal, form.cleaned_data["text"], form.set_points, user)
    except AppealError as error:
        return _render_marks(request, failed=appeal, failure=str(error))
    messages.success(
        request, gettext("%(trainee)s has your answer.") % {"trainee": appeal.submission.ticket.trainee}
    )
    return redirect("marks")


@require_POST
@login_required
def overrides(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Set a mark of a trainee whom one teaches, or take back what was set."""
    require_instructor(request)
    user, now = signed_in_user(request), timezone.now()
    ticket = _graded(get_object_or_404(Ticket.objects.taught_by(user).with_story(), pk=ticket_id))
    form = OverrideForm(request.POST)
    if not form.is_valid():
        return render_grade(request, ticket, now, failures={"override": form.first_error()}, status=422)
    points = None if form.cleaned_data["take_back"] else form.cleaned_data["points"]
    try:
        override_mark(
            ticket.submission, form.cleaned_data["criterion"], points, form.cleaned_data["reason"], user
        )
    except OverrideError as error:
        return render_grade(request, ticket, now, failures={"override": str(error)}, status=422)
    return redirect(f"{redirect('grade', ticket.pk).url}#overrides")


def _graded(ticket: Ticket) -> Ticket:
    if not hasattr(ticket, "submission"):
        raise Http404
    return ticket
