"""Shifts as they were planned and run. They are planned and started on their own page."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tickets.models import Shift

from .base import TrainerAdmin


@admin.register(Shift)
class ShiftAdmin(TrainerAdmin[Shift]):
    list_display = (
        "cohort",
        "trainee",
        "state",
        "minutes",
        "speed",
        "tickets_each",
        "came",
        "mix",
        "started_at",
        "ended_at",
    )
    list_filter = (("cohort", admin.RelatedOnlyFieldListFilter), "state")
    list_select_related = ("cohort", "trainee")
    search_fields = ("cohort__name", "trainee__username")
    date_hierarchy = "planned_at"

    @admin.display(description=_("tickets that came"))
    def came(self, shift: Shift) -> int:
        return shift.arrivals.filter(ticket__isnull=False).count()
