"""The guided first ticket and the guide through a ticket: given once, moved, ended, taken again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests import factories as make
from tickets.actions.assignments import assign, give_assignment_tickets, give_tickets
from tickets.actions.tours import TourError, end_tour, move_tour, start_guided_ticket, take_tour
from tickets.models import Assignment, Ticket, Tour
from tickets.tours import FIRST_STOP

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_a_guided_ticket_is_given_to_who_starts_the_guide_and_to_nobody_before() -> None:
    ana, bo = make.make_user("ana"), make.make_user("bo")
    cohort = make.make_cohort(trainees=[ana])
    assignment = make.make_guided(cohort)
    assert give_assignment_tickets(assignment) == []
    assert give_tickets(make.enroll(cohort, bo)) == []
    ticket = start_guided_ticket(ana, NOW)
    assert ticket is not None
    assert (ticket.trainee, ticket.item.assignment) == (ana, assignment)
    assert list(Ticket.objects.all()) == [ticket]
    assert (ticket.tour.stop, ticket.tour.ended_at) == (FIRST_STOP, None)


def test_setting_a_guided_ticket_gives_none() -> None:
    cohort = make.make_cohort(trainees=[make.make_user("ana")])
    version = make.make_version()
    make.make_variant(version)
    assign(cohort, "Your first ticket", [version], is_guided=True)
    assert not Ticket.objects.exists()


def test_started_twice_it_is_one_ticket_and_the_guide_goes_on_where_it_stands() -> None:
    ana = make.make_user("ana")
    make.make_guided()
    first = start_guided_ticket(ana, NOW)
    assert first is not None
    move_tour(first, "pin", NOW)
    assert start_guided_ticket(ana, NOW) == first
    assert Tour.objects.get().stop == "pin"


def test_zoe_of_another_class_has_no_guided_ticket() -> None:
    zoe = make.make_user("zoe")
    make.make_cohort("Autumn class", trainees=[zoe])
    make.make_guided()
    assert start_guided_ticket(zoe, NOW) is None
    assert not Ticket.objects.exists()


def test_ivo_who_teaches_the_class_gets_none() -> None:
    make.make_guided()
    assert start_guided_ticket(make.make_instructor(), NOW) is None


@pytest.mark.parametrize(
    "times", [{"opens_at": NOW + timedelta(hours=1)}, {"closes_at": NOW - timedelta(hours=1)}]
)
def test_a_guided_ticket_is_not_started_before_it_opens_or_after_it_closes(times: dict[str, Any]) -> None:
    make.make_guided(**times)
    assert start_guided_ticket(make.make_user("ana"), NOW) is None


def test_without_a_scenario_there_is_nothing_to_start() -> None:
    make.make_assignment(is_guided=True)
    assert start_guided_ticket(make.make_user("ana"), NOW) is None


def test_a_trainee_who_has_left_the_class_gets_none() -> None:
    ana = make.make_user("ana")
    make.make_guided()
    ana.enrollments.update(is_active=False)
    assert start_guided_ticket(ana, NOW) is None


def test_the_guide_is_left_and_taken_again_from_its_beginning() -> None:
    ticket = make.make_ticket()
    take_tour(ticket, NOW - timedelta(hours=1))
    move_tour(ticket, "facts", NOW)
    end_tour(ticket, NOW)
    end_tour(ticket, NOW + timedelta(hours=1))
    assert Tour.objects.get().ended_at == NOW
    again = take_tour(ticket, NOW)
    assert (again.stop, again.started_at, again.ended_at) == (FIRST_STOP, NOW, None)
    assert Tour.objects.count() == 1


def test_a_stop_that_there_is_not_moves_nothing() -> None:
    ticket = make.make_ticket()
    take_tour(ticket, NOW)
    with pytest.raises(TourError):
        move_tour(ticket, "the answer", NOW)
    assert Tour.objects.get().stop == FIRST_STOP


def test_an_assessment_has_no_guide() -> None:
    ticket = make.make_ticket(assignment=make.make_assignment(reveal=Assignment.Reveal.MANUAL))
    with pytest.raises(TourError, match="assessment"):
        take_tour(ticket, NOW)
    with pytest.raises(TourError, match="assessment"):
        move_tour(ticket, "facts", NOW)


def test_a_class_has_one_guided_ticket_and_it_is_no_assessment() -> None:
    cohort = make.make_guided().cohort
    for fields in ({"reveal": "coached"}, {"reveal": "manual"}, {"order": "mixed"}):
        wrong = Assignment(cohort=cohort, title="Another", is_guided=True, **fields)
        with pytest.raises(ValidationError, match="guided first ticket"):
            wrong.full_clean()
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong.save()
