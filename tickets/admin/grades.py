"""Grades line by line. Nobody changes one: a new engine version adds another."""

from django.contrib import admin

from tickets.models import CriterionResult, Grade

from .base import FilledValuesFilter, TrainerAdmin, TrainerInline


class CriterionInline(TrainerInline):
    model = CriterionResult
    fields = ("label", "result", "given", "expected", "points", "max_points", "misconception", "records")
    readonly_fields = fields


@admin.register(Grade)
class GradeAdmin(TrainerAdmin[Grade]):
    list_display = ("ticket", "trainee", "points", "max_points", "is_current", "engine_version", "graded_at")
    list_filter = ("is_current", "engine_version")
    list_select_related = ("submission__ticket__trainee",)
    search_fields = ("submission__ticket__code", "submission__ticket__trainee__username")
    date_hierarchy = "graded_at"
    fields = (
        "submission",
        "points",
        "max_points",
        "is_current",
        "engine_version",
        "graded_at",
        "verdict_sha256",
        "sha256",
    )
    inlines = (CriterionInline,)

    @admin.display(description="ticket")
    def ticket(self, grade: Grade) -> str:
        return grade.submission.ticket.code

    @admin.display(description="trainee")
    def trainee(self, grade: Grade) -> str:
        return str(grade.submission.ticket.trainee)


@admin.register(CriterionResult)
class CriterionResultAdmin(TrainerAdmin[CriterionResult]):
    list_display = ("label", "ticket", "trainee", "result", "given", "expected", "points", "misconception")
    list_filter = ("criterion", "result", ("misconception", FilledValuesFilter))
    list_select_related = ("grade__submission__ticket__trainee",)
    search_fields = (
        "label",
        "misconception",
        "grade__submission__ticket__code",
        "grade__submission__ticket__trainee__username",
    )

    @admin.display(description="ticket")
    def ticket(self, result: CriterionResult) -> str:
        return result.grade.submission.ticket.code

    @admin.display(description="trainee")
    def trainee(self, result: CriterionResult) -> str:
        return str(result.grade.submission.ticket.trainee)
