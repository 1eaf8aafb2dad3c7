"""Regradings: asked for, looked through, approved or given up by who teaches the classes concerned."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tickets.actions.regradings import (
    RegradingError,
    abandon_regrading,
    approve_regrading,
    draft_for_broken,
    draft_for_engine,
    draft_for_erratum,
)
from tickets.forms.marks import ApprovalForm, RegradingForm
from tickets.models import Regrading, RegradingLine, Ticket, User
from tickets.reports.errata import read_corrections
from tickets.reports.regradings import PAGE, read_changes, read_choices, read_regrading, with_criteria
from tickets.views.guards import require_instructor, signed_in_user


@require_http_methods(["GET", "POST"])
@login_required
def regradings(request: HttpRequest) -> HttpResponse:
    """The form of a new one; a POST makes it and goes to it."""
    require_instructor(request)
    user = signed_in_user(request)
    if request.method == "GET":
        return _render_form(request)
    form = RegradingForm(request.POST)
    if not form.is_valid():
        return _render_form(request, failure=str(next(iter(form.errors.values()))[0]))
    try:
        regrading = _draft(form, user)
    except RegradingError as error:
        return _render_form(request, failure=str(error))
    return redirect("regrading", regrading.pk)


def _draft(form: RegradingForm, user: User) -> Regrading:
    said = form.cleaned_data
    choices = read_choices(user)
    if said["cause"] == Regrading.Cause.ENGINE:
        scenario = next((each for each in choices.scenarios if each.pk == said["scenario"]), None)
        if said["scenario"] and scenario is None:
            raise RegradingError(gettext("Choose a scenario from the list."))
        return draft_for_engine(scenario, said["reason"], user)
    if said["cause"] == Regrading.Cause.ERRATUM:
        erratum = next((each for each in choices.errata if each.pk == said["erratum"]), None)
        if erratum is None:
            raise RegradingError(gettext("Choose the version whose key counts."))
        return draft_for_erratum(erratum, said["reason"], user)
    ticket = Ticket.objects.taught_by(user).filter(code=said["ticket"].strip().upper()).first()
    if ticket is None:
        raise RegradingError(
            gettext("Name a ticket of your classes whose evidence is broken, such as T-7K2QX9.")
        )
    return draft_for_broken(ticket.variant, said["remedy"], said["reason"], user)


def _render_form(request: HttpRequest, *, failure: str = "") -> HttpResponse:
    user = signed_in_user(request)
    context = {
        "choices": read_choices(user),
        "remedies": Regrading.Remedy.choices,
        "typed": request.POST if request.method == "POST" else request.GET,
        "failure": failure,
    }
    return render(request, "marks/new_regrading.html", context, status=422 if failure else 200)


@require_GET
@login_required
def regrading(request: HttpRequest, regrading_id: UUID) -> HttpResponse:
    """What would change, or did. `?change=` narrows the tickets to one kind."""
    return _render(request, _find(request, regrading_id))


@require_POST
@login_required
def approval(request: HttpRequest, regrading_id: UUID) -> HttpResponse:
    found = _find(request, regrading_id)
    form = ApprovalForm(request.POST)
    may_fall = form.is_valid() and form.cleaned_data["marks_may_fall"]
    try:
        approve_regrading(found, signed_in_user(request), marks_may_fall=may_fall)
    except RegradingError as error:
        found.refresh_from_db()
        return _render(request, found, failure=str(error))
    return redirect("regrading", found.pk)


@require_POST
@login_required
def abandonment(request: HttpRequest, regrading_id: UUID) -> HttpResponse:
    found = _find(request, regrading_id)
    try:
        abandon_regrading(found, signed_in_user(request))
    except RegradingError as error:
        return _render(request, found, failure=str(error))
    return redirect("regrading", found.pk)


def _find(request: HttpRequest, regrading_id: UUID) -> Regrading:
    require_instructor(request)
    mine = Regrading.objects.open_to(signed_in_user(request))
    return get_object_or_404(
        mine.select_related("scenario", "erratum", "variant", "requested_by", "approved_by"), pk=regrading_id
    )


def _render(request: HttpRequest, found: Regrading, *, failure: str = "") -> HttpResponse:
    change = request.GET.get("change", "")
    if change not in RegradingLine.Change.values:
        change = ""
    page = Paginator(read_changes(found, change), PAGE).get_page(request.GET.get("page"))
    context = {
        "report": read_regrading(found),
        "corrections": read_corrections(found),
        "regrading": found,
        "scenario_title": found.scenario.title if found.scenario else "",
        "changes": with_criteria(list(page.object_list)),
        "page": page,
        "change": change,
        "is_working": found.state in (Regrading.State.DRAFTED, Regrading.State.APPROVED),
        "failure": failure,
    }
    is_poll = request.headers.get("HX-Target") == "regrading"
    template = "marks/regrading.html"
    return render(
        request, f"{template}#regrading" if is_poll else template, context, status=409 if failure else 200
    )
