"""How long a trainee was at each step, beside the guide: about a twentieth for the reason, two fifths each for the
evidence and the analysis, a tenth for the conclusion, a twentieth for what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.methodology import STEPS, Step
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Each step with its seconds and its share of the whole in percent, rounded; None while nothing was measured."""

    lines: tuple[tuple[Step, int, int | None], ...]
    seconds: int


def read_step_times(ticket: Ticket) -> StepTimes:
    spent = {row.step: row.seconds for row in ticket.step_times.all()}
    whole = sum(spent.values())
    return StepTimes(
        lines=tuple(
            (step, spent.get(step.name, 0), round(100 * spent.get(step.name, 0) / whole) if whole else None)
            for step in STEPS
        ),
        seconds=whole,
    )
