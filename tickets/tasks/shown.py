"""What a variant shows its trainee, for grading: the words of the ticket, and of its records what marks look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.models import Q

from tickets.engine import Location
from tickets.grading import Forwarding, Seen, Shown, read_forwarded
from tickets.models import EvidenceBundle, EvidenceRecord, Variant
from tickets.tasks.verdicts import notes_of

# A line that names a client behind a proxy holds one of these words.
FORWARDING_WORDS = ("forwarded", "xff", "true-client-ip", "true_client_ip")


def show_variant(variant: Variant, pins: Iterable[Location]) -> Shown:
    """The ticket as far as the marks of these pins need it. The same variant and pins show the same."""
    bundle = variant.bundle
    return Shown(
        rule=variant.version.rule_text,
        statement=variant.statement or variant.version.statement,
        notes=notes_of(bundle),
        addresses=frozenset(_addresses(bundle)),
        records=dict(_pinned(bundle, frozenset(pins))),
        forwarded=frozenset(_forwardings(bundle)),
    )


def _addresses(bundle: EvidenceBundle) -> Iterator[str]:
    for field in ("src_ip", "dst_ip"):
        yield from bundle.records.exclude(**{field: ""}).order_by().values_list(field, flat=True).distinct()


def _pinned(bundle: EvidenceBundle, pins: frozenset[Location]) -> Iterator[tuple[Location, Seen]]:
    wanted = Q()
    for file, number in sorted(pins):
        wanted |= Q(file__name=file, number=number)
    if pins:
        for record in bundle.records.filter(wanted).select_related("file"):
            ips = frozenset(ip for ip in (record.src_ip, record.dst_ip) if ip)
            yield Location(record.file.name, record.number), Seen(record.time_ns, ips)


def _forwardings(bundle: EvidenceBundle) -> Iterator[Forwarding]:
    wanted = Q()
    for word in FORWARDING_WORDS:
        wanted |= Q(raw__icontains=word)
    records: Iterable[EvidenceRecord] = (
        bundle.records.filter(wanted).exclude(src_ip="").exclude(kind="packet")
    )
    for record in records:
        yield from (Forwarding(record.src_ip, client) for client in read_forwarded(record.raw))
