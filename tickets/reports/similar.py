"""Tickets of the same trainee that look like this one, and how they were closed.

Alike are alerts, as they are printed: nothing of the truth is looked at. What was right is told only where the other ticket's
own assignment already shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q

from tickets.models import CriterionResult, Ticket, Variant

MAX_SHOWN = 8
MAX_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    """`closed_as` is the trainee's own disposition, "" while it is open; `right` is "" until it may be shown."""

    ticket: Ticket
    reasons: list[str]
    closed_as: str
    right: str


def find_similar(ticket: Ticket, now: datetime) -> list[SimilarTicket]:
    """Those with the most in common first, of the same the newest. Two queries."""
    variant = ticket.variant
    ends = (variant.alert_src_ip, variant.alert_dst_ip)
    alike = Q(variant__alert_src_ip__in=ends) | Q(variant__alert_dst_ip__in=ends)
    alike |= Q(variant__alert_dst_port=variant.alert_dst_port) | Q(
        variant__alert_src_port=variant.alert_src_port
    )
    if variant.alert_sid:
        alike |= Q(variant__alert_sid=variant.alert_sid)
    others = (
        Ticket.objects.worked_by(ticket.trainee)
        .filter(alike, opened_at__isnull=False)
        .exclude(pk=ticket.pk)
        .select_related("item__assignment", "variant__version", "submission")
        .prefetch_related(
            Prefetch(
                "submission__grades__criteria",
                CriterionResult.objects.filter(criterion="disposition", grade__is_current=True),
            )
        )
        .order_by("-opened_at")[:MAX_LOOKED_AT]
    )
    found = [
        SimilarTicket(other, list(_reasons(variant, other.variant)), _closed_as(other), _right(other, now))
        for other in others
    ]
    return sorted(found, key=lambda each: -len(each.reasons))[:MAX_SHOWN]


def _reasons(variant: Variant, other: Variant) -> Iterator[str]:
    if variant.alert_sid and variant.alert_sid == other.alert_sid:
        yield "same rule"
    if variant.alert_src_ip == other.alert_src_ip:
        yield "same source"
    if variant.alert_dst_ip == other.alert_dst_ip:
        yield "same destination"
    if variant.alert_src_ip == other.alert_dst_ip or variant.alert_dst_ip == other.alert_src_ip:
        yield "same address, other side"
    if variant.alert_src_port == other.alert_src_port and variant.alert_src_port:
        yield f"source port {variant.alert_src_port}"
    if variant.alert_dst_port == other.alert_dst_port and variant.alert_dst_port:
        yield f"destination port {variant.alert_dst_port}"


def _closed_as(ticket: Ticket) -> str:
    submission = getattr(ticket, "submission", None)
    return str(submission.answers.get("disposition") or "") if submission else ""


def _right(ticket: Ticket, now: datetime) -> str:
    submission = getattr(ticket, "submission", None)
    if submission is None or not ticket.item.assignment.reveals_at(now):
        return ""
    lines = (line for grade in submission.grades.all() for line in grade.criteria.all())
    return next((line.expected for line in lines), "")
