"""What stands beside the list: one ticket as its alert prints it, and what its trainee closed before that looks like it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from tickets.models import EvidenceRecord, Ticket, User
from tickets.reports.queue import QueueRow
from tickets.reports.similar import SimilarTicket, find_closed_alike

MOST_SIMILAR = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """`evidence` counts records by kind: `[("packet", 17), ...]`. `similar` are own tickets with own dispositions, of
    somebody else's ticket none."""

    row: QueueRow
    evidence: list[tuple[str, int]]
    similar: list[SimilarTicket]


def read_preview(user: User, row: QueueRow | None) -> Preview | None:
    if row is None:
        return None
    is_own = row.ticket.trainee_id == user.pk
    similar = find_closed_alike(row.ticket, MOST_SIMILAR) if is_own else []
    return Preview(row, _count_evidence(row.ticket), similar)


def _count_evidence(ticket: Ticket) -> list[tuple[str, int]]:
    records = EvidenceRecord.objects.filter(bundle=ticket.variant.bundle_id)
    return list(records.order_by().values_list("kind").annotate(count=Count("pk")).order_by("-count", "kind"))
