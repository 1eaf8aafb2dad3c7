"""What a variant shows its trainee, for grading: the words of the ticket, and of its records what marks look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q

from tickets.engine import Location
from tickets.grading import Seen, Shown
from tickets.models import EvidenceBundle, EvidenceRecord, Variant
from tickets.tasks.gathering import Gathered

SECOND_NS = 1_000_000_000
HALF_HOUR_NS = 1800 * SECOND_NS
MOST_FAR = 500


def show_variant(variant: Variant, pins: Iterable[Location], gathered: Gathered) -> Shown:
    """The ticket as far as the marks of these pins need it. The same variant and pins show the same."""
    return Shown(
        rule=variant.version.rule_text,
        statement=variant.statement or variant.version.statement,
        notes=gathered.notes(variant),
        addresses=gathered.addresses(variant),
        records={**dict(_far(variant)), **dict(_pinned(variant.bundle, frozenset(pins)))},
        forwarded=gathered.forwarded(variant),
    )


def _far(variant: Variant) -> Iterator[tuple[Location, Seen]]:
    """Records of the alert's hosts that are half an hour or more from the alert: what a wrong time zone leads to."""
    if variant.alert_time is None:
        return
    at_ns = int(variant.alert_time.timestamp()) * SECOND_NS
    ours = (variant.alert_src_ip, variant.alert_dst_ip)
    far = Q(time_ns__lt=at_ns - HALF_HOUR_NS) | Q(time_ns__gt=at_ns + HALF_HOUR_NS)
    records = variant.bundle.records.filter(far, Q(src_ip__in=ours) | Q(dst_ip__in=ours))
    yield from map(
        _seen, records.select_related("file").defer("file__data").order_by("file__name", "number")[:MOST_FAR]
    )


def _seen(record: EvidenceRecord) -> tuple[Location, Seen]:
    ips = frozenset(ip for ip in (record.src_ip, record.dst_ip) if ip)
    return Location(record.file.name, record.number), Seen(record.time_ns, ips)


def _pinned(bundle: EvidenceBundle, pins: frozenset[Location]) -> Iterator[tuple[Location, Seen]]:
    wanted = Q()
    for file, number in sorted(pins):
        wanted |= Q(file__name=file, number=number)
    if pins:
        yield from map(_seen, bundle.records.filter(wanted).select_related("file").defer("file__data"))
