"""How common the alert's ends are in the ticket's evidence. Counted, never judged: what is rare is not bad by that."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, F, Q, When

from tickets.models import EvidenceRecord, Variant


@dataclass(frozen=True, slots=True)
class Prevalence:
    """An end as the alert prints it: in how many of all records that name an address it stands, in how many
    conversations, and with how many other addresses."""

    ip: str
    port: int | None
    records: int
    all_records: int
    conversations: int
    others: int

    @property
    def percent(self) -> float:
        return 100 * self.records / self.all_records if self.all_records else 0.0


def read_prevalence(variant: Variant) -> list[Prevalence]:
    """Both addresses, and both with their ports, in one query."""
    ends = [
        (ip, port)
        for ip, own in (
            (variant.alert_src_ip, variant.alert_src_port),
            (variant.alert_dst_ip, variant.alert_dst_port),
        )
        for port in (None, own)
    ]
    counts: dict[str, Count] = {}
    for number, (ip, port) in enumerate(ends):
        as_source, as_destination = _sides(ip, port)
        either = as_source | as_destination
        other = Case(
            When(as_source & ~Q(dst_ip=""), then=F("dst_ip")),
            When(as_destination & ~Q(src_ip=""), then=F("src_ip")),
        )
        counts[f"records_{number}"] = Count("pk", filter=either)
        counts[f"conversations_{number}"] = Count(
            "conversation", filter=either & ~Q(conversation=""), distinct=True
        )
        counts[f"others_{number}"] = Count(other, distinct=True)
    named = EvidenceRecord.objects.filter(bundle=variant.bundle_id).exclude(src_ip="", dst_ip="").order_by()
    found = named.aggregate(everything=Count("pk"), **counts)
    return [
        Prevalence(
            ip,
            port,
            found[f"records_{number}"],
            found["everything"],
            found[f"conversations_{number}"],
            found[f"others_{number}"],
        )
        for number, (ip, port) in enumerate(ends)
    ]


def _sides(ip: str, port: int | None) -> tuple[Q, Q]:
    if port is None:
        return Q(src_ip=ip), Q(dst_ip=ip)
    return Q(src_ip=ip, src_port=port), Q(dst_ip=ip, dst_port=port)
