"""Which records a tab of the desk shows: what is wanted, counted, searched for and put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tickets.models import EvidenceRecord, Variant
from tickets.reports.conversations import alert_conversation

PAGE_SIZE = 80
RAW, TIMELINE, FILES, CONTEXT = "raw", "timeline", "files", "context"
TABS = {
    "packet": _("Packets"),
    "flow": _("Flows"),
    "ids": _("IDS"),
    "firewall": _("Firewall"),
    "honeypot": _("Honeypot"),
    "host": _("Host"),
    TIMELINE: _("Timeline"),
    CONTEXT: _("Context"),
    RAW: _("Raw"),
    FILES: _("Files"),
}
TABLE, DIAGRAM, TRANSCRIPT = "table", "diagram", "transcript"
VIEWS = {TABLE: _("Table"), DIAGRAM: _("Sequence diagram"), TRANSCRIPT: _("Transcript")}
MAX_QUERY_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows: a tab, a way to look at packets, a page from 1, a literal text to find, a conversation's id, a record
    to open or to go to (`file:number`), and for the timeline how many seconds around the alert (0: all)."""

    tab: str = ""
    view: str = TABLE
    page: int = 1
    query: str = ""
    conversation: str = ""
    opened: UUID | None = None
    place: str = ""
    around_s: int = 0

    def address(self, **changes: Any) -> str:
        """The query string of what is wanted after these changes; a page or record does not outlive one."""
        wanted = replace(self, **{"page": 1, **changes})
        named = {
            "tab": wanted.tab,
            "view": wanted.view if wanted.view != TABLE and wanted.tab == "packet" else "",
            "conversation": wanted.conversation,
            "around": wanted.around_s if wanted.tab == TIMELINE else "",
            "q": wanted.query,
            "page": wanted.page if wanted.page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True)
class Measured:
    """Of the evidence, or of one conversation: how many records of each kind, and from when to when. `first_ns` is the
    first packet's time, `seen_ns` when the alert's conversation was seen, `has_packets` whether packets belong to that."""

    counts: dict[str, int]
    span_ns: tuple[int | None, int | None]
    first_ns: int | None
    seen_ns: tuple[int | None, int | None]
    has_packets: bool


def measure(variant: Variant, conversation: str) -> Measured:
    """The author's notes belong to no conversation, and are counted with each. One query."""
    records = EvidenceRecord.objects.filter(bundle=variant.bundle_id).order_by().values("kind")
    chosen = Q(conversation=conversation) if conversation else None
    alerts = Q(conversation=alert_conversation(variant)) & ~Q(conversation="")
    found = list(
        records.annotate(
            count=Count("pk", filter=None if chosen is None else chosen | Q(kind=CONTEXT)),
            begin=Min("time_ns", filter=chosen),
            end=Max("time_ns", filter=chosen),
            first_ns=Min("time_ns"),
            seen_first=Min("time_ns", filter=alerts),
            seen_last=Max("time_ns", filter=alerts),
        )
    )
    packets = next((row for row in found if row["kind"] == "packet"), None)
    return Measured(
        counts={row["kind"]: row["count"] for row in found},
        span_ns=_span(found, "begin", "end"),
        first_ns=packets["first_ns"] if packets else None,
        seen_ns=_span(found, "seen_first", "seen_last"),
        has_packets=packets is not None and packets["seen_first"] is not None,
    )


def _span(rows: Sequence[Mapping[str, Any]], first: str, last: str) -> tuple[int | None, int | None]:
    return (
        min((time for row in rows if (time := row[first]) is not None), default=None),
        max((time for row in rows if (time := row[last]) is not None), default=None),
    )


def total(counts: dict[str, int], tab: str) -> int | None:
    if tab in (TIMELINE, FILES):
        return None
    return sum(counts.values()) if tab == RAW else counts.get(tab, 0)


def first_tab(counts: dict[str, int]) -> str:
    return next((kind for kind in TABS if counts.get(kind)), "packet")


def of_tab(variant: Variant, wanted: Wanted) -> QuerySet[EvidenceRecord]:
    records = EvidenceRecord.objects.filter(bundle=variant.bundle_id)
    if wanted.conversation and wanted.tab != CONTEXT:
        of_conversation = Q(conversation=wanted.conversation)
        records = records.filter(of_conversation | Q(kind=CONTEXT) if wanted.tab == RAW else of_conversation)
    if wanted.tab == TIMELINE:
        return records.exclude(time_ns=None)
    return records if wanted.tab == RAW else records.filter(kind=wanted.tab)


def search(records: QuerySet[EvidenceRecord], query: str) -> QuerySet[EvidenceRecord]:
    """Records that hold the text, letter case aside. Never a pattern: a search cannot be made slow."""
    if not query:
        return records
    held = Q(info__icontains=query) | Q(raw__icontains=query) | Q(flags__iexact=query) | Q(conversation=query)
    address, _, port = query.rpartition(":")
    held |= Q(src_ip__icontains=query) | Q(dst_ip__icontains=query)
    if port.isascii() and port.isdigit() and int(port) <= 65535:
        held |= _end("src", address, int(port)) | _end("dst", address, int(port))
    return records.filter(held)


def _end(side: str, address: str, port: int) -> Q:
    wanted = Q(**{f"{side}_port": port})
    return wanted & Q(**{f"{side}_ip__icontains": address.strip("[]")}) if address else wanted


def in_order(records: QuerySet[EvidenceRecord], tab: str) -> QuerySet[EvidenceRecord]:
    order = ("time_ns", "file__position", "number") if tab == TIMELINE else ("file__position", "number")
    return records.select_related("file").defer("file__data").order_by(*order)


def page_of(records: QuerySet[EvidenceRecord], here: EvidenceRecord) -> int:
    before = records.filter(
        Q(file__position__lt=here.file.position) | Q(file=here.file_id, number__lt=here.number)
    )
    return before.count() // PAGE_SIZE + 1


def load(records: QuerySet[EvidenceRecord], start: int, with_one_before: bool) -> QuerySet[EvidenceRecord]:
    """A page of rows; the one before the first too, which tells the silence before it."""
    return records[start - int(with_one_before) : start + PAGE_SIZE]
