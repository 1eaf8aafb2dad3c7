"""The tickets behind a bar of "Where do they stop?": who came so far, and who came no further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tickets.models import Assignment, Cohort, Ticket
from tickets.reports.cohorts import STATES, first_attempts, state_of

SENTENCES = {
    "new": ("all that were given", "given and not opened"),
    "open": ("opened", "opened and not submitted"),
    "submitted": ("submitted", "submitted and not graded"),
    "graded": ("graded", "graded"),
}


@dataclass(frozen=True, slots=True)
class TicketRow:
    ticket: Ticket
    state: str  # new, open, submitted or graded

    @property
    def is_graded(self) -> bool:
        return self.state == "graded"


def is_state(word: str) -> bool:
    return word in STATES


def sentence_for(*, reached: str = "", stopped: str = "") -> str:
    """What the list holds, for the page's heading line."""
    return SENTENCES[stopped][1] if stopped else SENTENCES[reached or STATES[0]][0]


def tickets_behind(
    cohort: Cohort, assignment: Assignment | None, *, reached: str = "", stopped: str = ""
) -> Sequence[TicketRow]:
    """First attempts that came as far as `reached`, or that stand at `stopped`; all without either."""
    tickets = first_attempts(cohort, assignment).prefetch_related("submission__grades")
    rows = [TicketRow(ticket, state_of(ticket)) for ticket in tickets]
    if stopped:
        return [row for row in rows if row.state == stopped]
    return [row for row in rows if STATES.index(row.state) >= STATES.index(reached or STATES[0])]
