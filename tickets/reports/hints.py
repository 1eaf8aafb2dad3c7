"""The hints of a ticket as its desk shows them: those that were taken, and what the next one would cost.

Of a hint that was not taken nothing is read but that there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil

from django.utils.translation import gettext

from tickets.grading import HINT_LEVELS, LABELS, Criterion, HintLevel, hinted_lines, most_points, read_weights
from tickets.models import HintTaken, Policy, Ticket
from tickets.models.truth import VariantHints

DIRECTION = "direction (who opened it, five fields)"


@dataclass(frozen=True, slots=True)
class Offer:
    """The next hint: `percent` of what its fields earn, at most `points`; to be had in `wait_s` seconds."""

    level: HintLevel
    points: Decimal
    wait_s: int


@dataclass(frozen=True, slots=True)
class Hints:
    """`offer` is None where there is nothing (more) to take; `why_none` then says why, or is ""."""

    taken: Sequence[tuple[HintLevel, HintTaken]]
    offer: Offer | None
    about: Sequence[str]
    why_none: str

    @property
    def count(self) -> int:
        return len(HINT_LEVELS)

    @property
    def percent(self) -> int:
        """What the dearest that was taken costs."""
        return max((hint.percent for _, hint in self.taken), default=0)


def read_hints(ticket: Ticket, now: datetime, *, can_take: bool) -> Hints:
    """The hints for whoever may read the ticket; only its trainee, while it can be worked, `can_take` one."""
    rows = {hint.level: hint for hint in ticket.hints_taken.all()}
    taken = [(level, rows[level.number]) for level in HINT_LEVELS if level.number in rows]
    version = ticket.variant.version
    lines = hinted_lines(version.skills_met)
    why_none = _why_none(ticket)
    left = [level for level in HINT_LEVELS if level.number not in rows]
    offer = None
    if can_take and left and not why_none:
        points = most_points(lines, left[0].percent, read_weights(version.weights))
        offer = Offer(left[0], points, _wait_s(taken, now))
    return Hints(taken, offer, _words(lines), why_none)


def _why_none(ticket: Ticket) -> str:
    if ticket.item.assignment.policy is Policy.ASSESSMENT:
        return gettext("This is an assessment: there are no hints.")
    if not VariantHints.objects.filter(variant=ticket.variant_id).exists():
        return gettext("This ticket has no hints: none were written for its evidence.")
    return ""


def _wait_s(taken: Sequence[tuple[HintLevel, HintTaken]], now: datetime) -> int:
    return max(0, ceil((taken[-1][1].next_at - now).total_seconds())) if taken else 0


def _words(lines: Sequence[Criterion]) -> list[str]:
    """The fields in words; those of direction, which come together, in one."""
    words = [DIRECTION] if Criterion.REVERSED in lines else []
    ends = ("reversed", "originator", "responder")
    return words + [_word(line) for line in lines if not line.value.startswith(ends)]


def _word(line: Criterion) -> str:
    return gettext("fit with the rule") if line is Criterion.INTENT else LABELS[line].lower()
