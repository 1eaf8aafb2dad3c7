"""Drafts and submissions, to be read. The database refuses to change a submission."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join

from tickets.models import Submission, Worksheet

from .base import TrainerAdmin


@admin.register(Worksheet)
class WorksheetAdmin(TrainerAdmin[Worksheet]):
    list_display = ("ticket", "trainee", "version", "saved_at")
    list_select_related = ("ticket__trainee",)
    search_fields = ("ticket__code", "ticket__trainee__username")

    @admin.display(description="trainee")
    def trainee(self, worksheet: Worksheet) -> str:
        return str(worksheet.ticket.trainee)


@admin.register(Submission)
class SubmissionAdmin(TrainerAdmin[Submission]):
    list_display = ("ticket", "trainee", "received_at", "confidence", "is_simulated")
    list_filter = ("is_simulated", "confidence")
    list_select_related = ("ticket__trainee",)
    search_fields = ("ticket__code", "ticket__trainee__username", "sha256")
    date_hierarchy = "received_at"
    fields = (
        "ticket",
        "trainee",
        "received_at",
        "clocked_at",
        "confidence",
        "is_simulated",
        "worksheet",
        "sha256",
    )
    readonly_fields = ("trainee", "worksheet")

    @admin.display(description="trainee")
    def trainee(self, submission: Submission) -> str:
        return str(submission.ticket.trainee)

    @admin.display(description="worksheet")
    def worksheet(self, submission: Submission) -> str:
        rows = [(name.replace("_", " "), _shown(value)) for name, value in submission.answers.items()]
        return format_html(
            '<table class="answers">{}</table>', format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", rows)
        )


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
