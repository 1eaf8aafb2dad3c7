"""What must hold when the worker that regrades dies: a dry run is whole, and what counts changes all at once or not."""

from __future__ import annotations

import uuid
from functools import partial

import pytest
from django.db import connection
from django.db.models import F

from tests.conftest import Processes
from tests.factories import NOON, RIGHT_ANSWERS, make_assignment, make_item, make_user, make_variant
from tests.regrading import AGREES_WITH_OLD, OLD_ENGINE, REASON, grade_with_old_engine
from tests.waiting import wait_until
from tickets.actions.regradings import approve_regrading, draft_for_engine
from tickets.actions.worksheets import submit_worksheet
from tickets.engine import ENGINE_VERSION
from tickets.models import (
    AuditRecord,
    CriterionResult,
    Grade,
    Notice,
    Regrading,
    RegradingJob,
    RegradingLine,
    Submission,
    Ticket,
)
from tickets.tasks.jobs import LEASES

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def hand_in_class(size: int) -> None:
    """Graded by an engine that was wrong; every other trainee agreed with it."""
    variant, assignment = make_variant(), make_assignment()
    item = make_item(assignment, variant.version)
    for number in range(size):
        ticket = Ticket.objects.create(item=item, trainee=make_user(f"trainee{number}"), variant=variant)
        answers = {**RIGHT_ANSWERS, **(AGREES_WITH_OLD if number % 2 else {})}
        submit_worksheet(ticket, key=uuid.uuid4(), version=0, answers=answers, received_at=NOON)
    grade_with_old_engine(*Submission.objects.all())


def let_leases_run_out() -> None:
    """As if a dead worker's lease had passed, without waiting three minutes for it."""
    past = F("lease_until") - max(LEASES.values())
    RegradingJob.objects.filter(state="pending").exclude(lease_until=None).update(lease_until=past)


def has_lines(count: int) -> bool:
    return RegradingLine.objects.count() >= count


def state() -> str:
    return Regrading.objects.get().state


def is_settled() -> bool:
    return not RegradingJob.objects.filter(state="pending").exists()


def assert_computed_once(size: int) -> None:
    """A line and a run a ticket, complete, and none of it counts."""
    lines = RegradingLine.objects.all()
    assert lines.count() == lines.values("ticket").distinct().count() == size
    assert Grade.objects.filter(kind=Grade.Kind.REGRADING).count() == size
    assert {line.change for line in lines} == {"rises", "falls"}
    assert CriterionResult.objects.values("grade").distinct().count() == Grade.objects.count() == 2 * size
    # All worked the same evidence, and wrote one of two worksheets.
    assert lines.values("after__sha256").distinct().count() == 2
    assert_old_marks_count(size)


def assert_old_marks_count(size: int) -> None:
    current = Grade.objects.filter(is_current=True)
    assert current.count() == current.filter(engine_version=OLD_ENGINE).count() == size
    assert not Notice.objects.exists()
    assert not AuditRecord.objects.filter(action__in=["grade.regraded", "regrading.applied"]).exists()


def assert_applied_once(size: int) -> None:
    current = Grade.objects.filter(is_current=True)
    assert current.values("submission").distinct().count() == current.count() == size
    assert set(current.values_list("engine_version", flat=True)) == {ENGINE_VERSION}
    assert Notice.objects.count() == Notice.objects.values("ticket").distinct().count() == size
    assert AuditRecord.objects.filter(action="grade.regraded").count() == size
    assert AuditRecord.objects.filter(action="regrading.applied").count() == 1


@pytest.mark.embedded
def test_a_worker_killed_in_the_middle_of_a_dry_run_leaves_what_it_stored_and_the_next_computes_the_rest(
    processes: Processes,
) -> None:
    size = 240
    hand_in_class(size)
    draft_for_engine(None, REASON, None)
    processes.manage("relay")
    lines = RegradingLine.objects.all()
    for stored in (1, 100):
        worker = processes.worker("evidence")
        wait_until(partial(has_lines, stored), "lines are stored", seconds=60)
        worker.kill()
        assert lines.count() < size, "it was killed too late to show anything"
        assert lines.count() == Grade.objects.filter(kind=Grade.Kind.REGRADING).count()
        assert state() == "drafted"
        let_leases_run_out()
    processes.worker("evidence")
    wait_until(lambda: state() == "computed" and is_settled(), "it is computed", seconds=60)
    assert_computed_once(size)


def test_a_worker_killed_while_it_applies_changes_nothing_and_the_next_applies_all_once(
    processes: Processes,
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite cannot lock the notices alone")
    size = 20
    hand_in_class(size)
    draft_for_engine(None, REASON, None)
    processes.manage("relay")
    worker = processes.worker("evidence")
    wait_until(lambda: state() == "computed" and is_settled(), "it is computed", seconds=60)
    blocker = connection.copy()
    try:
        blocker.set_autocommit(False)
        with blocker.cursor() as cursor:
            cursor.execute("LOCK TABLE tickets_notice IN SHARE MODE")
        approve_regrading(Regrading.objects.get(), None, marks_may_fall=True)
        # The grades are switched by then, and those concerned are about to be told.
        wait_until(_somebody_waits_for_the_lock, "a worker waits to write the notices", seconds=60)
        worker.kill()
    finally:
        blocker.rollback()
        blocker.close()
    assert state() == "approved"
    assert_computed_once(size)
    let_leases_run_out()
    processes.worker("evidence")
    wait_until(lambda: state() == "applied" and is_settled(), "it is applied", seconds=60)
    assert_applied_once(size)


def _somebody_waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE relation = 'tickets_notice'::regclass AND NOT granted"
        )
        return bool(cursor.fetchone()[0])
