from __future__ import annotations

from datetime import timedelta

import pytest

from tests import factories as make
from tickets.actions.step_times import record_step_times
from tickets.methodology import STEPS
from tickets.models import Ticket
from tickets.reports.step_times import read_step_times

pytestmark = pytest.mark.django_db

LATER = make.NOON + timedelta(minutes=30)


@pytest.fixture
def ticket(db: None) -> Ticket:
    return make.make_ticket(opened_at=make.NOON)


def times_of(ticket: Ticket) -> dict[str, int]:
    return dict(ticket.step_times.values_list("step", "seconds"))


def test_the_guide_gives_the_whole_time_away() -> None:
    assert [step.percent for step in STEPS] == [5, 40, 40, 10, 5]


def test_a_time_grows_with_each_save_and_the_same_save_again_adds_nothing(ticket: Ticket) -> None:
    record_step_times(ticket, {"reason": 20, "analysis": 0}, LATER)
    record_step_times(ticket, {"reason": 20, "analysis": 60}, LATER)
    record_step_times(ticket, {"reason": 20, "analysis": 60}, LATER)
    assert times_of(ticket) == {"reason": 20, "analysis": 60}


def test_a_window_that_knows_less_takes_nothing_away(ticket: Ticket) -> None:
    record_step_times(ticket, {"reason": 90}, LATER)
    record_step_times(ticket, {"reason": 30}, LATER)
    assert times_of(ticket) == {"reason": 90}


def test_no_step_took_longer_than_the_ticket_is_open(ticket: Ticket) -> None:
    record_step_times(ticket, {"reason": 9_999_999}, LATER)
    assert times_of(ticket) == {"reason": 1800}
    record_step_times(make.make_ticket(opened_at=None), {"reason": 5}, LATER)
    assert ticket.step_times.model.objects.count() == 1


def test_the_shares_are_of_what_was_measured_and_none_before(ticket: Ticket) -> None:
    assert [share for _, _, share in read_step_times(ticket).lines] == [None] * 5
    record_step_times(ticket, {"supporting_evidence": 300, "analysis": 100}, LATER)
    times = read_step_times(ticket)
    assert times.seconds == 400
    assert [(step.number, seconds, share) for step, seconds, share in times.lines if seconds] == [
        (2, 300, 75),
        (3, 100, 25),
    ]
