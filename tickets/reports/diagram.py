"""A conversation's packets as a sequence diagram: who sent what, and when. It shows packets, and concludes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.models import EvidenceRecord, Variant
from tickets.reports.conversations import Conversation, posts_of
from tickets.reports.rows import End, Row, read_rows

MAX_DRAWN = 80


@dataclass(frozen=True, slots=True)
class Diagram:
    """`more` packets of the conversation are not drawn."""

    conversation: Conversation
    posts: tuple[End, End]
    rows: list[Row]
    more: int


def draw_diagram(variant: Variant, conversation: Conversation | None, first_ns: int | None) -> Diagram | None:
    """The first packets of the conversation; None where there is no packet."""
    if conversation is None:
        return None
    packets = EvidenceRecord.objects.filter(
        bundle=variant.bundle_id, kind="packet", conversation=conversation.id
    )
    posts = posts_of(variant, conversation)
    shown = packets.select_related("file").defer("file__data").order_by("time_ns", "file__position", "number")
    rows = list(read_rows(shown[:MAX_DRAWN], variant, first_ns=first_ns, posts=posts))
    if not rows:
        return None
    count = len(rows) if len(rows) < MAX_DRAWN else packets.count()
    return Diagram(conversation, posts, rows, count - len(rows))
