"""Keeping how long a trainee was at each step, as the desk's clock says it with a save."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tickets.methodology import STEP_NAMES
from tickets.models import StepTime, Ticket


def record_step_times(ticket: Ticket, seconds: Mapping[str, int], now: datetime) -> None:
    """Keep the seconds by step, counted from the first look at the ticket.

    A time only grows, so that a save that is sent twice, or by a second window, adds nothing; and no step can have
    taken longer than the ticket has been open.
    """
    if not seconds or ticket.opened_at is None:
        return
    longest = max(0, int((now - ticket.opened_at).total_seconds()))
    before = dict(ticket.step_times.values_list("step", "seconds"))
    grown = [
        StepTime(ticket=ticket, step=step, seconds=min(seconds[step], longest))
        for step in STEP_NAMES
        if min(seconds.get(step, 0), longest) > before.get(step, 0)
    ]
    if grown:
        StepTime.objects.bulk_create(
            grown, update_conflicts=True, unique_fields=["ticket", "step"], update_fields=["seconds"]
        )
