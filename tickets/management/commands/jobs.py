"""`manage.py jobs`: how the background work stands, which jobs gave up, and another try for one."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from tickets.actions.jobs import find_job, requeue
from tickets.models import AnalysisJob, GradeJob, Job, PoolJob, RegradingJob
from tickets.reports.spelling import on_one_line
from tickets.tasks.jobs import JobError

KINDS: tuple[type[Job], ...] = (GradeJob, AnalysisJob, PoolJob, RegradingJob)


class Command(BaseCommand):
    help = "Count the jobs by state; list those that gave up; queue one again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dead", action="store_true", help="list the jobs that gave up, with the fault")
        parser.add_argument("--requeue", metavar="ID", type=uuid.UUID, help="let a dead job try again")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["requeue"]:
            self._requeue(options["requeue"])
        elif options["dead"]:
            self._list_dead()
        else:
            self._count()

    def _requeue(self, job_id: uuid.UUID) -> None:
        job = find_job(job_id)
        if job is None:
            raise CommandError(f"There is no job {job_id}.")
        try:
            requeue(job)
        except JobError as fault:
            raise CommandError(str(fault)) from fault
        self.stdout.write(f"{job_id} waits for its next attempt.")

    def _list_dead(self) -> None:
        for kind in KINDS:
            for job in kind._default_manager.filter(state="dead"):
                told = f"{job.pk}  {kind._meta.verbose_name}  {job.finished_at:%Y-%m-%d %H:%M}  {job.error}"
                self.stdout.write(on_one_line(told))

    def _count(self) -> None:
        for kind in KINDS:
            counts = dict(kind._default_manager.order_by().values_list("state").annotate(Count("pk")))
            told = ", ".join(f"{counts.get(state, 0)} {state}" for state in kind.State.values)
            self.stdout.write(f"{kind._meta.verbose_name}: {told}")
