"""The conversations that a ticket's records belong to, by Community ID: a way to read, never a finding.

The two ends of a conversation stand in the order of their addresses, so that nobody is named first for having opened it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, When
from django.utils.translation import gettext

from tickets.engine import Endpoint, Protocol, community_id_of
from tickets.models import EvidenceRecord, Variant
from tickets.reports.rows import End, alert_posts

# More nobody looks through in a list: a search finds the others.
MAX_LISTED = 50
_FIELDS = ("conversation", "protocol", "src_ip", "src_port", "dst_ip", "dst_port")


@dataclass(frozen=True, slots=True)
class Conversation:
    """`count` is the number of its records of all kinds."""

    id: str
    protocol: str
    ends: tuple[End, End]
    count: int
    is_alerts: bool

    @property
    def label(self) -> str:
        return gettext("%(one)s and %(other)s, %(protocol)s") % {
            "one": _text(self.ends[0]),
            "other": _text(self.ends[1]),
            "protocol": self.protocol.upper(),
        }


def alert_conversation(variant: Variant) -> str:
    """The id of the ends that the alert prints; "" where they are no addresses."""
    if variant.alert_protocol not in set(Protocol):
        return ""
    ends = (
        Endpoint(variant.alert_src_ip, variant.alert_src_port),
        Endpoint(variant.alert_dst_ip, variant.alert_dst_port),
    )
    return community_id_of(Protocol(variant.alert_protocol), *ends)


def list_conversations(variant: Variant) -> list[Conversation]:
    """The largest ones, the alert's before all others."""
    records = EvidenceRecord.objects.filter(bundle=variant.bundle_id).exclude(conversation="")
    counted = (
        records.order_by().values("conversation").annotate(count=Count("pk"), is_other=_is_other(variant))
    )
    largest = counted.order_by("is_other", "-count", "conversation").values_list("conversation", "count")
    found = _describe(variant, dict(largest[:MAX_LISTED]))
    return sorted(found, key=lambda each: (not each.is_alerts, -each.count, str(each.ends)))


def _is_other(variant: Variant) -> Case:
    """0 for the alert's own conversation, 1 for all others."""
    return Case(When(conversation=alert_conversation(variant), then=0), default=1)


def find_conversation(variant: Variant, name: str, listed: Sequence[Conversation]) -> Conversation | None:
    """The conversation of that id, None where no record of the ticket belongs to it. `listed` are known already."""
    if (known := next((each for each in listed if each.id == name), None)) is not None:
        return known
    if len(name) > 40:
        return None
    count = EvidenceRecord.objects.filter(bundle=variant.bundle_id, conversation=name).count()
    return next(iter(_describe(variant, {name: count})), None) if count else None


def default_conversation(
    variant: Variant, listed: Sequence[Conversation], *, is_alerts: bool
) -> Conversation | None:
    """The alert's own where packets belong to it (`is_alerts`: they are known to), else that of the first packet.
    `listed` are known already."""
    name = alert_conversation(variant) if is_alerts else _first_of_packets(variant)
    if name is None:
        return None
    return find_conversation(variant, name, listed)


def _first_of_packets(variant: Variant) -> str | None:
    packets = EvidenceRecord.objects.filter(bundle=variant.bundle_id, kind="packet").exclude(conversation="")
    ordered = packets.annotate(is_other=_is_other(variant)).order_by("is_other", "file__position", "number")
    return ordered.values_list("conversation", flat=True).first()


def posts_of(variant: Variant, conversation: Conversation) -> tuple[End, End]:
    """The ends as a diagram's posts: what the alert prints first stands on the left, as in the strip."""
    printed = alert_posts(variant)
    first, second = conversation.ends
    if first in printed or second in printed:
        turned = first == printed[1] or second == printed[0]
    else:
        turned = first[0] == printed[1][0] or second[0] == printed[0][0]
    return (second, first) if turned else (first, second)


def _describe(variant: Variant, counts: dict[str, int]) -> Iterable[Conversation]:
    ours = alert_conversation(variant)
    records = EvidenceRecord.objects.filter(bundle=variant.bundle_id, conversation__in=list(counts))
    ends: defaultdict[tuple[str, str], set[End]] = defaultdict(set)
    for name, protocol, src_ip, src_port, dst_ip, dst_port in (
        records.order_by().values_list(*_FIELDS).distinct()
    ):
        ends[name, protocol] |= {(src_ip, src_port), (dst_ip, dst_port)}
    for (name, protocol), both in ends.items():
        low, *others = sorted(both, key=lambda end: (end[0], end[1] or 0))
        yield Conversation(name, protocol, (low, others[-1] if others else low), counts[name], name == ours)


def _text(end: End) -> str:
    ip, port = end
    if port is None:
        return ip
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
