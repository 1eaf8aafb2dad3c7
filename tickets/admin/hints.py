"""Hints that trainees took. They are taken on the desk and only read here."""

from __future__ import annotations

from django.contrib import admin

from tickets.models import HintTaken

from .base import TrainerAdmin


@admin.register(HintTaken)
class HintTakenAdmin(TrainerAdmin[HintTaken]):
    list_display = ("ticket", "taken_by", "level", "percent", "taken_at")
    list_filter = ("level",)
    list_select_related = ("ticket", "taken_by")
    search_fields = ("ticket__code", "taken_by__username")
    date_hierarchy = "taken_at"
