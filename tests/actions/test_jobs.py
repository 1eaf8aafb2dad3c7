"""What an instructor does with jobs that gave up."""

from __future__ import annotations

import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from tests.factories import make_instructor
from tests.tasks.test_jobs import make_jobs, take
from tickets.actions.jobs import requeue
from tickets.models import AuditRecord, GradeJob
from tickets.tasks.jobs import JobError

pytestmark = [pytest.mark.embedded, pytest.mark.django_db]


def test_a_dead_job_can_be_queued_again_and_the_audit_says_by_whom() -> None:
    make_jobs(1)
    GradeJob.objects.update(state="dead", attempts=3, error="RuntimeError at here.py:1")
    ivo = make_instructor()
    requeue(GradeJob.objects.get(), actor=ivo)
    job = take()
    assert (job.attempts, job.error) == (1, "")
    assert AuditRecord.objects.get(action="job.requeued").actor == ivo


def test_a_job_that_is_not_dead_is_not_queued_again() -> None:
    make_jobs(1)
    with pytest.raises(JobError):
        requeue(GradeJob.objects.get())


def test_the_jobs_command_counts_lists_and_requeues(capsys: pytest.CaptureFixture[str]) -> None:
    job_id, _ = make_jobs(2)
    call_command("jobs")
    assert "grade job: 2 pending, 0 done, 0 dead" in capsys.readouterr().out
    GradeJob.objects.filter(pk=job_id).update(
        state="dead", finished_at=Now(), error="RuntimeError at here.py:1"
    )
    call_command("jobs", "--dead")
    told = capsys.readouterr().out
    assert str(job_id) in told
    assert "RuntimeError at here.py:1" in told
    call_command("jobs", "--requeue", str(job_id))
    assert GradeJob.objects.get(pk=job_id).state == "pending"


def test_the_jobs_command_says_when_there_is_nothing_to_requeue() -> None:
    with pytest.raises(CommandError, match="There is no job"):
        call_command("jobs", "--requeue", str(uuid.uuid4()))
