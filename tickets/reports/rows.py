"""Records as the desk's rows: where each stands, when, which way it went between the alert's posts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from tickets.models import EvidenceRecord, Variant
from tickets.packs import Section

HEADINGS = {
    Section.ASSETS: _("Assets"),
    Section.AUTHORISED: _("Authorised activity"),
    Section.CHANGES: _("Change calendar"),
    Section.EARLIER_TICKETS: _("Earlier tickets"),
    Section.NOTES: _("Notes"),
    Section.INTELLIGENCE: _("Threat intelligence"),
}
# A pause between two packets that is worth a row of its own.
_GAP_NS = 1_000_000_000

End = tuple[str, int | None]


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
    is_opened: bool = False
    is_here: bool = False
    heading: str = ""


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


def first_packet_ns(variant: Variant) -> int | None:
    """The time from which the desk counts the seconds of packets."""
    packets = EvidenceRecord.objects.filter(bundle=variant.bundle_id, kind="packet")
    first: int | None = packets.aggregate(first=Min("time_ns"))["first"]
    return first


def read_rows(
    records: Iterable[EvidenceRecord],
    variant: Variant,
    *,
    first_ns: int | None,
    opened: UUID | None = None,
    here: EvidenceRecord | None = None,
    posts: tuple[End, End] | None = None,
) -> Iterator[Row]:
    """The rows of a table in its order. `posts` are the ends between which arrows are drawn, the alert's without them."""
    before: int | None = None
    above = ""
    for record in records:
        row = row_of(record, variant, first_ns=first_ns, posts=posts)
        heading = _heading(record, variant)
        yield replace(
            row,
            gap_s=_gap(record, before),
            is_opened=opened == record.pk,
            is_here=here is not None and here.pk == record.pk,
            heading=heading if heading != above else "",
        )
        before, above = record.time_ns, heading


def row_of(
    record: EvidenceRecord,
    variant: Variant,
    *,
    first_ns: int | None = None,
    posts: tuple[End, End] | None = None,
) -> Row:
    """One record by itself: opened, pinned, or on the result page."""
    return Row(
        record=record,
        place=place_of(record),
        seconds=_since(record.time_ns, first_ns),
        gap_s=0.0,
        way=_way(record, posts or alert_posts(variant)),
        is_alert=_is_alert(record, variant),
    )


def alert_posts(variant: Variant) -> tuple[End, End]:
    """The ends that the alert prints, its source on the left."""
    return (variant.alert_src_ip, variant.alert_src_port), (variant.alert_dst_ip, variant.alert_dst_port)


def _heading(record: EvidenceRecord, variant: Variant) -> str:
    """A note of an author who made no sections stands under none."""
    headings = variant.version.headings
    if record.kind != "context" or not 1 <= record.number <= len(headings):
        return ""
    return str(HEADINGS[Section(headings[record.number - 1])])


def _since(time_ns: int | None, first_ns: int | None) -> float | None:
    return None if time_ns is None or first_ns is None else (time_ns - first_ns) / 1e9


def _gap(record: EvidenceRecord, before_ns: int | None) -> float:
    if record.kind != "packet" or record.time_ns is None or before_ns is None:
        return 0.0
    silence = record.time_ns - before_ns
    return silence / 1e9 if silence >= _GAP_NS else 0.0


def _way(record: EvidenceRecord, posts: tuple[End, End]) -> str:
    """From the post on the left to the right, back, or "" where it joins other addresses."""
    left, right = posts
    src, dst = (record.src_ip, record.src_port), (record.dst_ip, record.dst_port)
    if left[0] != right[0]:
        # Addresses decide; only of a host that talks to itself the ports tell the posts apart.
        ends, between = (src[0], dst[0]), (left[0], right[0])
        return {between: "to", between[::-1]: "back"}.get(ends, "")
    return {(left, right): "to", (right, left): "back"}.get((src, dst), "")


def _is_alert(record: EvidenceRecord, variant: Variant) -> bool:
    """The alert's own record, or the packet that carries its addresses at its very microsecond."""
    if variant.alert_record and record.kind == "ids":
        return place_of(record) == variant.alert_record
    if record.kind != "packet" or record.time_ns is None or variant.alert_time is None:
        return False
    carried = ((record.src_ip, record.src_port), (record.dst_ip, record.dst_port))
    return carried == alert_posts(variant) and record.time_ns // 1000 == alert_us(variant)


def alert_us(variant: Variant) -> int | None:
    """Microseconds since 1970 of the alert's printed time. Integers all the way: a float would round."""
    moment = variant.alert_time
    if moment is None:
        return None
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond
