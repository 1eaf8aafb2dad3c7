"""What runs a shift: tickets whose time has come are handed out, and a shift whose time is over ends.

The plan's rows are the queue (docs/decisions/0002): beat wakes a worker, the relay makes up for a beat or a broker
that is dead, and whoever comes takes the rows that are due. A row is locked while its ticket is made, in one
transaction; so a worker that dies leaves the row for the next one, and two workers never make two tickets of it.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tickets.models import AuditRecord, Shift, ShiftArrival, Ticket, Variant


def run_shifts_at(now: datetime, *, budget_s: float = 10.0) -> int:
    """End what is over and hand out what is due at `now`. Returns how many rows were dealt with."""
    deadline = time.monotonic() + budget_s
    dealt_with = end_shifts_over_at(now)
    while time.monotonic() < deadline and hand_out_one(now):
        dealt_with += 1
    return dealt_with


def waiting_for(late: timedelta) -> int:
    """How many tickets have been due for longer than `late`."""
    return ShiftArrival.objects.due_at(timezone.now() - late).count()


def end_shifts_over_at(now: datetime) -> int:
    """Note the end of the shifts whose time has run out. Views go by the clock and need not wait for it."""
    over = Shift.objects.filter(state=Shift.State.RUNNING, ends_at__lte=now)
    if not over.exists():  # nearly always: SQLite need not lock for it
        return 0
    with transaction.atomic():
        shifts = list(over.select_for_update(skip_locked=True))
        for shift in shifts:
            Shift.objects.filter(pk=shift.pk).update(state=Shift.State.ENDED, ended_at=F("ends_at"))
            AuditRecord.objects.record("shift.ended", shift)
    return len(shifts)


def hand_out_one(now: datetime) -> bool:
    """Hand out the ticket that has been due longest, if there is one. The shift is locked with it, so that none
    arrives after somebody ended it."""
    due = ShiftArrival.objects.due_at(now)
    if not due.exists():  # nearly always, as above
        return False
    with transaction.atomic():
        arrival = (
            due.select_for_update(skip_locked=True, of=("self", "shift"))
            .select_related("shift", "variant")
            .first()
        )
        if arrival is None:
            return False
        if is_fit(arrival):
            assert arrival.item is not None  # a shift that runs has its items
            arrival.ticket = Ticket.objects.create(
                item=arrival.item,
                trainee_id=arrival.trainee_id,
                variant=arrival.variant,
                position=arrival.number,
            )
        else:
            arrival.dropped_at = now
        arrival.save(update_fields=["ticket", "dropped_at"])
    return True


def is_fit(arrival: ShiftArrival) -> bool:
    """Is the evidence still sound, and new to the trainee?"""
    is_met = Ticket.objects.filter(trainee=arrival.trainee_id, variant=arrival.variant_id).exists()
    return arrival.variant.state == Variant.State.PASSED and not is_met
