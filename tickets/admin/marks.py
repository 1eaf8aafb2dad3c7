"""Regradings, overrides, questions about marks and what trainees were told. All of it is decided elsewhere and
only read here."""

from __future__ import annotations

from django.contrib import admin

from tickets.models import Appeal, AppealAnswer, Notice, Override, Regrading, RegradingLine

from .base import TrainerAdmin, TrainerInline


@admin.register(Regrading)
class RegradingAdmin(TrainerAdmin[Regrading]):
    list_display = ("reason", "cause", "state", "scenario", "engine_version", "requested_by", "created_at")
    list_filter = ("state", "cause")
    list_select_related = ("scenario", "requested_by")
    search_fields = ("reason", "scenario__slug")
    date_hierarchy = "created_at"


@admin.register(RegradingLine)
class RegradingLineAdmin(TrainerAdmin[RegradingLine]):
    list_display = ("ticket", "change", "is_fall", "before", "after", "problem")
    list_filter = ("change",)
    list_select_related = ("ticket", "before", "after")
    search_fields = ("ticket__code", "ticket__trainee__username")


@admin.register(Override)
class OverrideAdmin(TrainerAdmin[Override]):
    list_display = ("ticket", "criterion", "number", "points", "beneath_points", "by", "at", "reason")
    list_filter = ("criterion",)
    list_select_related = ("submission__ticket", "by")
    search_fields = ("submission__ticket__code", "submission__ticket__trainee__username", "reason")
    date_hierarchy = "at"

    @admin.display(description="ticket")
    def ticket(self, override: Override) -> str:
        return override.submission.ticket.code


class AnswerInline(TrainerInline):
    model = AppealAnswer
    fields = ("outcome", "text", "by", "at")
    readonly_fields = fields


@admin.register(Appeal)
class AppealAdmin(TrainerAdmin[Appeal]):
    list_display = ("ticket", "about", "at", "text")
    list_select_related = ("submission__ticket", "about")
    search_fields = ("submission__ticket__code", "submission__ticket__trainee__username", "text")
    date_hierarchy = "at"
    inlines = (AnswerInline,)

    @admin.display(description="ticket")
    def ticket(self, appeal: Appeal) -> str:
        return appeal.submission.ticket.code


@admin.register(AppealAnswer)
class AppealAnswerAdmin(TrainerAdmin[AppealAnswer]):
    list_display = ("appeal", "outcome", "by", "at", "text")
    list_filter = ("outcome",)
    list_select_related = ("appeal", "by")
    search_fields = ("appeal__submission__ticket__code", "text")


@admin.register(Notice)
class NoticeAdmin(TrainerAdmin[Notice]):
    list_display = ("ticket", "kind", "text", "created_at", "read_at")
    list_filter = ("kind",)
    list_select_related = ("ticket",)
    search_fields = ("ticket__code", "ticket__trainee__username", "text")
