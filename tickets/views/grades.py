"""The grade: waited for, withheld until its reveal, then shown as a lesson."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tickets.actions.notices import mark_exclusion_read, mark_read
from tickets.forms.worksheets import choices_for
from tickets.methodology import STEPS
from tickets.models import Grade, Ticket, User
from tickets.reports.contrast import find_contrasts
from tickets.reports.desk import find_neighbours
from tickets.reports.foreign import foreign_of
from tickets.reports.grades import current_grade, has_given_up, read_result, result_to_plain
from tickets.reports.lessons import Asked, read_asked, read_choices, read_model, read_path, read_proof
from tickets.reports.marks import counted_grade, read_marking
from tickets.reports.rubric import read_judged
from tickets.reports.step_times import read_step_times
from tickets.reports.tours import running_tour
from tickets.views.evidence import read_wanted
from tickets.views.guards import find_readable_ticket, is_own, may_see_result, signed_in_user

# How long the page waits before it asks again, in ms. A grade usually takes a fraction of a second.
WAITS_MS = (120, 150, 250, 400, 700, 1000, 1500, 2000, 3000, 5000)


@require_GET
@login_required
def grade(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """The result, or why there is none yet. The waiting page asks for itself again with `?asked=`."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_readable_ticket(user, ticket_id, now)
    if not hasattr(ticket, "submission"):
        return redirect("desk", ticket.pk)
    return render_grade(request, ticket, now)


@require_GET
@login_required
def earlier_grade(request: HttpRequest, ticket_id: UUID, grade_id: UUID) -> HttpResponse:
    """A run that once counted, as it was; 404 until results may be shown, as if there were none."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_readable_ticket(user, ticket_id, now)
    found = counted_grade(ticket, grade_id)
    if found is None or not may_see_result(user, ticket, now):
        raise Http404
    return _answer(request, "tickets/result.html", _result(request, ticket, found, now))


def render_grade(
    request: HttpRequest,
    ticket: Ticket,
    now: datetime,
    *,
    failures: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The result page as this user may see it. `failures` say why a question or an override was not taken."""
    user = signed_in_user(request)
    found = current_grade(ticket.submission)
    if found is None:
        return _wait(request, ticket, _head(user, ticket))
    if not may_see_result(user, ticket, now):
        mark_exclusion_read(ticket)
        return _answer(request, "tickets/withheld.html", _head(user, ticket), status)
    context = _result(request, ticket, found, now) | {"failures": failures or {}, "typed": request.POST}
    if is_own(user, ticket):
        mark_read(ticket)
    return _answer(request, "tickets/result.html", context, status)


def _head(user: User, ticket: Ticket) -> dict[str, object]:
    return {"ticket": ticket, "submission": ticket.submission, "is_own": is_own(user, ticket)}


def _result(request: HttpRequest, ticket: Ticket, found: Grade, now: datetime) -> dict[str, object]:
    user = signed_in_user(request)
    choices = choices_for(ticket.item.assignment.cohort.profile)
    return {
        **_head(user, ticket),
        **_lesson(request, ticket, found),
        "is_guided": is_own(user, ticket) and running_tour(ticket) is not None,
        "marking": read_marking(ticket, found),
        "judged": read_judged(ticket.submission, found),
        "step_times": read_step_times(ticket) if is_own(user, ticket) else None,
        "contrasts": find_contrasts(found, now),
        "steps": [(step, str(ticket.submission.answers.get(step.name) or "")) for step in STEPS],
        "labels": {name: {c.value: c.label for c in offered} for name, offered in choices.items()},
        "neighbours": find_neighbours(user, ticket, now),
    }


def _lesson(request: HttpRequest, ticket: Ticket, found: Grade) -> dict[str, object]:
    """The reasons, the worked path and the model worksheet, or the question that a trainee answers before them."""
    user = signed_in_user(request)
    counts = found if found.is_current else current_grade(ticket.submission) or found
    asked = read_asked(ticket.submission, counts)
    is_waiting = _is_waiting(user, ticket, asked)
    proof = read_proof(found, asked.claim) if asked is not None and not is_waiting else None
    result = read_result(found, ticket.variant, is_open=not is_waiting, proof=proof)
    if is_waiting:
        choices = read_choices(ticket.submission, read_wanted(request.GET)) if found.is_current else None
        return {"result": result, "asked": asked, "choices": choices}
    return {
        "result": result,
        "asked": asked,
        "foreign": None if is_own(user, ticket) else foreign_of(ticket),
        "path": read_path(found, ticket.variant),
        "model": read_model(found),
    }


def _is_waiting(user: User, ticket: Ticket, asked: Asked | None) -> bool:
    """Do the reasons wait for this trainee to name the record that decides?"""
    return asked is not None and asked.answered is None and is_own(user, ticket)


@require_GET
@login_required
def grade_json(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """The grade for other tools; 404 until it may be shown, as if there were none. The reasons open with the page's."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_readable_ticket(user, ticket_id, now)
    found = _shown_grade(user, ticket, now)
    is_waiting = _is_waiting(user, ticket, read_asked(ticket.submission, found))
    return JsonResponse(result_to_plain(found, is_open=not is_waiting))


def _shown_grade(user: User, ticket: Ticket, now: datetime) -> Grade:
    found = current_grade(ticket.submission) if hasattr(ticket, "submission") else None
    if found is None or not may_see_result(user, ticket, now):
        raise Http404
    return found


def _wait(request: HttpRequest, ticket: Ticket, context: dict[str, object]) -> HttpResponse:
    if has_given_up(ticket.submission):
        return _answer(request, "tickets/given_up.html", context)
    text = request.GET.get("asked", "")
    asked = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    context |= {"asked": asked + 1, "wait_ms": WAITS_MS[min(asked, len(WAITS_MS) - 1)]}
    return _answer(request, "tickets/waiting.html", context)


def _answer(
    request: HttpRequest, template: str, context: dict[str, object], status: int = 200
) -> HttpResponse:
    """The page, or only what htmx asks for: whether the grade has come, or other records to pick from."""
    asked_for = request.headers.get("HX-Target", "")
    if asked_for == "grade":
        template = f"{template}#grade"
    elif asked_for == "which" and "asked" in context:
        template = "tickets/pick.html"
    return render(request, template, context, status=status)
