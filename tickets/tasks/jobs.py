"""Background work whose queue is a table: claim, work, finish or fail. Safe against a death at any line.

A claim sets a lease and a new token and counts an attempt, and is committed before the work begins.
The result is written only while the token is still the worker's own (a fencing token), in the same
transaction as `finish`. So a worker that died is replaced when its lease runs out, and a worker that
was merely slow finds out that it is too late. After three attempts a job is dead: a job that kills its
worker must not go round for ever. Leases are reckoned in the database's time, for hosts disagree.
"""

from __future__ import annotations

import logging
import time
import traceback
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from tickets.engine import EngineError
from tickets.models import AnalysisJob, AuditRecord, GradeJob, Job, PoolJob, RegradingJob

# Half as long again as Celery's hard limit for the task, so that a live worker rarely loses its lease.
LEASES: dict[type[Job], timedelta] = {
    GradeJob: timedelta(seconds=90),
    AnalysisJob: timedelta(seconds=180),
    PoolJob: timedelta(seconds=180),
    RegradingJob: timedelta(seconds=180),
}
MAX_ATTEMPTS = 3
# How long a job that failed waits for its next attempt: a fault in passing has passed by then.
PAUSES = (timedelta(seconds=1), timedelta(seconds=5))
DIED = "The worker that held this job died or ran out of time, each time."

JobType = TypeVar("JobType", bound=Job)

logger = logging.getLogger(__name__)


class LeaseLostError(Exception):
    """The job is no longer this worker's: its lease ran out and another worker took it, or finished it."""


class JobError(Exception):
    """A job cannot be done for a reason told in our own words, which may be stored and shown to staff."""


def claimable(kind: type[JobType]) -> models.QuerySet[JobType]:
    """The pending jobs that nobody holds, oldest first."""
    return _free(kind._default_manager.all())


def _free(jobs: models.QuerySet[JobType]) -> models.QuerySet[JobType]:
    is_free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return jobs.filter(is_free, state="pending", attempts__lt=MAX_ATTEMPTS).order_by("created_at")


def claim(kind: type[JobType]) -> JobType | None:
    """Take the oldest job that nobody holds, or None. Two workers never take the same one.

    On PostgreSQL a row that another worker is just claiming is passed over; on SQLite the transaction
    is IMMEDIATE, so claims stand in line (and Django leaves FOR UPDATE out).
    """
    return claim_one(kind._default_manager.all())


def claim_one(jobs: models.QuerySet[JobType]) -> JobType | None:
    """The same among some jobs only."""
    kind = jobs.model
    with transaction.atomic():
        job = _free(jobs).select_for_update(skip_locked=True).first()
        if job is None:
            return None
        token = uuid.uuid4()
        kind._default_manager.filter(pk=job.pk).update(
            token=token, lease_until=Now() + LEASES[kind], attempts=F("attempts") + 1
        )
    job.token = token
    job.attempts += 1
    return job


def finish(job: JobType) -> None:
    """Mark the job done while it is still ours. Call it first in the transaction that writes the result.

    Raises LeaseLostError, so that the transaction leaves nothing.
    """
    _let_go(job, state="done", finished_at=Now(), error="")


def renew(job: Job) -> None:
    """Take the lease anew for a job whose result is written piece by piece. Call it first in each transaction.

    Raises LeaseLostError, so that the transaction leaves nothing.
    """
    still_ours = type(job)._default_manager.filter(pk=job.pk, state="pending", token=job.token)
    if not still_ours.update(lease_until=Now() + LEASES[type(job)]):
        raise LeaseLostError(str(job.pk))


def fail(job: JobType, error: BaseException) -> None:
    """Count a failed attempt: again after a pause, or dead after the third. A lost lease is no failure."""
    what = describe_fault(error)
    logger.error("A job failed.", extra={"job": str(job.pk), "attempt": job.attempts, "fault": what})
    try:
        with transaction.atomic():
            if job.attempts < MAX_ATTEMPTS:
                _let_go(job, lease_until=Now() + PAUSES[job.attempts - 1], error=what)
            else:
                _let_go(job, state="dead", finished_at=Now(), error=what)
                AuditRecord.objects.record("job.died", job, attempts=job.attempts)
    except LeaseLostError:
        logger.info("A job failed that another worker has taken over.", extra={"job": str(job.pk)})


def _let_go(job: JobType, **changes: object) -> None:
    changes = {"lease_until": None, "token": None, **changes}
    still_ours = type(job)._default_manager.filter(pk=job.pk, state="pending", token=job.token)
    if not still_ours.update(**changes):
        raise LeaseLostError(str(job.pk))


def describe_fault(error: BaseException) -> str:
    """What may be stored about a fault: its class, and its words only where they are our own.

    A message of Python's may quote the values at hand, and here these are the truth about a ticket; the
    place in the source says as much to a developer.
    """
    name = type(error).__name__
    if isinstance(error, JobError | EngineError):
        return f"{name}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{name}{place}"


def bury(kind: type[JobType]) -> int:
    """Give up jobs whose third worker died too. Returns how many."""
    exhausted = kind._default_manager.filter(
        state="pending", attempts__gte=MAX_ATTEMPTS, lease_until__lt=Now()
    )
    if not exhausted.exists():  # nearly always: SQLite need not lock for it
        return 0
    with transaction.atomic():
        jobs = list(exhausted.select_for_update(skip_locked=True))
        for job in jobs:
            kind._default_manager.filter(pk=job.pk).update(
                state="dead", finished_at=Now(), lease_until=None, token=None, error=job.error or DIED
            )
            AuditRecord.objects.record("job.died", job, attempts=job.attempts)
            logger.error("A job is dead.", extra={"job": str(job.pk), "fault": job.error or DIED})
    return len(jobs)


def drain(kind: type[JobType], work: Callable[[JobType], None], *, budget_s: float = 10.0) -> int:
    """Do jobs until none is free or `budget_s` is over. Returns how many were tried.

    `work` writes its result and calls `finish`, in one transaction.
    """
    bury(kind)
    deadline = time.monotonic() + budget_s
    tried = 0
    while time.monotonic() < deadline and (job := claim(kind)):
        attempt(job, work)
        tried += 1
    return tried


def attempt(job: JobType, work: Callable[[JobType], None]) -> None:
    try:
        work(job)
    except LeaseLostError:
        logger.info("A job was finished by another worker first.", extra={"job": str(job.pk)})
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted, and the next job is done
        fail(job, error)
