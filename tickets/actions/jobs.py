"""What an instructor may do with a background job that gave up."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext

from tickets.models import AnalysisJob, AuditRecord, GradeJob, Job, PoolJob, RegradingJob, User
from tickets.tasks.jobs import JobError
from tickets.tasks.wakeup import wake_relay

JobType = TypeVar("JobType", bound=Job)


def requeue(job: JobType, *, actor: User | None = None) -> None:
    """Let a dead job try three times more."""
    with transaction.atomic():
        is_dead = type(job)._default_manager.filter(pk=job.pk, state="dead")
        if not is_dead.update(
            state="pending", attempts=0, finished_at=None, lease_until=None, token=None, error=""
        ):
            raise JobError(gettext("Only a job that gave up can be queued again."))
        AuditRecord.objects.record("job.requeued", job, actor=actor)
        wake_relay()


def find_job(job_id: uuid.UUID) -> Job | None:
    """The job of whichever kind has this id."""
    kinds: tuple[type[Job], ...] = (GradeJob, AnalysisJob, PoolJob, RegradingJob)
    found = (kind._default_manager.filter(pk=job_id).first() for kind in kinds)
    return next((job for job in found if job is not None), None)
