"""Background work. These are Celery's shells; the files beside this one are what they call.

A message carries no id, only "there may be work": the jobs are rows (jobs.py).

So a message that is lost, doubled or late does no harm, and every task may run twice.
"""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from tickets.models import AnalysisJob, GradeJob, PoolJob, Regrading, RegradingJob
from tickets.tasks.applying import apply_regrading
from tickets.tasks.deadlines import hand_in_drafts_at
from tickets.tasks.evidence import delete_unfinished_bundles
from tickets.tasks.grading import record_grade
from tickets.tasks.jobs import bury, drain, finish
from tickets.tasks.regrading import compute_regrading
from tickets.tasks.shifts import run_shifts_at
from tickets.tasks.uploads import analyse_upload
from tickets.tasks.variants import fill_pool

# Shorter than the soft time limits, so that a long queue is no reason to be stopped in the middle of a job.
GRADING_BUDGET_S = 10.0
EVIDENCE_BUDGET_S = 5.0
POOL_BUDGET_S = 5.0
REGRADING_BUDGET_S = 5.0


@shared_task
def drain_grading() -> int:
    """Grade what is waiting. Returns how many jobs were tried."""
    return drain(GradeJob, record_grade, budget_s=GRADING_BUDGET_S)


@shared_task
def drain_evidence() -> int:
    """Analyse the uploads that are waiting. Returns how many jobs were tried."""
    return drain(AnalysisJob, analyse_upload, budget_s=EVIDENCE_BUDGET_S)


@shared_task
def drain_pools() -> int:
    """Make the variants that pools lack, a batch a job. Returns how many jobs were tried."""
    return drain(PoolJob, fill_pool, budget_s=POOL_BUDGET_S)


@shared_task
def drain_regradings() -> int:
    """Bring regradings on that wait. Returns how many jobs were tried."""
    return drain(RegradingJob, bring_on, budget_s=REGRADING_BUDGET_S)


@shared_task
def run_shifts() -> int:
    """Hand out the tickets of running shifts whose time has come. Returns how many rows were dealt with."""
    return run_shifts_at(timezone.now())


@shared_task
def hand_in_drafts() -> int:
    """Hand in what closed assignments left in drafts. Returns how many were handed in."""
    return hand_in_drafts_at(timezone.now())


def bring_on(job: RegradingJob) -> None:
    """Apply a regrading that was approved; compute one that was drafted; leave any other alone."""
    if job.regrading.state == Regrading.State.APPROVED:
        apply_regrading(job)
    elif job.regrading.state == Regrading.State.DRAFTED:
        compute_regrading(job)
    else:
        finish(job)


@shared_task
def sweep() -> None:
    """Give up jobs whose workers all died, so that an instructor sees them although no new job
    comes; clear away what they left half written."""
    bury(GradeJob)
    bury(AnalysisJob)
    bury(PoolJob)
    bury(RegradingJob)
    delete_unfinished_bundles()
