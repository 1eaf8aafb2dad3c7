"""A shift's way: planned for somebody, started, ended. Tasks hand its tickets out (tickets/tasks/shifts.py)."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from tickets.actions.allocation import Strata, read_histories
from tickets.actions.pools import POOL_SIZE, Pool
from tickets.models import (
    Assignment,
    AssignmentItem,
    AuditRecord,
    Cohort,
    Scenario,
    ScenarioVersion,
    Shift,
    ShiftArrival,
    Ticket,
    User,
)
from tickets.shifts import MOST_TICKETS, SEED_BYTES, Mix, Offer, Plan
from tickets.shifts import plan_shift as draw_plan
from tickets.tasks.shifts import end_shifts_over_at, hand_out_one
from tickets.tasks.variants import ScenarioError

# What one plan may have made anew, at some 70 ms each: somebody waits for the page.
MOST_NEW_VARIANTS = 120


class ShiftError(Exception):
    """Why a shift cannot be planned, started or ended, in one sentence."""


def plan_shift(
    cohort: Cohort,
    by: User,
    versions: Sequence[ScenarioVersion],
    *,
    minutes: int,
    tickets_each: int,
    speed: int = 1,
    mix: Mix = Mix.REAL,
    trainee: User | None = None,
    pool_size: int | None = None,
    now: datetime,
) -> Shift:
    """Draw a plan for each trainee of the cohort, or for one alone, and keep the variants that it needs.

    Where the scenarios have too little evidence that a trainee has not met, his or her plan is shorter. New evidence is
    made until each scenario has `pool_size` variants, by default as many as may be waited for.
    Raises ShiftError.
    """
    trainees = [trainee] if trainee is not None else _trainees(cohort)
    if not trainees:
        raise ShiftError(gettext("This cohort has no trainees yet."))
    if not versions:
        raise ShiftError(gettext("There is no scenario to take tickets from."))
    end_shifts_over_at(now)
    try:
        with transaction.atomic():
            shift = Shift.objects.create(
                cohort=cohort,
                planned_by=by,
                trainee=trainee,
                minutes=minutes,
                speed=speed,
                tickets_each=tickets_each,
                mix=mix,
                seed=secrets.token_hex(SEED_BYTES),
            )
            _plan_for(shift, trainees, versions, pool_size)
            AuditRecord.objects.record("shift.planned", shift, actor=by, cohort=str(cohort.pk))
    except IntegrityError:
        if trainee is None or not _has_own(trainee):
            raise
        raise ShiftError(gettext("You have a shift already. End it first.")) from None
    return shift


def start_shift(shift: Shift, by: User, now: datetime) -> None:
    """Let time run: the assignment and every ticket's time are set, and the first tickets are handed out.

    Results are shown when the shift ends, whoever ends it. Raises ShiftError."""
    with transaction.atomic():
        shift = Shift.objects.select_for_update(of=("self",)).get(pk=shift.pk)
        if shift.state != Shift.State.PLANNED:
            raise ShiftError(gettext("This shift was started or given up already."))
        arrivals = list(shift.arrivals.select_related("variant__version"))
        if not arrivals:
            raise ShiftError(gettext("No ticket can come, so this shift cannot start."))
        ends_at = now + shift.clock_time
        assignment = _make_assignment(shift, now, ends_at)
        _set_times(shift, assignment, arrivals, now)
        Shift.objects.filter(pk=shift.pk).update(
            state=Shift.State.RUNNING, assignment=assignment, started_at=now, ends_at=ends_at
        )
        AuditRecord.objects.record("shift.started", shift, actor=by, assignment=str(assignment.pk))
    for _ in range(len(arrivals)):
        if not hand_out_one(now):
            break


def end_shift(shift: Shift, by: User, now: datetime) -> None:
    """End a running shift before its time; one that is over already stays as it is. What has not come does not come."""
    with transaction.atomic():
        shift = Shift.objects.select_for_update(of=("self",)).get(pk=shift.pk)
        if not shift.is_running_at(now):
            return
        Shift.objects.filter(pk=shift.pk).update(state=Shift.State.ENDED, ended_at=now)
        Assignment.objects.filter(shift=shift).update(revealed_at=now)
        AuditRecord.objects.record("shift.ended", shift, actor=by)


def abandon_shift(shift: Shift, by: User) -> None:
    """Give up a shift that has not begun; the variants that it kept are free again."""
    with transaction.atomic():
        shift = Shift.objects.select_for_update(of=("self",)).get(pk=shift.pk)
        if shift.state != Shift.State.PLANNED:
            raise ShiftError(gettext("This shift was started or given up already."))
        shift.arrivals.all().delete()
        Shift.objects.filter(pk=shift.pk).update(state=Shift.State.ABANDONED)
        AuditRecord.objects.record("shift.abandoned", shift, actor=by)


def offered_versions(user: User) -> list[ScenarioVersion]:
    """The newest published version of every scenario that this user may take a shift's tickets from, by family: what
    ships, and an instructor's own."""
    open_to = Scenario.objects.filter(archived_at=None)
    open_to = open_to.open_to(user) if user.is_instructor else open_to.filter(owner=None)
    versions = ScenarioVersion.objects.filter(scenario__in=open_to, state=ScenarioVersion.State.PUBLISHED)
    newest: dict[UUID, ScenarioVersion] = {}
    for version in versions.select_related("scenario").order_by("scenario__family", "scenario", "-number"):
        newest.setdefault(version.scenario_id, version)
    return list(newest.values())


# -- Planning ------------------------------------------------------------------------------------


def _trainees(cohort: Cohort) -> list[User]:
    enrollments = cohort.enrollments.trainees().select_related("user").order_by("user__username")
    return [enrollment.user for enrollment in enrollments]


def _has_own(trainee: User) -> bool:
    waiting = (Shift.State.PLANNED, Shift.State.RUNNING)
    return Shift.objects.filter(trainee=trainee, state__in=waiting).exists()


def _plan_for(
    shift: Shift, trainees: Sequence[User], versions: Sequence[ScenarioVersion], pool_size: int | None
) -> None:
    """Rows for every trainee's plan, each drawn from a seed of his or her own."""
    size = pool_size or max(1, min(POOL_SIZE, MOST_NEW_VARIANTS // len(versions)))
    pools = {version.pk: Pool(version, size) for version in versions}
    strata, histories = Strata(versions), read_histories(trainees)
    is_mix_kept = True
    for trainee in trainees:
        history = histories[trainee.pk]
        plan = draw_plan(
            list(_offers(pools, strata, trainee, history)),
            count=shift.tickets_each,
            minutes=shift.minutes,
            mix=Mix(shift.mix),
            seed=bytes.fromhex(shift.seed) + trainee.pk.bytes,
            before=[strata.of(ticket.item.version) for ticket in history[-5:]],
        )
        is_mix_kept &= plan.is_mix_kept
        ShiftArrival.objects.bulk_create(_arrivals(shift, trainee, plan, pools))
    Shift.objects.filter(pk=shift.pk).update(is_mix_kept=is_mix_kept)
    shift.is_mix_kept = is_mix_kept


def _offers(
    pools: dict[UUID, Pool], strata: Strata, trainee: User, history: Sequence[Ticket]
) -> Iterator[Offer]:
    met = Counter(ticket.item.version.scenario_id for ticket in history)
    for pool in pools.values():
        room = pool.room_for(trainee)
        candidate = strata.of(pool.version)
        yield Offer(candidate, MOST_TICKETS if room is None else room, met[pool.version.scenario_id])


def _arrivals(shift: Shift, trainee: User, plan: Plan, pools: dict[UUID, Pool]) -> Iterator[ShiftArrival]:
    """A story of which no variant passes its checks gives no ticket; the plan is so much shorter."""
    number = 0
    for slot in plan.slots:
        assert isinstance(slot.key, UUID)  # as the strata made it
        try:
            variant = pools[slot.key].variant_for(trainee)
        except ScenarioError:
            variant = None
        if variant is not None:
            number += 1
            yield ShiftArrival(
                shift=shift, trainee=trainee, number=number, variant=variant, offset_s=slot.offset_s
            )


# -- Starting ------------------------------------------------------------------------------------


def _make_assignment(shift: Shift, now: datetime, ends_at: datetime) -> Assignment:
    """It takes work after the end too; what is graded before the end is shown at the end."""
    whose = f": {shift.trainee}" if shift.trainee is not None else ""
    return Assignment.objects.create(
        cohort=shift.cohort,
        title=f"Shift of {now:%-d %B}{whose}",
        reveal=Assignment.Reveal.MANUAL,
        revealed_at=ends_at,
    )


def _set_times(shift: Shift, assignment: Assignment, arrivals: Sequence[ShiftArrival], now: datetime) -> None:
    """An item for each version and time that it comes to the same trainee, and the time of every arrival."""
    items: dict[tuple[UUID, int], AssignmentItem] = {}
    seen: Counter[tuple[UUID, UUID]] = Counter()
    for arrival in arrivals:
        version = arrival.variant.version
        seen[arrival.trainee_id, version.pk] += 1
        place = version.pk, seen[arrival.trainee_id, version.pk]
        if place not in items:
            items[place] = AssignmentItem(assignment=assignment, position=len(items) + 1, version=version)
        arrival.item = items[place]
        arrival.due_at = now + timedelta(seconds=arrival.offset_s) / shift.speed
    AssignmentItem.objects.bulk_create(items.values())
    ShiftArrival.objects.bulk_update(arrivals, ["item", "due_at"])
