"""The queue that is a table: one worker a job, no result from a lost lease, no job for ever."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from tests.factories import make_submission, make_ticket, make_upload, make_variant
from tickets.engine import EngineError
from tickets.models import AnalysisJob, AuditRecord, GradeJob
from tickets.tasks.jobs import (
    DIED,
    LEASES,
    MAX_ATTEMPTS,
    JobError,
    LeaseLostError,
    attempt,
    bury,
    claim,
    describe_fault,
    drain,
    fail,
    finish,
)

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


def make_jobs(count: int) -> list[uuid.UUID]:
    """Grade jobs in the order in which they were made."""
    for _ in range(count):
        make_submission(make_ticket(variant=make_variant()))
    return list(GradeJob.objects.order_by("created_at").values_list("pk", flat=True))


def take() -> GradeJob:
    job = claim(GradeJob)
    assert job is not None
    return job


def let_leases_run_out() -> None:
    """As if the longest lease had passed."""
    past = F("lease_until") - max(LEASES.values()) - timedelta(seconds=1)
    GradeJob.objects.exclude(lease_until=None).update(lease_until=past)


def test_a_claim_takes_the_oldest_job_and_counts_the_attempt() -> None:
    oldest, _ = make_jobs(2)
    job = take()
    stored = GradeJob.objects.get(pk=oldest)
    assert job.pk == oldest
    assert (stored.attempts, stored.token) == (1, job.token)
    assert GradeJob.objects.filter(
        pk=oldest,
        lease_until__gt=Now() + timedelta(seconds=85),
        lease_until__lt=Now() + timedelta(seconds=95),
    ).exists()


def test_a_claimed_job_is_nobody_elses() -> None:
    first, second = make_jobs(2)
    assert [take().pk, take().pk] == [first, second]
    assert claim(GradeJob) is None


def test_a_finished_job_is_done_and_claimed_no_more() -> None:
    make_jobs(1)
    job = take()
    finish(job)
    stored = GradeJob.objects.get()
    assert (stored.state, stored.token, stored.lease_until) == ("done", None, None)
    assert stored.finished_at is not None
    assert claim(GradeJob) is None


def test_a_job_whose_worker_died_is_claimed_again_when_the_lease_has_run_out() -> None:
    make_jobs(1)
    first = take()
    let_leases_run_out()
    second = take()
    assert second.pk == first.pk
    assert second.attempts == 2
    assert second.token != first.token


def test_a_worker_that_was_too_slow_cannot_finish_and_its_transaction_leaves_nothing() -> None:
    make_jobs(1)
    slow = take()
    let_leases_run_out()
    quick = take()
    with pytest.raises(LeaseLostError):
        _write_a_result_and_finish(slow)
    assert not AuditRecord.objects.filter(action="test.result").exists()
    finish(quick)
    with pytest.raises(LeaseLostError):
        finish(slow)


@transaction.atomic
def _write_a_result_and_finish(job: GradeJob) -> None:
    AuditRecord.objects.create(action="test.result", subject_type="gradejob", subject_id=job.pk)
    finish(job)


def test_a_worker_that_was_too_slow_does_not_fail_the_job_of_another() -> None:
    make_jobs(1)
    slow = take()
    let_leases_run_out()
    quick = take()
    fail(slow, JobError("too late"))
    stored = GradeJob.objects.get()
    assert (stored.state, stored.token, stored.error) == ("pending", quick.token, "")


def test_a_job_that_fails_pauses_and_is_dead_after_the_third_attempt() -> None:
    make_jobs(1)
    for number in range(1, MAX_ATTEMPTS + 1):
        job = take()
        assert job.attempts == number
        fail(job, EngineError("the capture ends early", file="capture.pcap", place="packet 3"))
        assert claim(GradeJob) is None
        let_leases_run_out()
    stored = GradeJob.objects.get()
    assert stored.state == "dead"
    assert stored.error == "EngineError: capture.pcap: packet 3: the capture ends early"
    assert AuditRecord.objects.get(action="job.died").subject_id == stored.pk
    assert claim(GradeJob) is None


def test_a_job_that_kills_its_worker_three_times_is_given_up() -> None:
    make_jobs(1)
    for _ in range(MAX_ATTEMPTS):
        take()
        assert bury(GradeJob) == 0
        let_leases_run_out()
    assert claim(GradeJob) is None
    assert bury(GradeJob) == 1
    stored = GradeJob.objects.get()
    assert (stored.state, stored.error) == ("dead", DIED)
    assert bury(GradeJob) == 0


def test_a_worker_at_its_third_attempt_is_left_in_peace() -> None:
    make_jobs(1)
    for _ in range(MAX_ATTEMPTS - 1):
        take()
        let_leases_run_out()
    job = take()
    assert bury(GradeJob) == 0
    finish(job)
    assert GradeJob.objects.get().state == "done"


def test_one_poisonous_job_holds_up_no_other() -> None:
    poison, *good = make_jobs(4)

    def work(job: GradeJob) -> None:
        if job.pk == poison:
            raise RuntimeError("TP1 is the answer")
        finish(job)

    for _ in range(MAX_ATTEMPTS):
        drain(GradeJob, work)
        let_leases_run_out()
    states = dict(GradeJob.objects.values_list("pk", "state"))
    assert states == {poison: "dead", **dict.fromkeys(good, "done")}
    assert GradeJob.objects.filter(pk__in=good, attempts=1).count() == 3


def test_a_drain_with_no_time_left_takes_nothing() -> None:
    make_jobs(1)
    assert drain(GradeJob, finish, budget_s=0) == 0
    assert drain(GradeJob, finish) == 1


def test_a_stored_fault_names_the_class_and_the_place_but_never_the_values_at_hand() -> None:
    make_jobs(1)

    def work(_job: GradeJob) -> None:
        raise KeyError("disposition is true_positive")

    attempt(take(), work)
    error = GradeJob.objects.get().error
    assert error.startswith("KeyError at test_jobs.py:")
    assert "true_positive" not in error


def test_a_fault_in_our_own_words_is_kept_whole() -> None:
    assert (
        describe_fault(JobError("The alert's record is missing."))
        == "JobError: The alert's record is missing."
    )


def test_uploads_wait_in_a_queue_of_their_own_with_a_longer_lease() -> None:
    make_upload()
    job = claim(AnalysisJob)
    assert job is not None
    assert AnalysisJob.objects.filter(lease_until__gt=Now() + timedelta(seconds=170)).exists()
    assert claim(AnalysisJob) is None
    finish(job)
    assert AnalysisJob.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_never_take_the_same_job() -> None:
    made = make_jobs(30)
    gate = threading.Barrier(6)

    def work_all() -> list[uuid.UUID]:
        taken = []
        try:
            gate.wait(10)
            while (job := claim(GradeJob)) is not None:
                taken.append(job.pk)
                finish(job)
        finally:
            connection.close()
        return taken

    with ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(work_all) for _ in range(6)]
        taken = [pk for worker in workers for pk in worker.result()]
    assert sorted(taken) == sorted(made)
