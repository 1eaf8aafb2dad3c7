"""The audit trail, which only grows."""

from django.contrib import admin

from tickets.models import AuditRecord

from .base import TrainerAdmin


@admin.register(AuditRecord)
class AuditRecordAdmin(TrainerAdmin[AuditRecord]):
    list_display = ("at", "actor", "action", "subject_type", "subject_id")
    list_filter = ("action", "subject_type")
    list_select_related = ("actor",)
    search_fields = ("action", "actor__username", "=subject_id")
    date_hierarchy = "at"
