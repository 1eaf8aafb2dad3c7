"""What must hold when processes and servers die: every submission gets a grade, and only one."""

from __future__ import annotations

import sys
import uuid
from functools import partial

import pytest
import redis
from django.db import connection
from django.db.models import F

from soctrainer.processes import Broker, Child
from tests.conftest import Processes
from tests.factories import (
    NOON,
    RIGHT_ANSWERS,
    make_assignment,
    make_bundle,
    make_cohort,
    make_instructor,
    make_item,
    make_ticket,
    make_user,
    make_variant,
)
from tests.waiting import wait_until
from tickets.actions.worksheets import submit_worksheet
from tickets.models import AuditRecord, Grade, GradeJob, Submission, Ticket, Variant
from tickets.tasks.jobs import LEASES

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def make_class(size: int) -> list[Ticket]:
    """One ticket of the same variant for each of `size` trainees."""
    variant = make_variant()
    assignment = make_assignment(make_cohort(instructors=[make_instructor()]))
    item = make_item(assignment, variant.version)
    trainees = [make_user(f"trainee{number}") for number in range(size)]
    return [Ticket.objects.create(item=item, trainee=trainee, variant=variant) for trainee in trainees]


def submit(ticket: Ticket) -> Submission:
    return submit_worksheet(ticket, key=uuid.uuid4(), version=0, answers=RIGHT_ANSWERS, received_at=NOON)


def let_leases_run_out() -> None:
    """As if a dead worker's lease had passed, without waiting ninety seconds for it."""
    past = F("lease_until") - max(LEASES.values())
    GradeJob.objects.filter(state="pending").exclude(lease_until=None).update(lease_until=past)


def graded() -> int:
    return Grade.objects.count()


def wait_for_grades(count: int) -> float:
    return wait_until(lambda: graded() >= count, f"there are {count} grades", seconds=60)


def assert_each_graded_once(count: int) -> None:
    assert Submission.objects.count() == count
    assert Grade.objects.count() == Grade.objects.values("submission").distinct().count() == count
    assert GradeJob.objects.filter(state="done").count() == count
    assert AuditRecord.objects.filter(action="grade.recorded").count() == count
    # All handed in the same words on the same evidence, so whoever graded them wrote the same.
    assert Grade.objects.values("sha256").distinct().count() == 1


@pytest.mark.embedded
def test_a_worker_killed_again_and_again_during_fifty_submissions_grades_each_once(
    processes: Processes,
) -> None:
    tickets = make_class(50)
    processes.manage("relay")
    worker = processes.worker("grade", 2)
    for number, ticket in enumerate(tickets, start=1):
        submit(ticket)
        if number % 15 == 0:
            wait_for_grades(number - 10)
            worker.kill()
            let_leases_run_out()
            worker = processes.worker("grade", 2)
    wait_for_grades(50)
    wait_until(lambda: not GradeJob.objects.filter(state="pending").exists(), "no job is pending")
    assert_each_graded_once(50)


def test_a_worker_killed_just_before_its_commit_leaves_nothing_and_another_grades(
    processes: Processes,
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite cannot lock the grades alone")
    (ticket,) = make_class(1)
    submit(ticket)
    blocker = connection.copy()
    try:
        blocker.set_autocommit(False)
        with blocker.cursor() as cursor:
            cursor.execute("LOCK TABLE tickets_grade IN SHARE MODE")
        worker = processes.worker("grade")
        processes.manage("relay")
        wait_until(_somebody_waits_for_the_lock, "a worker waits to write its grade")
        worker.kill()
    finally:
        blocker.rollback()
        blocker.close()
    assert (graded(), GradeJob.objects.get().attempts) == (0, 1)
    let_leases_run_out()
    processes.worker("grade")
    wait_for_grades(1)
    assert_each_graded_once(1)
    assert GradeJob.objects.get().attempts == 2


def _somebody_waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'tickets_grade'::regclass AND NOT granted"
        )
        return bool(cursor.fetchone()[0])


def test_a_broker_stopped_at_the_submission_and_started_again_costs_nothing(
    processes: Processes, private_broker: Broker
) -> None:
    tickets = make_class(5)
    processes.environment["REDIS_URL"] = private_broker.url()
    processes.worker("grade")
    private_broker.kill()
    for ticket in tickets:
        submit(ticket)
    private_broker.start()
    processes.manage("relay")
    wait_for_grades(5)
    assert_each_graded_once(5)


@pytest.mark.embedded
def test_without_any_broker_the_relay_grades(processes: Processes) -> None:
    processes.environment["REDIS_URL"] = f"redis+socket://{processes.folder / 'nobody.sock'}?virtual_host=0"
    relay = processes.manage("relay")
    tickets = make_class(10)
    for ticket in tickets:
        submit(ticket)
    wait_for_grades(10)
    assert_each_graded_once(10)
    assert relay.is_running


def test_hints_that_a_flushed_broker_lost_are_sent_again(
    processes: Processes, private_broker: Broker
) -> None:
    tickets = make_class(5)
    processes.environment["REDIS_URL"] = private_broker.url()
    processes.manage("relay")
    for ticket in tickets:
        submit(ticket)
    wait_until(lambda: _waiting_messages(private_broker) > 0, "hints stand in the queue")
    private_broker.kill()  # it keeps nothing on disk
    private_broker.start()
    processes.worker("grade")
    wait_for_grades(5)
    assert_each_graded_once(5)


def _waiting_messages(broker: Broker) -> int:
    with redis.Redis(unix_socket_path=str(broker.socket)) as client:
        length = client.llen("grade")
        assert isinstance(length, int)
        return length


def test_connections_that_the_database_cut_are_opened_again(background_work: Processes) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to cut")
    tickets = make_class(4)
    submit(tickets[0])
    wait_for_grades(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= 2  # the relay's two, at least
    for ticket in tickets[1:]:
        submit(ticket)
    wait_for_grades(4)
    assert_each_graded_once(4)
    assert all(child.is_running for child in background_work.started)


@pytest.mark.embedded
def test_a_poisonous_job_is_dead_after_three_attempts_and_the_others_are_graded(processes: Processes) -> None:
    tickets = make_class(5)
    poison = make_ticket(make_user("poison"), variant=make_poisonous_variant())
    doomed = submit(poison)
    for ticket in tickets:
        submit(ticket)
    processes.manage("relay")
    processes.worker("grade")
    wait_for_grades(5)
    job = GradeJob.objects.filter(submission=doomed)
    wait_until(lambda: _fails_on(doomed), "the poisonous job is dead")
    assert job.get().attempts == 3
    assert "Error" in job.get().error
    assert not Grade.objects.filter(submission=doomed).exists()
    assert GradeJob.objects.filter(state="done", attempts=1).count() == 5


def _fails_on(submission: Submission) -> bool:
    # The pauses between the attempts are cut short.
    GradeJob.objects.filter(submission=submission, state="pending", token=None).update(lease_until=None)
    return GradeJob.objects.get(submission=submission).state == "dead"


def make_poisonous_variant() -> Variant:
    """Evidence that went bad after it was frozen."""
    bundle = make_bundle({"capture.pcap": b"these bytes are no capture at all"})
    return make_variant(bundle=bundle)


def test_a_job_that_kills_its_worker_is_dead_after_three_and_the_others_are_graded(
    processes: Processes,
) -> None:
    tickets = make_class(4)
    doomed, *others = [submit(ticket) for ticket in tickets]
    script = (
        "import os, django; django.setup();"
        "from tickets.tasks.grading import record_grade; from tickets.tasks.jobs import drain;"
        "from tickets.models import GradeJob;"
        f"drain(GradeJob, lambda job: os._exit(9) if str(job.submission_id) == '{doomed.pk}' else record_grade(job))"
    )
    for _ in range(4):
        worker = run_python(processes, script)
        wait_until(partial(_has_ended, worker), "the worker has ended")
        let_leases_run_out()
    job = GradeJob.objects.get(submission=doomed)
    assert (job.state, job.attempts) == ("dead", 3)
    assert {grade.submission_id for grade in Grade.objects.all()} == {other.pk for other in others}


def _has_ended(child: Child) -> bool:
    return not child.is_running


def run_python(processes: Processes, script: str) -> Child:
    environment = {**processes.environment, "DJANGO_SETTINGS_MODULE": "soctrainer.settings"}
    child = Child("python", [sys.executable, "-c", script], processes.folder / "python.log", environment)
    processes.started.append(child)
    child.start()
    return child
