"""The desk, and the desk's evidence."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from tickets.actions.notices import mark_exclusion_read
from tickets.actions.worksheets import open_ticket
from tickets.forms.worksheets import Sheet, problems_of
from tickets.methodology import STEPS
from tickets.models import EvidenceRecord, Ticket, User
from tickets.reports.desk import find_neighbours, read_claim
from tickets.reports.evidence import Wanted, find_records, first_packet_ns, read_evidence_page, row_of
from tickets.reports.hints import read_hints
from tickets.reports.queue import read_row
from tickets.reports.worksheet_checks import read_text_checks
from tickets.views.guards import find_readable_ticket, is_own, signed_in_user
from tickets.views.htmx import asks_for, is_htmx


@require_GET
@login_required
def desk(request: HttpRequest, ticket_id: UUID) -> HttpResponse:
    """The ticket with its evidence and worksheet; htmx asks for the evidence alone."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_readable_ticket(user, ticket_id, now)
    if asks_for(request, "records", "record-rows", "more"):
        context = {"ticket": ticket, "evidence": read_evidence_page(ticket.variant, read_wanted(request.GET))}
        context["can_write"] = can_write(user, ticket, now)
        context["pins"] = _stored_pins(ticket)
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
    evidence = read_evidence_page(ticket.variant, read_wanted(request.GET))
    pins = [str(pin) for pin in _list(answers.get("evidence"))]
    context = {
        "ticket": ticket,
        "row": read_row(ticket, now),
        "steps": STEPS,
        "evidence": evidence,
        "can_write": writes,
        "hints": read_hints(ticket, now, can_take=writes),
        "is_own": is_own(user, ticket),
        "draft": draft,
        "sheet": Sheet(
            answers,
            version=draft.version if draft else 0,
            problems=problems if problems is not None else problems_of(answers),
            profile=ticket.item.assignment.cohort.profile,
        ),
        "checks": read_text_checks(ticket, answers),
        "claim": read_claim(answers, ticket.variant),
        "pins": pins,
        "pinned": [row_of(record, ticket.variant) for record in find_records(ticket.variant, pins)],
        "neighbours": find_neighbours(user, ticket, now),
        "key": uuid.uuid4(),
        "failure": failure,
    }
    return render(request, "tickets/desk.html", context, status=status)


@require_GET
@login_required
def record(request: HttpRequest, ticket_id: UUID, record_id: UUID) -> HttpResponse:
    """One record opened: a table row for htmx, else the desk with that row open."""
    ticket = find_readable_ticket(signed_in_user(request), ticket_id, timezone.now())
    records = EvidenceRecord.objects.select_related("file").defer("file__data")
    found = get_object_or_404(records, pk=record_id, bundle=ticket.variant.bundle_id)
    row = row_of(found, ticket.variant, first_ns=first_packet_ns(ticket.variant))
    if not is_htmx(request):
        query = QueryDict(mutable=True)
        query.update({"record": row.place, "open": str(found.pk)})
        return redirect(f"{ticket_url(ticket)}?{query.urlencode()}#here")
    context = {"ticket": ticket, "row": row, "tab": request.GET.get("tab", found.kind)}
    return render(request, "tickets/evidence.html#opened", context)


def can_write(user: User, ticket: Ticket, now: datetime) -> bool:
    """May this user still change the worksheet?"""
    is_done = hasattr(ticket, "submission") or ticket.excluded_at is not None
    return not is_done and ticket.item.assignment.takes_work_at(now) and is_own(user, ticket)


def read_wanted(query: QueryDict) -> Wanted:
    """What the address asks of the evidence; nonsense asks for the first page."""
    page, opened = query.get("page", ""), query.get("open", "")
    try:
        record_id = UUID(opened) if opened else None
    except ValueError:
        record_id = None
    return Wanted(
        tab=query.get("tab", ""),
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        query=query.get("q", "").replace("\0", ""),
        opened=record_id,
        place=query.get("record", "").replace("\0", ""),
    )


def ticket_url(ticket: Ticket) -> str:
    return redirect("desk", ticket.pk).url


def _written(ticket: Ticket) -> dict[str, object]:
    """What was submitted, else the draft, else nothing."""
    submission = getattr(ticket, "submission", None)
    if submission is not None:
        return dict(submission.answers)
    draft = getattr(ticket, "worksheet", None)
    return draft.answers() if draft else {}


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
