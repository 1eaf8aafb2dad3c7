"""The Celery shells, the relay and the commands that stand in for them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from celery import Celery, current_app
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from soctrainer.processes import Broker
from tests.conftest import Processes
from tests.factories import NOON, RIGHT_ANSWERS, make_submission, make_ticket, make_upload, make_variant
from tests.waiting import wait_until
from tickets.actions.worksheets import submit_worksheet
from tickets.engine import analyze
from tickets.management.commands import relay as relay_module
from tickets.management.commands.relay import HINTS, PATIENCE, Queue, Relay
from tickets.models import AnalysisJob, EvidenceUpload, Grade, GradeJob, Scenario
from tickets.tasks import drain_evidence, drain_grading, evidence, sweep, uploads
from tickets.tasks.jobs import LEASES, LeaseLostError, claim
from tickets.tasks.uploads import analyse_upload

pytestmark = pytest.mark.django_db


def test_grading_drains_what_waits_and_may_run_twice() -> None:
    make_submission()
    assert drain_grading() == 1
    assert drain_grading() == 0
    assert Grade.objects.count() == 1


def test_an_upload_is_analysed_and_its_job_done() -> None:
    upload = make_upload()
    assert drain_evidence() == 1
    upload.refresh_from_db()
    assert (upload.state, upload.job.state, upload.problem) == (EvidenceUpload.State.ANALYSED, "done", "")
    assert upload.variant is not None


def test_an_upload_that_is_no_evidence_tells_its_author_and_is_not_tried_again() -> None:
    upload = make_upload()
    upload.files.update(data=b"a shopping list", size=15)
    assert drain_evidence() == 1
    upload.refresh_from_db()
    assert (upload.state, upload.job.state) == (EvidenceUpload.State.FAILED, "done")
    assert "capture.pcap" in upload.problem
    assert drain_evidence() == 0


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_while_an_upload_is_analysed_and_its_evidence_stored_others_may_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    was_locked: list[bool] = []

    def look_and_call(call: Callable[..., Any]) -> Callable[..., Any]:
        def look(*args: Any, **options: Any) -> Any:
            was_locked.append(connection.in_atomic_block)
            return call(*args, **options)

        return look

    monkeypatch.setattr(uploads, "analyze", look_and_call(analyze))
    monkeypatch.setattr(evidence, "_store_file", look_and_call(evidence._store_file))
    make_upload()
    assert drain_evidence() == 1
    assert EvidenceUpload.objects.get().state == EvidenceUpload.State.ANALYSED
    assert was_locked == [False, False]


def test_an_analysis_whose_lease_was_taken_keeps_nothing() -> None:
    upload = make_upload()
    job = claim(AnalysisJob)
    assert job is not None
    AnalysisJob.objects.update(lease_until=None)
    assert claim(AnalysisJob) is not None
    with pytest.raises(LeaseLostError):
        analyse_upload(job)
    upload.refresh_from_db()
    assert (upload.state, upload.variant) == (EvidenceUpload.State.WAITING, None)
    assert not Scenario.objects.exists()


def test_the_sweep_gives_up_jobs_whose_workers_all_died() -> None:
    make_submission()
    long_ago = Now() - LEASES[GradeJob]
    GradeJob.objects.update(attempts=3, lease_until=long_ago)
    sweep()
    assert GradeJob.objects.get().state == "dead"


# -- The relay ---------------------------------------------------------------------------------


class Sent:
    """Stands where Celery's publish would be, and counts."""

    def __init__(self) -> None:
        self.options: list[dict[str, Any]] = []
        self.is_broken = False

    def apply_async(self, **options: Any) -> None:
        if self.is_broken:
            raise OperationalError("no broker")
        self.options.append(options)


class Helpers:
    """Stands where the relay would start a process."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.exit_code: int | None = None
        self.was_killed = False

    def start(self, command: list[str], **_options: Any) -> Helpers:
        self.commands.append(command)
        return self

    def poll(self) -> int | None:
        return self.exit_code

    def wait(self) -> None:
        pass

    def kill(self) -> None:
        self.was_killed = True


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> Helpers:
    helpers = Helpers()
    monkeypatch.setattr("tickets.management.commands.relay.subprocess.Popen", helpers.start)
    return helpers


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def queue(sent: Sent) -> Queue:
    return Queue("grading", sent, 60, GradeJob)  # type: ignore[arg-type]


def test_a_knock_sends_as_many_hints_as_jobs_but_only_a_few_and_each_expires(
    queue: Queue, sent: Sent
) -> None:
    for _ in range(HINTS + 2):
        make_submission_of_somebody()
    Relay().look(queue, is_knock=True)
    assert len(sent.options) == HINTS
    assert all(options["expires"] > 0 for options in sent.options)
    assert all(set(options) == {"expires"} for options in sent.options)


def make_submission_of_somebody() -> None:
    make_submission(make_ticket(variant=make_variant()))


def test_without_jobs_nothing_is_sent(queue: Queue, sent: Sent, helpers: Helpers) -> None:
    Relay().look(queue, is_knock=True)
    assert sent.options == []
    assert helpers.commands == []


def test_without_a_knock_a_hint_is_sent_again_only_after_a_while(queue: Queue, sent: Sent) -> None:
    make_submission()
    relay = Relay()
    relay.look(queue, is_knock=True)
    relay.look(queue, is_knock=False)
    assert len(sent.options) == 1
    queue.hinted_at -= relay_module.HINT_AGAIN_S
    relay.look(queue, is_knock=False)
    assert len(sent.options) == 2


def test_when_the_broker_takes_no_hint_a_helper_does_the_jobs_and_the_broker_is_left_alone(
    queue: Queue, sent: Sent, helpers: Helpers
) -> None:
    make_submission()
    relay = Relay()
    sent.is_broken = True
    relay.look(queue, is_knock=True)
    assert helpers.commands[0][-4:] == ["drain", "--once", "--queue", "grading"]
    sent.is_broken = False
    relay.look(queue, is_knock=True)
    assert sent.options == []
    assert len(helpers.commands) == 1  # the first is still at work
    relay.broker_rests_until = time.monotonic()
    relay.look(queue, is_knock=True)
    assert len(sent.options) == 1


def test_a_job_that_nobody_comes_for_is_done_by_a_helper(queue: Queue, sent: Sent, helpers: Helpers) -> None:
    make_submission()
    relay = Relay()
    relay.look(queue, is_knock=True)
    assert helpers.commands == []
    GradeJob.objects.update(created_at=F("created_at") - PATIENCE)
    relay.look(queue, is_knock=False)
    assert len(helpers.commands) == 1


def test_a_helper_that_hangs_is_ended(queue: Queue, helpers: Helpers) -> None:
    make_submission()
    GradeJob.objects.update(created_at=F("created_at") - PATIENCE)
    relay = Relay()
    relay.look(queue, is_knock=False)
    queue.helped_at -= queue.limit_s
    relay.look(queue, is_knock=False)
    assert helpers.was_killed


# -- With real processes -----------------------------------------------------------------------


@pytest.fixture
def grade_queue(private_broker: Broker) -> Iterator[redis.Redis]:
    with redis.Redis(unix_socket_path=str(private_broker.socket)) as client:
        yield client


@pytest.mark.django_db(transaction=True)
def test_a_message_says_that_there_is_work_and_nothing_of_whose(
    processes: Processes, private_broker: Broker, grade_queue: redis.Redis
) -> None:
    submission = make_submission()
    processes.environment["REDIS_URL"] = private_broker.url()
    processes.manage("relay")
    wait_until(lambda: grade_queue.llen("grade") == 1, "a hint stands in the queue")
    (raw,) = grade_queue.lrange("grade", 0, -1)
    told = raw.decode() if isinstance(raw, bytes) else raw
    assert json.loads(told)["headers"]["task"] == "tickets.tasks.drain_grading"
    for secret in (submission.pk, submission.ticket_id, submission.ticket.trainee_id, submission.sha256):
        assert str(secret) not in told


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_a_submission_is_graded_by_the_worker_within_a_second(background_work: Processes) -> None:
    make_submission()  # the first is graded cold
    drained = GradeJob.objects.filter(state="done")
    wait_until(lambda: drained.count() == 1, "the first is graded")
    took = []
    for _ in range(5):
        submit_one_more()
        took.append(wait_until(lambda: not GradeJob.objects.filter(state="pending").exists(), "it is graded"))
    assert sorted(took)[2] < 1.0


def submit_one_more() -> None:
    ticket = make_ticket(variant=make_variant())
    submit_worksheet(ticket, key=uuid.uuid4(), version=0, answers=RIGHT_ANSWERS, received_at=NOON)


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_drain_once_grades_without_celery_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    make_submission()
    call_command("drain", "--once")
    assert "1 jobs done or tried." in capsys.readouterr().out
    assert Grade.objects.count() == 1


def test_the_settings_acknowledge_late_and_never_loop_a_job_that_kills_its_worker() -> None:
    app: Celery = current_app
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is False
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_routes["tickets.tasks.drain_grading"] == {"queue": "grade"}
    evidence_limit_s = app.conf.task_annotations["tickets.tasks.drain_evidence"]["time_limit"]
    for kind, limit_s in ((GradeJob, app.conf.task_time_limit), (AnalysisJob, evidence_limit_s)):
        assert LEASES[kind].total_seconds() >= 1.5 * limit_s
