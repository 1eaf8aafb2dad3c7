"""Steps that trainees had checked. They are checked on the desk and only read here."""

from __future__ import annotations

from django.contrib import admin

from tickets.models import StepCheck

from .base import TrainerAdmin


@admin.register(StepCheck)
class StepCheckAdmin(TrainerAdmin[StepCheck]):
    list_display = ("ticket", "checked_by", "step", "checked_at", "engine_version")
    list_filter = ("step",)
    list_select_related = ("ticket", "checked_by")
    search_fields = ("ticket__code", "checked_by__username")
    date_hierarchy = "checked_at"
