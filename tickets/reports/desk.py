"""What the desk shows around evidence and worksheet: the trainee's claim as an arrow, the tickets beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.engine import RulePart, explain_rule
from tickets.models import Ticket, User, Variant
from tickets.reports.grades import DrawnArrow, current_grade, read_strip

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Roles by the arrow's way: at the left post, at the right post.
ROLES = {
    "to": (_("originator"), _("responder")),
    "back": (_("responder"), _("originator")),
    "none": (_("not said"), _("not said")),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """`way` is `to` (the address printed first opened it), `back`, or `none`."""

    way: str
    text: str

    @property
    def left(self) -> str:
        return str(ROLES[self.way][0])

    @property
    def right(self) -> str:
        return str(ROLES[self.way][1])


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The ticket's place among its assignment's, from 1, and those before and after it."""

    position: int
    count: int
    previous: UUID | None
    next: UUID | None


@dataclass(frozen=True, slots=True)
class Seen:
    """When the evidence first and last tells of the alert's conversation; None where no record with a time does."""

    first: datetime | None
    last: datetime | None


def read_seen(between_ns: tuple[int | None, int | None]) -> Seen:
    return Seen(*map(_moment, between_ns))


def _moment(time_ns: int | None) -> datetime | None:
    """To the microsecond; None too for a time that no calendar holds, as a broken clock may write it."""
    if time_ns is None:
        return None
    try:
        return EPOCH + timedelta(microseconds=time_ns // 1000)
    except OverflowError:
        return None


def read_rule_parts(variant: Variant) -> tuple[RulePart, ...]:
    """The rule explained part by part; nothing for a text that is none."""
    return explain_rule(variant.version.rule_text, variant.rule_variables)


def read_truth(ticket: Ticket) -> DrawnArrow | None:
    """The third arrow of the strip, from the grade that counts; None while there is none. The view asks whether it may
    be shown."""
    submission = getattr(ticket, "submission", None)
    grade = current_grade(submission) if submission else None
    strip = read_strip(grade) if grade else None
    return strip.truth if strip else None


def read_claim(answers: Mapping[str, object], variant: Variant) -> Claim:
    """The arrow that the worksheet's endpoints draw between the alert's posts.

    `static/js/claim-arrow.js` draws the same while the trainee types.
    """
    originator, responder = _end(answers, "originator"), _end(answers, "responder")
    way = _way(originator, responder, variant)
    if way == "none":
        is_other = bool(originator[0] and responder[0])
        return Claim(
            "none", gettext("other endpoints than the alert's") if is_other else gettext("who opened it?")
        )
    said = [str(answers.get(name) or "").replace("_", " ") for name in ("protocol", "outcome")]
    text = ", ".join(filter(None, [said[0].upper(), said[1]]))
    return Claim(way, text or gettext("opened it"))


def _end(answers: Mapping[str, object], side: str) -> tuple[str, str]:
    return (str(answers.get(f"{side}_ip") or "").strip(), str(answers.get(f"{side}_port") or "").strip())


def _way(originator: tuple[str, str], responder: tuple[str, str], variant: Variant) -> str:
    left = (variant.alert_src_ip, str(variant.alert_src_port))
    right = (variant.alert_dst_ip, str(variant.alert_dst_port))
    if _is_at(originator, left, right) and _is_at(responder, right, left):
        return "to"
    if _is_at(originator, right, left) and _is_at(responder, left, right):
        return "back"
    return "none"


def _is_at(end: tuple[str, str], post: tuple[str, str], other: tuple[str, str]) -> bool:
    """Is it this post? Addresses decide; ports only where both posts share an address."""
    return end == post if post[0] == other[0] else end[0] == post[0]


def find_neighbours(user: User, ticket: Ticket, now: datetime) -> Neighbours | None:
    """None for somebody who reads another's ticket: the neighbours are not theirs."""
    if ticket.trainee_id != user.pk:
        return None
    mine = Ticket.objects.worked_by(user).open_at(now).filter(item__assignment=ticket.item.assignment_id)
    ids = list(mine.order_by("position", "item__position", "created_at").values_list("pk", flat=True))
    if ticket.pk not in ids:
        return None
    here = ids.index(ticket.pk)
    return Neighbours(
        position=here + 1,
        count=len(ids),
        previous=ids[here - 1] if here else None,
        next=ids[here + 1] if here + 1 < len(ids) else None,
    )
