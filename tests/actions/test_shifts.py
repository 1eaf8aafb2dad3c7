"""A shift's way: planned, started, ended; what it keeps for whom, and what it says when there is too little."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests import factories as make
from tests.factories import NOON
from tickets.actions.assignments import assign, give_assignment_tickets, give_tickets
from tickets.actions.shifts import (
    ShiftError,
    abandon_shift,
    end_shift,
    offered_versions,
    plan_shift,
    start_shift,
)
from tickets.models import (
    Assignment,
    AuditRecord,
    Cohort,
    Enrollment,
    ScenarioVersion,
    Shift,
    ShiftArrival,
    Ticket,
    User,
)
from tickets.tasks.shifts import run_shifts_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return make.make_user("ana")


@pytest.fixture
def cohort(ana: User) -> Cohort:
    return make.make_cohort(trainees=[ana], instructors=[make.make_instructor()])


def make_versions(count: int = 3, *, variants: int = 4) -> list[ScenarioVersion]:
    """Scenarios with evidence of their own: so many variants, and no story to make more."""
    versions = [make.make_version(make.make_scenario(f"story-{number}")) for number in range(count)]
    for version in versions:
        for _ in range(variants):
            make.make_variant(version)
    return versions


def plan(cohort: Cohort, versions: list[ScenarioVersion], **asked: Any) -> Shift:
    wanted = {"minutes": 30, "tickets_each": 6, "now": NOON, **asked}
    by = wanted.pop("by", None) or wanted.get("trainee") or make.make_instructor()
    return plan_shift(cohort, by, versions, **wanted)


def started(cohort: Cohort, at: datetime = NOON, **asked: Any) -> Shift:
    shift = plan(cohort, make_versions(), **asked)
    start_shift(shift, shift.planned_by, at)
    shift.refresh_from_db()
    return shift


def test_a_plan_keeps_a_variant_for_every_ticket_and_gives_none_yet(cohort: Cohort, ana: User) -> None:
    shift = plan(cohort, make_versions())
    arrivals = list(shift.arrivals.all())
    assert [arrival.number for arrival in arrivals] == [1, 2, 3, 4, 5, 6]
    assert {arrival.trainee_id for arrival in arrivals} == {ana.pk}
    assert len({arrival.variant_id for arrival in arrivals}) == 6
    assert not Ticket.objects.exists()
    assert not Assignment.objects.exists()
    assert AuditRecord.objects.filter(action="shift.planned", subject_id=shift.pk).exists()


def test_each_trainee_of_a_class_has_a_plan_of_his_or_her_own(cohort: Cohort) -> None:
    make.enroll(cohort, make.make_user("ben"))
    shift = plan(cohort, make_versions(variants=12), tickets_each=12)
    orders = [
        tuple(shift.arrivals.filter(trainee=person).values_list("offset_s", flat=True))
        for person in User.objects.filter(username__in=["ana", "ben"])
    ]
    assert [len(order) for order in orders] == [12, 12]
    assert orders[0] != orders[1]


def test_where_evidence_is_short_the_plan_is_shorter_and_the_rest_can_start(cohort: Cohort) -> None:
    shift = plan(cohort, make_versions(1, variants=4))
    assert shift.arrivals.count() == 4
    start_shift(shift, shift.planned_by, NOON)
    run_shifts_at(NOON + timedelta(minutes=29))
    assert Ticket.objects.count() == 4


def test_evidence_that_a_trainee_has_met_or_that_is_kept_for_him_is_not_planned_again(
    cohort: Cohort, ana: User
) -> None:
    [version] = make_versions(1, variants=7)
    make.make_ticket(ana, variant=version.variants.first())
    first = plan(cohort, [version], tickets_each=3)
    second = plan(cohort, [version], tickets_each=3)
    kept = list(ShiftArrival.objects.values_list("variant", flat=True))
    assert first.arrivals.count() == second.arrivals.count() == 3
    assert len(set(kept)) == 6
    assert Ticket.objects.get().variant_id not in kept


def test_an_assignment_gives_nothing_that_is_kept_for_a_shift(cohort: Cohort, ana: User) -> None:
    [version] = make_versions(1, variants=4)
    kept = set(plan(cohort, [version], tickets_each=3).arrivals.values_list("variant", flat=True))
    assign(cohort, "Lesson", [version, version])
    [ticket] = Ticket.objects.filter(trainee=ana)
    assert ticket.variant_id not in kept


def test_a_story_makes_the_variants_that_are_lacking(cohort: Cohort) -> None:
    from tickets.actions.demo import install_shipped_scenarios

    shift = plan(cohort, install_shipped_scenarios(), tickets_each=6)
    assert shift.arrivals.count() == 6
    assert all(arrival.variant.state == "passed" for arrival in shift.arrivals.all())
    assert shift.is_mix_kept


def test_a_cohort_without_trainees_and_a_shift_without_scenarios_are_refused(cohort: Cohort) -> None:
    with pytest.raises(ShiftError, match="no trainees"):
        plan(make.make_cohort("Empty"), make_versions())
    with pytest.raises(ShiftError, match="no scenario"):
        plan(cohort, [])
    assert not Shift.objects.exists()


def test_a_trainee_has_one_shift_of_his_own_at_a_time(cohort: Cohort, ana: User) -> None:
    versions = make_versions(variants=12)
    first = plan(cohort, versions, trainee=ana)
    with pytest.raises(ShiftError, match="a shift already"):
        plan(cohort, versions, trainee=ana)
    start_shift(first, ana, NOON)
    with pytest.raises(ShiftError, match="a shift already"):
        plan(cohort, versions, trainee=ana, now=NOON + timedelta(minutes=29))
    # When its time is over it is in nobody's way, though no worker has noted it.
    later = plan(cohort, versions, trainee=ana, now=NOON + timedelta(minutes=30))
    assert later.state == "planned"


@pytest.mark.parametrize("speed", [1, 2, 5, 10])
def test_a_start_sets_every_tickets_time_compressed_by_the_speed(cohort: Cohort, speed: int) -> None:
    shift = started(cohort, speed=speed)
    assert shift.ends_at == NOON + timedelta(minutes=30) / speed
    for arrival in shift.arrivals.all():
        assert arrival.due_at == NOON + timedelta(seconds=arrival.offset_s) / speed


def test_the_first_ticket_is_there_at_once(cohort: Cohort, ana: User) -> None:
    shift = started(cohort)
    first = shift.arrivals.order_by("number").first()
    assert first is not None
    assert first.ticket is not None
    assert first.ticket.trainee == ana
    assert first.ticket.item.assignment == shift.assignment


def test_a_shift_starts_once(cohort: Cohort) -> None:
    shift = started(cohort)
    with pytest.raises(ShiftError, match="already"):
        start_shift(shift, shift.planned_by, NOON)
    assert Assignment.objects.count() == 1


def test_results_are_shown_when_the_shift_ends_and_work_is_taken_after_it(cohort: Cohort) -> None:
    assignment = started(cohort).assignment
    assert assignment is not None
    assert not assignment.reveals_at(NOON + timedelta(minutes=29, seconds=59))
    assert assignment.reveals_at(NOON + timedelta(minutes=30))
    assert assignment.takes_work_at(NOON + timedelta(days=3))


def test_who_ends_a_shift_early_sees_the_results_then_and_no_ticket_comes_any_more(cohort: Cohort) -> None:
    shift = started(cohort)
    came = Ticket.objects.count()
    early = NOON + timedelta(seconds=1)
    end_shift(shift, shift.planned_by, early)
    shift.refresh_from_db()
    assert (shift.state, shift.ended_at) == ("ended", early)
    assert shift.assignment is not None
    assert shift.assignment.reveals_at(early)
    run_shifts_at(NOON + timedelta(minutes=29))
    assert Ticket.objects.count() == came


def test_ending_what_is_over_changes_nothing(cohort: Cohort) -> None:
    shift = started(cohort)
    end_shift(shift, shift.planned_by, NOON + timedelta(minutes=40))
    shift.refresh_from_db()
    assert shift.state == "running"
    run_shifts_at(NOON + timedelta(minutes=41))
    shift.refresh_from_db()
    assert (shift.state, shift.ended_at) == ("ended", NOON + timedelta(minutes=30))


def test_what_was_given_up_before_it_began_lets_its_evidence_go(cohort: Cohort) -> None:
    [version] = make_versions(1, variants=3)
    shift = plan(cohort, [version], tickets_each=3)
    abandon_shift(shift, shift.planned_by)
    with pytest.raises(ShiftError, match="already"):
        start_shift(shift, shift.planned_by, NOON)
    assert plan(cohort, [version], tickets_each=3).arrivals.count() == 3


def test_a_running_shift_is_not_given_up(cohort: Cohort) -> None:
    shift = started(cohort)
    with pytest.raises(ShiftError, match="already"):
        abandon_shift(shift, shift.planned_by)
    assert shift.arrivals.count() == 6


def test_who_joins_later_gets_no_ticket_of_a_shift(cohort: Cohort) -> None:
    shift = started(cohort)
    assert shift.assignment is not None
    ben = make.enroll(cohort, make.make_user("ben"), Enrollment.Role.TRAINEE)
    assert give_tickets(ben) == []
    assert give_assignment_tickets(shift.assignment) == []


def test_a_trainee_is_offered_what_ships_and_an_instructor_his_own_too(ana: User) -> None:
    ivo = make.make_instructor()
    shared = make.make_version(make.make_scenario("shared"))
    newer = make.make_version(shared.scenario)
    own = make.make_version(make.make_scenario("own", owner=ivo))
    make.make_version(make.make_scenario("other", owner=make.make_instructor("ines")))
    make.make_version(make.make_scenario("draft"), state=ScenarioVersion.State.DRAFT)
    assert offered_versions(ana) == [newer]
    assert set(offered_versions(ivo)) == {newer, own}


def test_the_database_takes_no_shift_of_unknown_speed_length_or_state(cohort: Cohort) -> None:
    shift = plan(cohort, make_versions())
    for wrong in ({"speed": 3}, {"minutes": 14}, {"minutes": 121}, {"tickets_each": 2}, {"state": "running"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Shift.objects.filter(pk=shift.pk).update(**wrong)
