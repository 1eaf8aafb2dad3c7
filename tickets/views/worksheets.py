"""Saving and submitting a worksheet. A POST to one of these does just that."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from tickets.actions.step_times import record_step_times
from tickets.actions.worksheets import (
    AlreadySubmittedError,
    AssignmentClosedError,
    InvalidWorksheetError,
    KeyReusedError,
    WorksheetConflictError,
    WorksheetError,
    save_worksheet,
    submit_worksheet,
)
from tickets.forms.worksheets import CHOICES, NAMES, Sheet, WorksheetForm
from tickets.methodology import STEPS
from tickets.models import Ticket, Worksheet
from tickets.reports.worksheet_checks import read_text_checks
from tickets.reports.worksheet_conflicts import compare_drafts, merge_pins
from tickets.views.ended_sessions import login_keeps_text
from tickets.views.guards import find_own_ticket, signed_in_user
from tickets.views.htmx import wants_json
from tickets.views.tickets import render_desk

# A worksheet that cannot be taken as it is, and what the answer's status says of it (RFC 9110, 15.5).
STATUS = {
    WorksheetConflictError: 409,
    AlreadySubmittedError: 409,
    KeyReusedError: 409,
    AssignmentClosedError: 409,
    InvalidWorksheetError: 422,
}


@require_POST
@login_keeps_text
def worksheet(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Save the draft. A browser is sent back to the desk, htmx gets the state of the draft, a tool JSON."""
    now = timezone.now()
    ticket = find_own_ticket(signed_in_user(request), ticket_id, now)
    form = _read_form(request)
    try:
        saved = _save(ticket, form, now)
    except WorksheetError as error:
        return _refuse(request, ticket, form, error, now)
    response = _confirm(request, ticket, saved, form)
    response.headers["X-Worksheet-Version"] = str(saved.version)
    return response


def save_posted(request: HttpRequest, ticket: Ticket, now: datetime) -> HttpResponse | None:
    """Save the worksheet that came with a button for something else, so that nothing typed is lost; the answer to
    give where it was not saved. A POST without a worksheet saves none."""
    if "version" not in request.POST:
        return None
    form = _read_form(request)
    try:
        _save(ticket, form, now)
    except WorksheetError as error:
        return _refuse(request, ticket, form, error, now)
    return None


def _save(ticket: Ticket, form: WorksheetForm, now: datetime) -> Worksheet:
    saved = save_worksheet(ticket, version=_version(form), answers=form.answers(), now=now)
    record_step_times(ticket, form.seconds(), now)
    return saved


@require_POST
@login_keeps_text
def submission(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """Submit the worksheet as posted, then go and wait for the grade."""
    now = timezone.now()
    ticket = find_own_ticket(signed_in_user(request), ticket_id, now)
    form = _read_form(request)
    try:
        submit_worksheet(
            ticket,
            key=_submission_key(form, ticket),
            version=_version(form),
            answers=form.answers(),
            received_at=now,
        )
    except WorksheetError as error:
        return _refuse(request, ticket, form, error, now)
    record_step_times(ticket, form.seconds(), now)
    if wants_json(request):
        return JsonResponse({"grade": reverse("grade", args=[ticket.pk])}, status=201)
    return redirect("grade", ticket.pk)


def _read_form(request: HttpRequest) -> WorksheetForm:
    form = WorksheetForm(request.POST)
    if not form.is_valid():
        faults = " ".join(f"{name}: {errors[0]}" for name, errors in form.errors.items())
        raise BadRequest(faults)
    return form


def _version(form: WorksheetForm) -> int:
    return int(form.cleaned_data["version"])


def _submission_key(form: WorksheetForm, ticket: Ticket) -> uuid.UUID:
    """The page's own key; a tool that sends none gets one that is the same whenever it sends this version."""
    sent: uuid.UUID | None = form.cleaned_data["key"]
    return sent or uuid.uuid5(ticket.pk, f"version {_version(form)}")


# -- Answers -----------------------------------------------------------------------------------


def _confirm(request: HttpRequest, ticket: Ticket, saved: Worksheet, form: WorksheetForm) -> HttpResponse:
    if wants_json(request):
        saved_at = saved.saved_at.isoformat() if saved.saved_at else None
        return JsonResponse({"version": saved.version, "saved_at": saved_at, "problems": form.problems()})
    if "HX-Request" in request.headers:
        sheet = Sheet(saved.answers(), version=saved.version, problems=form.problems())
        checks = read_text_checks(ticket, saved.answers())
        context = {"ticket": ticket, "draft": saved, "sheet": sheet, "steps": STEPS, "checks": checks}
        return render(request, "tickets/saved.html", context)
    # Without a script a tab of the evidence is a button of this form: saved, then shown.
    where = request.GET.urlencode()
    return redirect(reverse("desk", args=[ticket.pk]) + (f"?{where}" if where else ""))


def _refuse(
    request: HttpRequest, ticket: Ticket, form: WorksheetForm, error: WorksheetError, now: datetime
) -> HttpResponse:
    """Nothing was stored: say why, and give back what was typed."""
    status = STATUS[type(error)]
    problems = error.problems if isinstance(error, InvalidWorksheetError) else {}
    if wants_json(request):
        return JsonResponse(_refusal(error, problems), status=status)
    if "HX-Request" in request.headers:
        return _refuse_part(request, ticket, form, error, problems)
    if isinstance(error, WorksheetConflictError):
        return _show_conflict(request, ticket, form, error.stored)
    if isinstance(error, AlreadySubmittedError | KeyReusedError):
        return redirect("grade", ticket.pk)
    return render_desk(
        request,
        ticket,
        now,
        answers=form.answers(),
        problems={**form.problems(), **problems},
        failure=str(error) if not problems else _name(problems),
        status=status,
    )


def _refusal(error: WorksheetError, problems: Mapping[str, str]) -> dict[str, object]:
    refusal: dict[str, object] = {"error": str(error), "problems": dict(problems)}
    if isinstance(error, WorksheetConflictError):
        refusal.update(version=error.stored.version, stored=error.stored.answers())
    return refusal


def _refuse_part(
    request: HttpRequest,
    ticket: Ticket,
    form: WorksheetForm,
    error: WorksheetError,
    problems: Mapping[str, str],
) -> HttpResponse:
    context = {
        "ticket": ticket,
        "failure": str(error) if not problems else _name(problems),
        "stored": error.stored if isinstance(error, WorksheetConflictError) else None,
        "sheet": Sheet(form.answers(), version=_version(form), problems={**form.problems(), **problems}),
    }
    return render(request, "tickets/not_saved.html", context, status=STATUS[type(error)])


def _show_conflict(
    request: HttpRequest, ticket: Ticket, form: WorksheetForm, stored: Worksheet
) -> HttpResponse:
    differing, alike = compare_drafts(form.answers(), stored.answers())
    context = {
        "ticket": ticket,
        "stored": stored,
        "differing": [(NAMES[difference.name], difference) for difference in differing],
        "alike": alike,
        "pins": merge_pins(form.answers(), stored.answers()),
        "actions": merge_pins(form.answers(), stored.answers(), "actions"),
        "action_words": {choice.value: choice.label for choice in CHOICES["actions"]},
    }
    return render(request, "tickets/conflict.html", context, status=409)


def _name(problems: Mapping[str, str]) -> str:
    """One sentence that names the fields with a problem."""
    return gettext("Please look at %(names)s.") % {
        "names": ", ".join(str(NAMES.get(name, name)) for name in problems)
    }
