"""Handing out a shift's tickets: when their time has come, each once, whoever dies."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from soctrainer.processes import Child
from tests import factories as make
from tests.conftest import Processes
from tests.factories import NOON
from tests.waiting import wait_until
from tickets.actions.shifts import plan_shift, start_shift
from tickets.management.commands.relay import Timed
from tickets.models import Shift, ShiftArrival, Ticket, Variant
from tickets.tasks import run_shifts
from tickets.tasks.shifts import hand_out_one, run_shifts_at, waiting_for

TICKETS = 12


def make_running(trainees: int = 1, at: datetime = NOON) -> Shift:
    """A shift of 30 minutes and twelve tickets for each, which started `at`."""
    people = [make.make_user(f"trainee{number}") for number in range(trainees)]
    ivo = make.make_instructor()
    cohort = make.make_cohort(trainees=people, instructors=[ivo])
    version = make.make_version()
    for _ in range(TICKETS):
        make.make_variant(version)
    shift = plan_shift(cohort, ivo, [version], minutes=30, tickets_each=TICKETS, now=at)
    start_shift(shift, ivo, at)
    shift.refresh_from_db()
    return shift


def came(shift: Shift) -> int:
    return shift.arrivals.filter(ticket__isnull=False).count()


@pytest.mark.django_db
def test_each_ticket_comes_when_it_is_due_and_not_before() -> None:
    shift = make_running()
    # Two may be due in the same second.
    times = {each.due_at for each in shift.arrivals.all() if each.due_at is not None and each.due_at > NOON}
    for due_at in sorted(times):
        run_shifts_at(due_at - timedelta(milliseconds=1))
        assert came(shift) == shift.arrivals.filter(due_at__lt=due_at).count()
        run_shifts_at(due_at)
        assert came(shift) == shift.arrivals.filter(due_at__lte=due_at).count()
    for arrival in shift.arrivals.select_related("ticket"):
        assert arrival.ticket is not None
        assert (arrival.ticket.variant_id, arrival.ticket.position) == (arrival.variant_id, arrival.number)


@pytest.mark.django_db
def test_to_run_it_twice_hands_out_nothing_twice() -> None:
    shift = make_running()
    at = NOON + timedelta(minutes=29)
    assert run_shifts_at(at) == TICKETS - 1  # the first came at the start
    assert run_shifts_at(at) == 0
    assert Ticket.objects.count() == came(shift) == TICKETS


@pytest.mark.django_db
def test_what_nobody_handed_out_in_time_does_not_come_after_the_end() -> None:
    shift = make_running()
    run_shifts_at(NOON + timedelta(minutes=30))
    shift.refresh_from_db()
    assert (shift.state, shift.ended_at, came(shift)) == ("ended", NOON + timedelta(minutes=30), 1)


@pytest.mark.django_db
def test_broken_evidence_does_not_come_and_holds_up_nothing() -> None:
    shift = make_running()
    broken = shift.arrivals.get(number=4)
    Variant.objects.filter(pk=broken.variant_id).update(state=Variant.State.BROKEN)
    run_shifts_at(NOON + timedelta(minutes=29))
    broken.refresh_from_db()
    assert (came(shift), broken.ticket, broken.dropped_at) == (
        TICKETS - 1,
        None,
        NOON + timedelta(minutes=29),
    )


@pytest.mark.django_db
def test_evidence_that_the_trainee_got_elsewhere_meanwhile_does_not_come_again() -> None:
    shift = make_running()
    arrival = shift.arrivals.get(number=4)
    Ticket.objects.create(item=make.make_item(), trainee=arrival.trainee, variant=arrival.variant)
    run_shifts_at(NOON + timedelta(minutes=29))
    assert came(shift) == TICKETS - 1


@pytest.mark.django_db
def test_the_task_and_the_command_go_by_the_clock() -> None:
    shift = make_running(at=timezone.now() - timedelta(minutes=29))
    assert run_shifts() == TICKETS - 1
    late = make_running(at=timezone.now() - timedelta(minutes=40))
    call_command("drain", "--once", "--queue", "shifts")
    late.refresh_from_db()
    assert (came(shift), late.state) == (TICKETS, "ended")


@pytest.mark.django_db
def test_the_relay_steps_in_only_when_beat_has_missed_its_turns() -> None:
    errand = Timed("shifts", run_shifts, 60, waiting_for)
    shift = make_running(at=timezone.now())
    assert (errand.waiting(), errand.is_left_lying()) == (0, False)
    waiting = shift.arrivals.filter(number=2)
    waiting.update(due_at=timezone.now() - timedelta(seconds=6))
    assert (errand.waiting(), errand.is_left_lying()) == (1, False)
    waiting.update(due_at=timezone.now() - timedelta(seconds=11))
    assert (errand.waiting(), errand.is_left_lying()) == (1, True)


# -- Several workers, and workers that die ---------------------------------------------------------


def run_python(processes: Processes, script: str) -> Child:
    environment = {**processes.environment, "DJANGO_SETTINGS_MODULE": "soctrainer.settings"}
    log = processes.folder / f"python-{len(processes.started)}.log"
    child = Child("python", [sys.executable, "-c", script], log, environment)
    processes.started.append(child)
    child.start()
    return child


WORKER = (
    "import django; django.setup();"
    "from tickets.tasks.shifts import run_shifts_at;"
    "from datetime import datetime, timedelta;"
    f"run_shifts_at(datetime.fromisoformat('{NOON.isoformat()}') + timedelta(minutes=29), budget_s=60)"
)


def has_ended(child: Child) -> bool:
    return not child.is_running


@pytest.mark.slow
@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_hand_each_ticket_out_once(processes: Processes) -> None:
    shift = make_running(trainees=10)
    workers = [run_python(processes, WORKER) for _ in range(2)]
    for worker in workers:
        wait_until(lambda worker=worker: has_ended(worker), "the worker has ended", seconds=90)  # type: ignore[misc]
        assert worker.process is not None
        assert worker.process.returncode == 0, worker.last_lines()
    run_shifts_at(NOON + timedelta(minutes=29))
    assert came(shift) == Ticket.objects.count() == 10 * TICKETS
    assert ShiftArrival.objects.values("ticket").distinct().count() == 10 * TICKETS


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_before_its_commit_leaves_the_ticket_to_the_next(processes: Processes) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite cannot lock one table alone")
    shift = make_running()
    blocker = connection.copy()
    try:
        blocker.set_autocommit(False)
        with blocker.cursor() as cursor:
            cursor.execute("LOCK TABLE tickets_ticket IN SHARE MODE")
        worker = run_python(processes, WORKER)
        wait_until(_somebody_waits_for_the_lock, "a worker waits to write its ticket")
        # Its row is taken, so a second worker finds this shift busy and makes nothing.
        assert not hand_out_one(NOON + timedelta(minutes=29))
        worker.kill()
    finally:
        blocker.rollback()
        blocker.close()
    wait_until(_nobody_holds_a_plan, "the database has noticed that the worker is gone")
    assert came(shift) == Ticket.objects.count() == 1
    run_shifts_at(NOON + timedelta(minutes=29))
    assert came(shift) == Ticket.objects.count() == TICKETS


def _somebody_waits_for_the_lock() -> bool:
    return _locks("relation = 'tickets_ticket'::regclass AND NOT granted") > 0


def _nobody_holds_a_plan() -> bool:
    return _locks("relation = 'tickets_shiftarrival'::regclass AND mode = 'RowShareLock'") == 0


def _locks(condition: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM pg_locks WHERE {condition}")
        return int(cursor.fetchone()[0])


@pytest.mark.slow
@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_beat_wakes_a_worker_and_the_tickets_come(processes: Processes) -> None:
    shift = make_running(at=timezone.now() - timedelta(minutes=29))
    assert came(shift) < TICKETS
    processes.worker("grade", 1, "--beat", "--schedule", str(processes.folder / "beat"))
    wait_until(lambda: came(shift) == TICKETS, "every ticket that is due has come")


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_without_beat_and_without_a_broker_the_relay_brings_the_tickets(processes: Processes) -> None:
    processes.environment["REDIS_URL"] = f"redis+socket://{processes.folder / 'nobody.sock'}?virtual_host=0"
    shift = make_running(at=timezone.now() - timedelta(minutes=29))
    processes.manage("relay")
    wait_until(lambda: came(shift) == TICKETS, "every ticket that is due has come")
