"""The checked steps of a coached ticket as its desk shows them, and which one can be checked next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tickets.methodology import STEPS
from tickets.models import Policy, StepCheck, Ticket, is_coached


@dataclass(frozen=True, slots=True)
class StepView:
    """`check` is what was told of the step, None until then; `can_check` offers it; `waits_for` is the number of the
    step that comes first, 0 for none."""

    check: StepCheck | None
    can_check: bool
    waits_for: int


@dataclass(frozen=True, slots=True)
class Checks:
    is_coached: bool
    steps: Mapping[str, StepView]


def read_checks(ticket: Ticket, *, can_check: bool) -> Checks:
    """For whoever may read the ticket; only its trainee, while it can be worked, `can_check` a step."""
    if ticket.item.assignment.policy is not Policy.COACHED:
        return Checks(is_coached=False, steps={})
    rows = {check.step: check for check in ticket.step_checks.all()}
    coached = is_coached(ticket)
    offers = coached and can_check
    next_ = next((step.number for step in STEPS if step.name not in rows), 0)
    return Checks(
        is_coached=coached,
        steps={
            step.name: StepView(
                check=rows.get(step.name),
                can_check=offers and step.number == next_,
                waits_for=next_ if offers and step.name not in rows and step.number != next_ else 0,
            )
            for step in STEPS
        },
    )
