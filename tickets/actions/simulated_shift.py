"""A shift that the simulated class has worked, so that an instructor finds its report in the demonstration."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from tickets.actions.shifts import plan_shift, start_shift
from tickets.actions.simulated_work import CHANCE, PEOPLE, Person, answer_as
from tickets.actions.worksheets import open_ticket, submit_worksheet
from tickets.models import Cohort, ScenarioVersion, Shift, Ticket, User
from tickets.tasks.shifts import end_shifts_over_at, hand_out_one

MINUTES = 30
TICKETS_EACH = 5
AGO = timedelta(hours=2)
# How long a simulated trainee lets a new ticket lie, and works on one, in seconds.
LOOKS_AFTER_S = (15, 240)
WORKS_S = (120, 540)


def do_simulated_shift(
    cohort: Cohort, by: User, versions: Sequence[ScenarioVersion], now: datetime
) -> Shift | None:
    """Plan, start, work and end one shift of the cohort in the past; None where it has had one already."""
    if cohort.shifts.exists():
        return None
    begin = now - AGO
    # Nobody copies here, so all may get the same evidence: making it is what takes time.
    shift = plan_shift(
        cohort, by, versions, minutes=MINUTES, tickets_each=TICKETS_EACH, pool_size=1, now=begin
    )
    start_shift(shift, by, begin)
    shift.refresh_from_db()
    # The moment before its end: every ticket has come.
    while hand_out_one(shift.end - timedelta(seconds=1)):
        pass
    # A row is dated when it is made, which is now.
    for arrival in shift.arrivals.exclude(ticket=None):
        Ticket.objects.filter(arrival=arrival).update(created_at=arrival.due_at)
    people = {person.username: person for person in PEOPLE}
    for trainee in User.objects.filter(shift_arrivals__shift=shift).distinct():
        if trainee.username in people:
            _work_through(shift, trainee, people[trainee.username])
    end_shifts_over_at(now)
    return shift


def _work_through(shift: Shift, trainee: User, person: Person) -> None:
    """One ticket after the other, as they came; what does not fit into the time stays open or unseen."""
    chance = Random(f"{CHANCE} shift {person.username}")  # noqa: S311  a demonstration's dice, no secret
    tickets = {
        ticket.pk: ticket
        for ticket in Ticket.objects.filter(arrival__shift=shift, trainee=trainee).with_story()
    }
    free_at = shift.started_at or shift.end
    for arrival in shift.arrivals.filter(ticket__in=tickets).order_by("due_at"):
        assert arrival.ticket_id is not None
        assert arrival.due_at is not None
        ticket = tickets[arrival.ticket_id]
        answers = answer_as(person, ticket, chance)
        looks_at = max(free_at, arrival.due_at) + timedelta(seconds=chance.randint(*LOOKS_AFTER_S))
        free_at = looks_at + timedelta(seconds=chance.randint(*WORKS_S))
        if looks_at >= shift.end:
            return
        with transaction.atomic():
            open_ticket(ticket, looks_at)
            if free_at < shift.end:
                submit_worksheet(ticket, key=uuid.uuid4(), version=0, answers=answers, received_at=free_at)
