"""Tickets of the same trainee that look like this one, and how they were closed.

Alike are alerts, as they are printed: nothing of the truth is looked at. What was right is told only where the other ticket's
own assignment already shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q
from django.utils.translation import gettext

from tickets.models import CriterionResult, Ticket, Variant
from tickets.models.tickets import TicketQuerySet

MAX_SHOWN = 8
MAX_LOOKED_AT = 200
# In passing, beside the queue, where a key goes from ticket to ticket.
MAX_GLANCED_AT = 50


@dataclass(frozen=True, slots=True)
class SimilarTicket:
    """`closed_as` is the trainee's own disposition, "" while it is open; `right` is "" until it may be shown."""

    ticket: Ticket
    reasons: list[str]
    closed_as: str
    right: str


def find_similar(ticket: Ticket, now: datetime) -> list[SimilarTicket]:
    """Those with the most in common first, of the same the newest, with what was right where it may be told."""
    others = (
        _alike(ticket)
        .select_related("item__assignment", "variant__version", "submission")
        .prefetch_related(
            Prefetch(
                "submission__grades__criteria",
                CriterionResult.objects.filter(criterion="disposition", grade__is_current=True),
            )
        )
    )
    return _most_alike(ticket, [(other, _right(other, now)) for other in others[:MAX_LOOKED_AT]])


def find_closed_alike(ticket: Ticket, most: int) -> list[SimilarTicket]:
    """The same of those that the trainee has handed in, in one query: `right` stays "", no grade is looked at."""
    others = _alike(ticket).exclude(submission=None).select_related("variant", "submission")
    return _most_alike(ticket, [(other, "") for other in others[:MAX_GLANCED_AT]])[:most]


def _alike(ticket: Ticket) -> TicketQuerySet:
    """The trainee's opened tickets whose alerts share something with this one's, the newest first."""
    variant = ticket.variant
    ends = (variant.alert_src_ip, variant.alert_dst_ip)
    alike = Q(variant__alert_src_ip__in=ends) | Q(variant__alert_dst_ip__in=ends)
    alike |= Q(variant__alert_dst_port=variant.alert_dst_port) | Q(
        variant__alert_src_port=variant.alert_src_port
    )
    if variant.alert_sid:
        alike |= Q(variant__alert_sid=variant.alert_sid)
    return (
        Ticket.objects.worked_by(ticket.trainee)
        .filter(alike, opened_at__isnull=False)
        .exclude(pk=ticket.pk)
        .order_by("-opened_at")
    )


def _most_alike(ticket: Ticket, others: Iterable[tuple[Ticket, str]]) -> list[SimilarTicket]:
    found = [
        SimilarTicket(other, list(_reasons(ticket.variant, other.variant)), _closed_as(other), right)
        for other, right in others
    ]
    return sorted(found, key=lambda each: -len(each.reasons))[:MAX_SHOWN]


def _reasons(variant: Variant, other: Variant) -> Iterator[str]:
    if variant.alert_sid and variant.alert_sid == other.alert_sid:
        yield gettext("same rule")
    if variant.alert_src_ip == other.alert_src_ip:
        yield gettext("same source")
    if variant.alert_dst_ip == other.alert_dst_ip:
        yield gettext("same destination")
    if variant.alert_src_ip == other.alert_dst_ip or variant.alert_dst_ip == other.alert_src_ip:
        yield gettext("same address, other side")
    if variant.alert_src_port == other.alert_src_port and variant.alert_src_port:
        yield gettext("source port %(alert_src_port)s") % {"alert_src_port": variant.alert_src_port}
    if variant.alert_dst_port == other.alert_dst_port and variant.alert_dst_port:
        yield gettext("destination port %(alert_dst_port)s") % {"alert_dst_port": variant.alert_dst_port}


def _closed_as(ticket: Ticket) -> str:
    submission = getattr(ticket, "submission", None)
    return str(submission.answers.get("disposition") or "") if submission else ""


def _right(ticket: Ticket, now: datetime) -> str:
    submission = getattr(ticket, "submission", None)
    if submission is None or not ticket.item.assignment.reveals_at(now):
        return ""
    lines = (line for grade in submission.grades.all() for line in grade.criteria.all())
    return next((line.expected for line in lines), "")
