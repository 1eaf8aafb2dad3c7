"""A ticket's evidence as pages of rows: what the sensors printed, in their order, never a judgement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from tickets.models import EvidenceRecord, Variant
from tickets.packs import Section

PAGE_SIZE = 200
RAW = "raw"
TABS = {
    "packet": "Packets",
    "flow": "Flows",
    "ids": "IDS",
    "firewall": "Firewall",
    "honeypot": "Honeypot",
    "host": "Host",
    "context": "Context",
    RAW: "Raw",
}
HEADINGS = {
    Section.ASSETS: "Assets",
    Section.AUTHORISED: "Authorised activity",
    Section.CHANGES: "Change calendar",
    Section.EARLIER_TICKETS: "Earlier tickets",
    Section.NOTES: "Notes",
}
MAX_QUERY_LENGTH = 200
# A pause between two packets that is worth a row of its own.
_GAP_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: a tab, a page from 1, a literal text to find, a record to open or to go to (`file:number`)."""

    tab: str = ""
    page: int = 1
    query: str = ""
    opened: UUID | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    kind: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Row:
    """`way` is the arrow's way between the strip's posts, "" for another pair of addresses; `gap_s` is the
    silence before it in seconds, 0 where there was none to speak of. `heading` stands above the first of the author's
    notes that are under it."""

    record: EvidenceRecord
    place: str
    seconds: float | None
    gap_s: float
    way: str
    is_alert: bool
    is_opened: bool
    is_here: bool
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    tab: str
    tabs: list[Tab]
    rows: list[Row]
    page: int
    pages: int
    found: int
    query: str
    posts: tuple[str, str]
    places: frozenset[str] = field(default_factory=frozenset)

    @property
    def label(self) -> str:
        return TABS[self.tab]

    @property
    def is_empty_kind(self) -> bool:
        return not any(tab.count for tab in self.tabs if tab.kind == self.tab)

    @property
    def previous_page(self) -> int | None:
        return self.page - 1 if self.page > 1 else None

    @property
    def next_page(self) -> int | None:
        return self.page + 1 if self.page < self.pages else None


def read_evidence_page(variant: Variant, wanted: Wanted) -> Evidence:
    """One page of one tab, in at most four queries whatever the size of the evidence."""
    counts, first_ns = _measure(variant)
    query = wanted.query.strip()[:MAX_QUERY_LENGTH]
    here = find_record(variant, wanted.place) if wanted.place else None
    if here is not None:
        # Where one goes to a record, what was searched for before must not hide it.
        tab, query = here.kind, ""
    else:
        tab = wanted.tab if wanted.tab in TABS else _first_tab(counts)
    records = _in_order(_search(_of_tab(variant, tab), query))
    found = records.count() if query else _total(counts, tab)
    pages = max(1, -(-found // PAGE_SIZE))
    page = _page_of(records, here) if here else min(max(wanted.page, 1), pages)
    shown = _load(records, (page - 1) * PAGE_SIZE, page > 1)
    rows = list(_rows(shown, variant, first_ns, wanted.opened, here))[1 if page > 1 else 0 :]
    return Evidence(
        tab=tab,
        tabs=[Tab(kind, label, _total(counts, kind)) for kind, label in TABS.items()],
        rows=rows,
        page=page,
        pages=pages,
        found=found,
        query=query,
        posts=(variant.alert_src_ip, variant.alert_dst_ip),
        places=frozenset(row.place for row in rows),
    )


def find_record(variant: Variant, place: str) -> EvidenceRecord | None:
    """The record of a place such as `capture.pcap:4`, or None."""
    return next(iter(find_records(variant, [place])), None)


def find_records(variant: Variant, places: Iterable[str]) -> list[EvidenceRecord]:
    """The records of these places, in the order of the places; those that are not there are left out."""
    wanted = list(dict.fromkeys(places))
    chosen = Q()
    for place in wanted:
        file, _, number = place.rpartition(":")
        if file and number.isascii() and number.isdigit() and len(number) < 10:
            chosen |= Q(file__name=file, number=int(number))
    if not chosen:
        return []
    records = EvidenceRecord.objects.filter(chosen, bundle=variant.bundle_id).select_related("file")
    by_place = {place_of(record): record for record in records.defer("file__data")}
    return [by_place[place] for place in wanted if place in by_place]


def place_of(record: EvidenceRecord) -> str:
    return f"{record.file.name}:{record.number}"


def row_of(record: EvidenceRecord, variant: Variant, *, first_ns: int | None = None) -> Row:
    """One record outside its table: on the result page, or opened by itself."""
    return _row(record, variant, first_ns, None)


def first_packet_ns(variant: Variant) -> int | None:
    """The time from which the desk counts the seconds of packets."""
    return _measure(variant)[1]


# -- Which records -----------------------------------------------------------------------------


def _measure(variant: Variant) -> tuple[dict[str, int], int | None]:
    """The number of records of each kind, and the first packet's time."""
    kinds = EvidenceRecord.objects.filter(bundle=variant.bundle_id).order_by().values("kind")
    found = list(kinds.annotate(count=Count("pk"), first_ns=Min("time_ns")))
    first = [row["first_ns"] for row in found if row["kind"] == "packet"]
    return {row["kind"]: row["count"] for row in found}, first[0] if first else None


def _total(counts: dict[str, int], tab: str) -> int:
    return sum(counts.values()) if tab == RAW else counts.get(tab, 0)


def _first_tab(counts: dict[str, int]) -> str:
    return next((kind for kind in TABS if counts.get(kind)), "packet")


def _of_tab(variant: Variant, tab: str) -> QuerySet[EvidenceRecord]:
    records = EvidenceRecord.objects.filter(bundle=variant.bundle_id)
    return records if tab == RAW else records.filter(kind=tab)


def _search(records: QuerySet[EvidenceRecord], query: str) -> QuerySet[EvidenceRecord]:
    """Records that hold the text, letter case aside. Never a pattern: a search cannot be made slow."""
    if not query:
        return records
    held = Q(info__icontains=query) | Q(raw__icontains=query) | Q(flags__iexact=query)
    address, _, port = query.rpartition(":")
    held |= Q(src_ip__icontains=query) | Q(dst_ip__icontains=query)
    if port.isascii() and port.isdigit() and int(port) <= 65535:
        held |= _end("src", address, int(port)) | _end("dst", address, int(port))
    return records.filter(held)


def _end(side: str, address: str, port: int) -> Q:
    wanted = Q(**{f"{side}_port": port})
    return wanted & Q(**{f"{side}_ip__icontains": address.strip("[]")}) if address else wanted


def _in_order(records: QuerySet[EvidenceRecord]) -> QuerySet[EvidenceRecord]:
    return records.select_related("file").defer("file__data").order_by("file__position", "number")


def _page_of(records: QuerySet[EvidenceRecord], here: EvidenceRecord) -> int:
    before = records.filter(
        Q(file__position__lt=here.file.position) | Q(file=here.file_id, number__lt=here.number)
    )
    return before.count() // PAGE_SIZE + 1


def _load(records: QuerySet[EvidenceRecord], start: int, with_one_before: bool) -> QuerySet[EvidenceRecord]:
    """A page of rows; the one before the first too, which tells the silence before it."""
    return records[start - int(with_one_before) : start + PAGE_SIZE]


# -- Records as rows ---------------------------------------------------------------------------


def _rows(
    records: Iterable[EvidenceRecord],
    variant: Variant,
    first_ns: int | None,
    opened: UUID | None,
    here: EvidenceRecord | None,
) -> Iterator[Row]:
    before: int | None = None
    above = ""
    for record in records:
        row = _row(record, variant, first_ns, before, opened=opened, here=here)
        heading = _heading(record, variant)
        yield replace(row, heading=heading if heading != above else "")
        before, above = record.time_ns, heading


def _heading(record: EvidenceRecord, variant: Variant) -> str:
    """A note of an author who made no sections stands under none."""
    headings = variant.version.headings
    if record.kind != "context" or not 1 <= record.number <= len(headings):
        return ""
    return HEADINGS[Section(headings[record.number - 1])]


def _row(
    record: EvidenceRecord,
    variant: Variant,
    first_ns: int | None,
    before_ns: int | None,
    *,
    opened: UUID | None = None,
    here: EvidenceRecord | None = None,
) -> Row:
    return Row(
        record=record,
        place=place_of(record),
        seconds=_since(record.time_ns, first_ns),
        gap_s=_gap(record, before_ns),
        way=_way(record, variant),
        is_alert=_is_alert(record, variant),
        is_opened=opened == record.pk,
        is_here=here is not None and here.pk == record.pk,
    )


def _since(time_ns: int | None, first_ns: int | None) -> float | None:
    return None if time_ns is None or first_ns is None else (time_ns - first_ns) / 1e9


def _gap(record: EvidenceRecord, before_ns: int | None) -> float:
    if record.kind != "packet" or record.time_ns is None or before_ns is None:
        return 0.0
    silence = record.time_ns - before_ns
    return silence / 1e9 if silence >= _GAP_NS else 0.0


def _way(record: EvidenceRecord, variant: Variant) -> str:
    """From the post on the left to the right, back, or "" where it joins other addresses."""
    left: tuple[object, ...] = (variant.alert_src_ip,)
    right: tuple[object, ...] = (variant.alert_dst_ip,)
    src: tuple[object, ...] = (record.src_ip,)
    dst: tuple[object, ...] = (record.dst_ip,)
    if left == right:
        # A host that talks to itself: only the ports tell the posts apart.
        left, right = (*left, variant.alert_src_port), (*right, variant.alert_dst_port)
        src, dst = (*src, record.src_port), (*dst, record.dst_port)
    return {(left, right): "to", (right, left): "back"}.get((src, dst), "")


def _is_alert(record: EvidenceRecord, variant: Variant) -> bool:
    """The alert's own record, or the packet that carries its addresses at its very microsecond."""
    if variant.alert_record and record.kind == "ids":
        return place_of(record) == variant.alert_record
    if record.kind != "packet" or record.time_ns is None or variant.alert_time is None:
        return False
    printed = (variant.alert_src_ip, variant.alert_src_port, variant.alert_dst_ip, variant.alert_dst_port)
    carried = (record.src_ip, record.src_port, record.dst_ip, record.dst_port)
    return printed == carried and record.time_ns // 1000 == _microseconds(variant)


def _microseconds(variant: Variant) -> int:
    assert variant.alert_time is not None
    moment = variant.alert_time
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond
