"""What the clock hands in when an assignment closes: what is written, as it stands, once."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from soctrainer.processes import Child
from tests import factories as make
from tests.conftest import Processes
from tests.factories import NOON
from tests.waiting import wait_until
from tickets.actions.worksheets import AlreadySubmittedError, save_worksheet, submit_worksheet
from tickets.management.commands.relay import Timed
from tickets.models import (
    Assignment,
    AuditRecord,
    CriterionResult,
    Grade,
    GradeJob,
    Submission,
    Ticket,
    Worksheet,
)
from tickets.tasks import deadlines, hand_in_drafts, submissions
from tickets.tasks.deadlines import LAST_REQUEST, LONGEST_OUTAGE, drafts_waiting_for, hand_in_drafts_at
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import drain

AFTER = NOON + LAST_REQUEST


def make_left(name: str = "ana", closes_at: datetime = NOON, **answers: object) -> Ticket:
    """A ticket of an assignment that closes at noon, with a draft that was saved and not submitted."""
    trainee = make.make_user(name)
    assignment = make.make_assignment(make.make_cohort(trainees=[trainee]), closes_at=closes_at)
    ticket = make.make_ticket(trainee, assignment=assignment)
    save_worksheet(
        ticket,
        version=0,
        answers=answers or make.RIGHT_ANSWERS,
        now=closes_at - timedelta(minutes=5),
    )
    return ticket


def ticket_now(ticket: Ticket) -> Ticket:
    """As a new request reads it."""
    return Ticket.objects.get(pk=ticket.pk)


def graded(ticket: Ticket) -> Grade:
    drain(GradeJob, record_grade)
    return Grade.objects.get(submission__ticket=ticket)


@pytest.mark.django_db
def test_what_is_written_is_handed_in_as_it_stands_at_the_moment_of_closing() -> None:
    ticket = make_left()
    assert hand_in_drafts_at(AFTER) == 1
    submission = Submission.objects.get(ticket=ticket)
    assert submission.answers == make.RIGHT_ANSWERS
    assert (submission.received_at, submission.clocked_at) == (NOON, AFTER)
    audit = AuditRecord.objects.get(subject_id=submission.pk)
    assert (audit.action, audit.actor) == ("submission.at_deadline", None)
    assert audit.data == {"sha256": submission.sha256}
    grade = graded(ticket)
    assert grade.points == grade.max_points


@pytest.mark.django_db
def test_while_a_request_that_came_in_time_may_still_be_on_its_way_the_clock_waits() -> None:
    ticket = make_left()
    assert hand_in_drafts_at(AFTER - timedelta(milliseconds=1)) == 0
    in_time = NOON - timedelta(milliseconds=1)
    save_worksheet(ticket, version=1, answers={"reason": "the last words"}, now=in_time)
    assert hand_in_drafts_at(AFTER) == 1
    assert Submission.objects.get().answers["reason"] == "the last words"


@pytest.mark.django_db
def test_what_cannot_be_read_counts_as_not_answered_and_stays_as_typed() -> None:
    ticket = make_left(**{**make.RIGHT_ANSWERS, "protocol": "tpc", "reason_code": "TP1"})
    assert hand_in_drafts_at(AFTER) == 1
    lines = {line.criterion: line for line in CriterionResult.objects.filter(grade=graded(ticket))}
    assert Submission.objects.get().answers["protocol"] == "tpc"
    for name in ("protocol", "reason_code"):
        assert (lines[name].given, int(lines[name].points)) == ("", 0), name
    assert lines["disposition"].points == lines["disposition"].max_points


@pytest.mark.django_db
@pytest.mark.parametrize("written", [{"reason": " \n"}, {"evidence": []}])
def test_an_empty_draft_is_not_handed_in(written: dict[str, Any]) -> None:
    make_left(**written)
    assert hand_in_drafts_at(AFTER) == 0
    assert not Submission.objects.exists()


@pytest.mark.django_db
def test_a_blank_draft_is_looked_at_once_and_again_when_it_was_saved_anew() -> None:
    ticket = make_left(reason=" \n")
    assert deadlines._left_at(AFTER).count() == 1
    assert hand_in_drafts_at(AFTER) == 0
    assert deadlines._left_at(AFTER).count() == 0
    Assignment.objects.update(closes_at=NOON + timedelta(hours=1))
    save_worksheet(
        ticket_now(ticket), version=1, answers={"reason": "something"}, now=AFTER + timedelta(minutes=1)
    )
    assert hand_in_drafts_at(AFTER + timedelta(hours=1)) == 1


@pytest.mark.django_db
def test_what_closed_longer_ago_than_an_outage_lasts_is_left_where_it_is() -> None:
    """After an upgrade, last term's drafts are not handed in and graded."""
    make_left("ana", closes_at=NOON - LONGEST_OUTAGE - timedelta(seconds=31))
    make_left("uma", closes_at=NOON - LONGEST_OUTAGE + timedelta(seconds=31))
    assert hand_in_drafts_at(NOON) == 1
    assert Submission.objects.get().ticket.trainee.username == "uma"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written", [{"evidence": ["capture.pcap:1"]}, {"actions": ["close"]}, {"confidence": "1"}]
)
def test_a_draft_with_one_thing_in_it_is_handed_in(written: dict[str, Any]) -> None:
    make_left(**written)
    assert hand_in_drafts_at(AFTER) == 1


@pytest.mark.django_db
def test_withdrawn_and_excluded_tickets_and_open_assignments_are_left_alone() -> None:
    voided, excluded = make_left("ana"), make_left("uma")
    Ticket.objects.filter(pk=voided.pk).update(voided_at=NOON)
    Ticket.objects.filter(pk=excluded.pk).update(excluded_at=NOON)
    make_left("eve", closes_at=NOON + timedelta(days=1))
    without_end = make_left("ben", closes_at=NOON)
    Assignment.objects.filter(items__tickets=without_end).update(closes_at=None)
    assert hand_in_drafts_at(AFTER) == 0


@pytest.mark.django_db
def test_an_assignment_that_was_prolonged_after_the_look_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ticket = make_left()
    take = deadlines._hand_in

    def prolong_first(*given: Any) -> bool:
        Assignment.objects.update(closes_at=NOON + timedelta(hours=1))
        return take(*given)

    monkeypatch.setattr(deadlines, "_hand_in", prolong_first)
    assert hand_in_drafts_at(AFTER) == 0
    assert save_worksheet(ticket_now(ticket), version=1, answers={"reason": "more"}, now=AFTER).version == 2


@pytest.mark.django_db
def test_what_the_trainee_submitted_stays_the_trainees_own() -> None:
    ticket = make_left()
    own = submit_worksheet(ticket, key=ticket.pk, version=1, answers=None, received_at=NOON - LAST_REQUEST)
    assert hand_in_drafts_at(AFTER) == 0
    assert Submission.objects.get() == own
    assert not own.is_at_deadline


@pytest.mark.django_db
def test_to_hand_in_twice_makes_one_submission_and_one_job() -> None:
    make_left()
    assert [hand_in_drafts_at(AFTER), hand_in_drafts_at(AFTER)] == [1, 0]
    assert Submission.objects.count() == GradeJob.objects.count() == 1


@pytest.mark.django_db
def test_one_draft_that_will_not_go_does_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = make_left("ana"), make_left("uma")
    take = submissions.store_submission

    def refuse_anas(ticket: Ticket, **given: Any) -> Submission:
        if ticket == broken:
            raise RuntimeError
        return take(ticket, **given)

    monkeypatch.setattr(deadlines, "store_submission", refuse_anas)
    assert hand_in_drafts_at(AFTER) == 1
    assert Submission.objects.get().ticket == sound
    assert "could not be handed in" in caplog.text


@pytest.mark.django_db
def test_the_task_and_the_command_go_by_the_clock() -> None:
    make_left("ana", closes_at=timezone.now() - timedelta(minutes=1))
    assert hand_in_drafts() == 1
    ticket = make_left("uma", closes_at=timezone.now() - timedelta(minutes=1))
    call_command("drain", "--once")
    assert Grade.objects.filter(submission__ticket=ticket).exists()


@pytest.mark.django_db
def test_the_relay_steps_in_only_when_beat_has_missed_its_turns() -> None:
    errand = Timed("deadlines", hand_in_drafts, 60, drafts_waiting_for)
    ticket = make_left(closes_at=timezone.now() - LAST_REQUEST)
    assert (errand.waiting(), errand.is_left_lying()) == (0, False)
    for seconds, expected in ((6, (1, False)), (11, (1, True))):
        closed_at = timezone.now() - LAST_REQUEST - timedelta(seconds=seconds)
        Assignment.objects.filter(items__tickets=ticket).update(closes_at=closed_at)
        assert (errand.waiting(), errand.is_left_lying()) == expected


# -- At the same moment --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_save_that_waited_for_the_clock_changes_nothing() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one transaction write at a time")
    ticket = make_left()

    def save() -> object:
        try:
            return save_worksheet(ticket, version=1, answers={"reason": "late"}, now=NOON - LAST_REQUEST)
        except AlreadySubmittedError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert hand_in_drafts_at(AFTER) == 1
            saved = pool.submit(save)
            wait_until(_somebody_waits, "the save waits for the clock")
        assert isinstance(saved.result(), AlreadySubmittedError)
    assert Worksheet.objects.get().answers() == Submission.objects.get().answers == make.RIGHT_ANSWERS


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_the_clock_and_the_trainee_at_once_make_one_submission(round_: int) -> None:
    ticket = make_left()
    start = threading.Barrier(3, timeout=60)

    def run(call: Any) -> None:
        try:
            start.wait()
            call()
        except AlreadySubmittedError:
            pass
        finally:
            connection.close()

    def submit() -> None:
        submit_worksheet(
            ticket, key=ticket.pk, version=1, answers=None, received_at=NOON - timedelta(seconds=round_ + 1)
        )

    with ThreadPoolExecutor(3) as pool:
        calls = [submit, lambda: hand_in_drafts_at(AFTER), lambda: hand_in_drafts_at(AFTER)]
        list(pool.map(run, calls))
    submission = Submission.objects.get()
    assert (submission.answers, GradeJob.objects.count()) == (make.RIGHT_ANSWERS, 1)
    assert AuditRecord.objects.filter(subject_id=submission.pk).count() == 1


WORKER = (
    "import django; django.setup();"
    "from tickets.tasks.deadlines import hand_in_drafts_at;"
    "from datetime import datetime;"
    f"print(hand_in_drafts_at(datetime.fromisoformat('{AFTER.isoformat()}'), budget_s=60))"
)


def run_python(processes: Processes, script: str) -> Child:
    environment = {**processes.environment, "DJANGO_SETTINGS_MODULE": "soctrainer.settings"}
    log = processes.folder / f"python-{len(processes.started)}.log"
    child = Child("python", [sys.executable, "-c", script], log, environment)
    processes.started.append(child)
    child.start()
    return child


@pytest.mark.slow
@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_hand_in_each_draft_once(processes: Processes) -> None:
    for number in range(40):
        make_left(f"trainee{number}")
    workers = [run_python(processes, WORKER) for _ in range(2)]
    for worker in workers:
        wait_until(lambda worker=worker: not worker.is_running, "the worker has ended", seconds=90)  # type: ignore[misc]
        assert worker.process is not None
        assert worker.process.returncode == 0, worker.last_lines()
    hand_in_drafts_at(AFTER)
    assert Submission.objects.count() == GradeJob.objects.count() == 40
    assert AuditRecord.objects.filter(action="submission.at_deadline").count() == 40


@pytest.mark.slow
@pytest.mark.chaos
@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_without_beat_and_without_a_broker_the_relay_hands_in_and_grades(processes: Processes) -> None:
    processes.environment["REDIS_URL"] = f"redis+socket://{processes.folder / 'nobody.sock'}?virtual_host=0"
    make_left(closes_at=timezone.now() - timedelta(minutes=1))
    processes.manage("relay")
    wait_until(Grade.objects.exists, "what the clock handed in is graded", seconds=60)
