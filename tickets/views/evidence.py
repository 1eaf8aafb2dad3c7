"""One record of a ticket's evidence, and its files. What the address of a desk asks of the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from tickets.models import EvidenceRecord, Ticket
from tickets.reports.desk import read_seen
from tickets.reports.evidence import read_evidence_page
from tickets.reports.files import content_type, download_name, find_file
from tickets.reports.prevalence import read_prevalence
from tickets.reports.rows import find_records, first_packet_ns, row_of
from tickets.reports.selection import CONTEXT, TABLE, Wanted
from tickets.reports.similar import find_similar
from tickets.views.guards import can_write, find_readable_ticket, signed_in_user
from tickets.views.htmx import is_htmx


@require_GET
@login_required
def record(request: HttpRequest, ticket_id: UUID, record_id: UUID) -> HttpResponse:
    """One record opened: a table row for htmx, else the desk with that row open."""
    user, now = signed_in_user(request), timezone.now()
    ticket = find_readable_ticket(user, ticket_id, now)
    records = EvidenceRecord.objects.select_related("file").defer("file__data")
    found = get_object_or_404(records, pk=record_id, bundle=ticket.variant.bundle_id)
    row = row_of(found, ticket.variant, first_ns=first_packet_ns(ticket.variant))
    if not is_htmx(request):
        query = QueryDict(mutable=True)
        query.update({"record": row.place, "open": str(found.pk)})
        return redirect(f"{reverse('desk', args=[ticket.pk])}?{query.urlencode()}#here")
    context = {"ticket": ticket, "row": row, "can_write": can_write(user, ticket, now)}
    return render(request, "tickets/evidence.html#opened", context)


@require_GET
@login_required
def evidence_file(request: HttpRequest, ticket_id: UUID, file_id: UUID) -> HttpResponse:
    """The file's very bytes, to be saved. It holds what strangers wrote, so no browser may show it as a page."""
    ticket = find_readable_ticket(signed_in_user(request), ticket_id, timezone.now())
    file = find_file(ticket.variant, file_id)
    if file is None:
        raise Http404
    response = HttpResponse(bytes(file.data), content_type=content_type(file))
    response.headers["Content-Disposition"] = f'attachment; filename="{download_name(ticket, file)}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def read_shown(request: HttpRequest, ticket: Ticket, pins: Sequence[str], now: datetime) -> dict[str, object]:
    """What the evidence's template needs of the tab that the address asks for."""
    evidence = read_evidence_page(ticket.variant, read_wanted(request.GET))
    shown: dict[str, object] = {"evidence": evidence, "pins": pins, "seen": read_seen(evidence.seen_ns)}
    if evidence.timeline:
        shown["marks"] = evidence.timeline.marks(find_records(ticket.variant, pins))
    if evidence.tab == CONTEXT:
        shown["similar"] = find_similar(ticket, now)
        shown["prevalence"] = read_prevalence(ticket.variant)
    return shown


def read_wanted(query: QueryDict) -> Wanted:
    """What the address asks of the evidence; nonsense asks for the first page."""
    opened = query.get("open", "")
    try:
        record_id = UUID(opened) if opened else None
    except ValueError:
        record_id = None
    return Wanted(
        tab=query.get("tab", ""),
        view=query.get("view", TABLE),
        page=_number(query.get("page", "")) or 1,
        query=query.get("q", "").replace("\0", ""),
        conversation=query.get("conversation", "").replace("\0", ""),
        opened=record_id,
        place=query.get("record", "").replace("\0", ""),
        around_s=_number(query.get("around", "")),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
