"""Background work: what waits, what is done, what gave up and may be tried again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.actions.jobs import requeue
from tickets.models import AnalysisJob, GradeJob, PoolJob, RegradingJob
from tickets.tasks.jobs import JobError

from .base import TrainerAdmin, user_of


class JobAdmin(TrainerAdmin[Any]):
    list_filter = ("state",)
    date_hierarchy = "created_at"
    actions = ("try_again",)

    def get_actions(self, request: HttpRequest) -> Any:
        # Django hides the actions of a page on which nothing else may be changed.
        return {"try_again": self.get_action("try_again")}

    @admin.action(description=_("Try again what gave up"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for job in queryset:
            try:
                requeue(job, actor=user_of(request))
            except JobError as fault:
                messages.error(request, f"{job}: {fault}")
            else:
                messages.success(request, gettext("%(job)s: queued again.") % {"job": job})


@admin.register(GradeJob)
class GradeJobAdmin(JobAdmin):
    list_display = ("ticket", "state", "attempts", "engine_version", "created_at", "finished_at", "error")
    list_select_related = ("submission__ticket",)
    search_fields = ("submission__ticket__code", "submission__ticket__trainee__username", "error")

    @admin.display(description="ticket")
    def ticket(self, job: GradeJob) -> str:
        return job.submission.ticket.code


@admin.register(AnalysisJob)
class AnalysisJobAdmin(JobAdmin):
    list_display = ("upload", "state", "attempts", "created_at", "finished_at", "error")
    list_select_related = ("upload",)
    search_fields = ("upload__title", "error")


@admin.register(PoolJob)
class PoolJobAdmin(JobAdmin):
    list_display = ("version", "wanted", "state", "attempts", "created_at", "finished_at", "error")
    list_select_related = ("version",)
    search_fields = ("version__title", "version__scenario__slug", "error")


@admin.register(RegradingJob)
class RegradingJobAdmin(JobAdmin):
    list_display = ("regrading", "state", "attempts", "created_at", "finished_at", "error")
    list_select_related = ("regrading",)
    search_fields = ("regrading__reason", "error")
