"""The desk: evidence and worksheet side by side."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from tickets.actions.notices import mark_exclusion_read
from tickets.actions.tours import may_take_tour
from tickets.actions.worksheets import open_ticket
from tickets.forms.worksheets import Sheet, problems_of
from tickets.methodology import STEPS
from tickets.models import Ticket, Worksheet
from tickets.reports.desk import find_neighbours, read_claim, read_rule_parts, read_truth
from tickets.reports.hints import read_hints
from tickets.reports.queue import read_row
from tickets.reports.rows import find_records, row_of
from tickets.reports.rule_tactics import read_tactics
from tickets.reports.shifts import shift_of
from tickets.reports.step_checks import read_checks
from tickets.reports.step_times import read_step_times
from tickets.reports.tours import read_stop
from tickets.reports.worksheet_checks import read_text_checks
from tickets.views.evidence import read_shown
from tickets.views.guards import can_write, find_readable_ticket, is_own, may_see_result, signed_in_user
from tickets.views.htmx import asks_for, is_htmx


@require_GET
@login_required
def desk(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """The ticket with its evidence and worksheet; htmx asks for the evidence alone."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_readable_ticket(user, ticket_id, now)
    if asks_for(request, "records", "record-rows", "more"):
        context = {
            "ticket": ticket,
            "can_write": can_write(user, ticket, now),
            **read_shown(request, ticket, _stored_pins(ticket), now),
        }
        return _render_part(
            request, "tickets/evidence.html", context, {"record-rows": "rows", "more": "more"}
        )
    if is_own(user, ticket):
        open_ticket(ticket, now)
        mark_exclusion_read(ticket)
    return render_desk(request, ticket, now)


def render_desk(
    request: HttpRequest,
    ticket: Ticket,
    now: datetime,
    *,
    answers: Mapping[str, object] | None = None,
    problems: Mapping[str, str] | None = None,
    failure: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole desk. With `answers`, those stand in the worksheet instead of the stored draft."""
    user = signed_in_user(request)
    writes = can_write(user, ticket, now)
    draft = getattr(ticket, "worksheet", None)
    answers = answers if answers is not None else _written(ticket)
    pins = [str(pin) for pin in _list(answers.get("evidence"))]
    tour = read_stop(ticket) if writes else None
    context = {
        "ticket": ticket,
        "row": read_row(ticket, now),
        "steps": STEPS,
        **read_shown(request, ticket, pins, now),
        "can_write": writes,
        "step_checks": read_checks(ticket, can_check=writes),
        "tour": tour,
        "may_take_tour": writes and may_take_tour(ticket),
        "open_step": _open_step(request, tour.stop.step if tour else 1),
        "step_times": read_step_times(ticket) if writes else None,
        "hints": read_hints(ticket, now, can_take=writes),
        "is_own": is_own(user, ticket),
        "own_shift": shift_of(ticket) if is_own(user, ticket) else None,
        "draft": draft,
        "sheet": Sheet(
            answers,
            version=draft.version if draft else 0,
            problems=problems if problems is not None else problems_of(answers),
            profile=ticket.item.assignment.cohort.profile,
        ),
        "checks": read_text_checks(ticket, answers),
        "claim": read_claim(answers, ticket.variant),
        "pinned": [row_of(record, ticket.variant) for record in find_records(ticket.variant, pins)],
        "neighbours": find_neighbours(user, ticket, now),
        "rule_parts": read_rule_parts(ticket.variant),
        "tactics": read_tactics(ticket.variant.version.rule_text),
        "truth": read_truth(ticket) if may_see_result(user, ticket, now) else None,
        "key": uuid.uuid4(),
        "failure": failure,
    }
    return render(request, "tickets/desk.html", context, status=status)


def _open_step(request: HttpRequest, usual: int) -> int:
    """The step that stands open: the one that was just checked, else the usual one; none is number 0."""
    asked = request.POST.get("step") or request.GET.get("step", "")
    return next((step.number for step in STEPS if asked in (step.name, str(step.number))), usual)


def _written(ticket: Ticket) -> dict[str, object]:
    """What was submitted, else the draft, else nothing."""
    submission = getattr(ticket, "submission", None)
    if submission is not None:
        return dict(submission.answers)
    draft = getattr(ticket, "worksheet", None)
    return (draft or Worksheet()).answers()


def _stored_pins(ticket: Ticket) -> list[str]:
    return [str(pin) for pin in _list(_written(ticket).get("evidence"))]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _render_part(
    request: HttpRequest, template: str, context: Mapping[str, object], parts: Mapping[str, str]
) -> HttpResponse:
    """The page, or the named part of it whose id htmx means to replace."""
    part = parts.get(request.headers.get("HX-Target", "")) if is_htmx(request) else None
    response = render(request, f"{template}#{part}" if part else template, dict(context))
    patch_vary_headers(response, ("HX-Target",))
    return response
