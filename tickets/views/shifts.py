"""Shifts: planned, started, watched while they run, read afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tickets.actions.shifts import ShiftError, abandon_shift, end_shift, plan_shift, start_shift
from tickets.forms.shifts import ShiftForm
from tickets.models import Shift, User
from tickets.reports.shifts import (
    find_trainee,
    read_class_report,
    read_earlier,
    read_plan,
    read_report,
    read_work,
)
from tickets.views.guards import require_instructor, signed_in_user

# How many earlier shifts the list shows.
EARLIER = 50


@require_http_methods(["GET", "POST"])
@login_required
def shifts(request: HttpRequest) -> HttpResponse:
    """One's shifts, and the form for a new one; a POST plans it."""
    user, now = signed_in_user(request), timezone.now()
    form = ShiftForm(user, request.POST if request.method == "POST" else None)
    failure = ""
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("shift", _plan(user, form, now).pk)
        except ShiftError as error:
            failure = str(error)
    mine = list(_readable(user).select_related("cohort", "trainee").order_by("-planned_at")[:EARLIER])
    context = {
        "form": form,
        "failure": failure,
        "current": [
            shift for shift in mine if shift.state == Shift.State.PLANNED or shift.is_running_at(now)
        ],
        "earlier": read_earlier([shift for shift in mine if shift.is_over_at(now)]),
    }
    return render(request, "shifts/shifts.html", context, status=422 if failure or form.errors else 200)


def _plan(user: User, form: ShiftForm, now: datetime) -> Shift:
    asked = form.cleaned_data
    if asked["cohort"] is None:
        raise ShiftError(gettext("You belong to no cohort yet. Your instructor enrols you in one."))
    return plan_shift(
        asked["cohort"],
        user,
        form.versions(),
        minutes=asked["minutes"],
        speed=asked["speed"],
        tickets_each=asked["tickets_each"],
        mix=asked["mix"],
        trainee=None if user.is_instructor else user,
        now=now,
    )


@require_GET
@login_required
def shift(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """A shift at its stage: planned, running, or over. A page that watches it asks again with `?seen=`."""
    user, now = signed_in_user(request), timezone.now()
    found = find_shift(user, shift_id)
    target = request.headers.get("HX-Target")
    if target == "shift-strip":
        return _strip(request, found, user, now)
    if target == "shift-waiting":
        has_changed = found.state != Shift.State.PLANNED
        return HttpResponse(status=204, headers={"HX-Refresh": "true"} if has_changed else None)
    return render_shift(request, found, now)


def render_shift(request: HttpRequest, found: Shift, now: datetime, *, failure: str = "") -> HttpResponse:
    """The page of a shift at its stage. `failure` says why something was not done."""
    response = _page(request, found, now, failure)
    if failure:
        response.status_code = 409
    return response


def _page(request: HttpRequest, found: Shift, now: datetime, failure: str) -> HttpResponse:
    user = signed_in_user(request)
    may_direct = _directed(user).filter(pk=found.pk).exists()
    context: dict[str, object] = {"shift": found, "may_direct": may_direct, "failure": failure}
    if found.state in (Shift.State.PLANNED, Shift.State.ABANDONED):
        return render(request, "shifts/planned.html", context | {"plan": read_plan(found)})
    if user.is_instructor:
        return _class_page(request, found, now, context)
    if found.is_running_at(now):
        return _work_page(request, found, user, context)
    if request.headers.get("HX-Target") == "shift-work":
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "shifts/report.html", context | _report(found, user, now))


@require_GET
@login_required
def trainee(request: HttpRequest, shift_id: UUID, trainee_id: UUID) -> HttpResponse:
    """One trainee's shift, for who teaches the cohort; while it runs too."""
    require_instructor(request)
    found = get_object_or_404(_taught(signed_in_user(request)), pk=shift_id, started_at__isnull=False)
    person = find_trainee(found, trainee_id)
    if person is None:
        raise Http404
    report = read_report(found, person, with_results=True)
    context = {"shift": found, "report": report, "with_results": True, "is_own": False}
    return render(
        request, "shifts/report.html", context | {"is_running": found.is_running_at(timezone.now())}
    )


@require_POST
@login_required
def start(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    return _direct(request, shift_id, lambda shift, user: start_shift(shift, user, timezone.now()))


@require_POST
@login_required
def end(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    return _direct(request, shift_id, lambda shift, user: end_shift(shift, user, timezone.now()))


@require_POST
@login_required
def abandonment(request: HttpRequest, shift_id: UUID) -> HttpResponse:
    """Give up a shift that has not begun."""
    user = signed_in_user(request)
    found = get_object_or_404(_directed(user), pk=shift_id)
    try:
        abandon_shift(found, user)
    except ShiftError as error:
        return render_shift(request, find_shift(user, shift_id), timezone.now(), failure=str(error))
    return redirect("shifts")


def _direct(request: HttpRequest, shift_id: UUID, act: Callable[[Shift, User], None]) -> HttpResponse:
    user = signed_in_user(request)
    found = get_object_or_404(_directed(user), pk=shift_id)
    try:
        act(found, user)
    except ShiftError as error:
        return render_shift(request, find_shift(user, shift_id), timezone.now(), failure=str(error))
    return redirect("shift", found.pk)


# -- Whose ---------------------------------------------------------------------------------------


def find_shift(user: User, shift_id: UUID) -> Shift:
    return get_object_or_404(_readable(user).select_related("cohort", "trainee", "assignment"), pk=shift_id)


def _readable(user: User) -> QuerySet[Shift]:
    """A shift that one works, or that runs in a cohort that one teaches."""
    return _taught(user) if user.is_instructor else Shift.objects.worked_by(user)


def _taught(user: User) -> QuerySet[Shift]:
    return Shift.objects.taught_by(user).select_related("cohort", "trainee", "assignment")


def _directed(user: User) -> QuerySet[Shift]:
    """Shifts that this user starts and ends: one's own, or those of a cohort that one teaches."""
    if user.is_instructor:
        return Shift.objects.taught_by(user).filter(trainee=None)
    return Shift.objects.filter(trainee=user)


# -- Pages ---------------------------------------------------------------------------------------


def _work_page(request: HttpRequest, found: Shift, user: User, context: dict[str, object]) -> HttpResponse:
    """The queue of a running shift. A page that shows all there is gets no new one."""
    work, seen = read_work(found, user), request.GET.get("seen", "")
    is_poll = request.headers.get("HX-Target") == "shift-work"
    if is_poll and seen == work.stamp:
        return HttpResponse(status=204)
    context |= {"work": work, "fresh": work.newer_than(seen) if is_poll else ()}
    response = render(request, "shifts/work.html#polled" if is_poll else "shifts/work.html", context)
    patch_vary_headers(response, ("HX-Target",))
    return response


def _strip(request: HttpRequest, found: Shift, user: User, now: datetime) -> HttpResponse:
    """The line on a ticket's desk that tells of the shift around it."""
    context = {"shift": found, "is_running": found.is_running_at(now), "work": None}
    if found.started_at is not None:
        context["work"] = read_work(found, user)
    return render(request, "shifts/strip.html", context)


def _class_page(
    request: HttpRequest, found: Shift, now: datetime, context: dict[str, object]
) -> HttpResponse:
    context |= {"report": read_class_report(found), "is_running": found.is_running_at(now)}
    is_poll = request.headers.get("HX-Target") == "shift-class"
    response = render(request, "shifts/class.html#polled" if is_poll else "shifts/class.html", context)
    patch_vary_headers(response, ("HX-Target",))
    return response


def _report(found: Shift, user: User, now: datetime) -> dict[str, object]:
    assert found.assignment is not None  # a shift that ran has one
    with_results = found.assignment.reveals_at(now)
    report = read_report(found, user, with_results=with_results)
    return {"report": report, "with_results": with_results, "is_own": True, "is_running": False}
