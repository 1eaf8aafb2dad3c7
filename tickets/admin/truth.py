"""Keys, seeds and verdicts as rows, for superusers. Instructors read a verdict with its derivation instead."""

from __future__ import annotations

from django.contrib import admin

from tickets.models.truth import ScenarioKey, VariantGiven, VariantReport, VariantSeed, VariantVerdict

from .base import TrainerAdmin


@admin.register(ScenarioKey)
class ScenarioKeyAdmin(TrainerAdmin[ScenarioKey]):
    superusers_only = True
    list_display = ("version", "story")
    list_select_related = ("version",)
    search_fields = ("version__title", "version__scenario__slug")


@admin.register(VariantSeed)
class VariantSeedAdmin(TrainerAdmin[VariantSeed]):
    superusers_only = True
    list_display = ("variant", "simulator_version")
    list_select_related = ("variant__version",)
    search_fields = ("variant__version__title",)


@admin.register(VariantVerdict)
class VariantVerdictAdmin(TrainerAdmin[VariantVerdict]):
    superusers_only = True
    list_display = ("variant", "engine_version", "created_at")
    list_select_related = ("variant__version",)
    search_fields = ("variant__version__title",)


@admin.register(VariantReport)
class VariantReportAdmin(TrainerAdmin[VariantReport]):
    superusers_only = True
    list_display = ("variant", "passed", "engine_version", "created_at")
    list_select_related = ("variant__version",)
    list_filter = ("passed",)
    search_fields = ("variant__version__title",)


@admin.register(VariantGiven)
class VariantGivenAdmin(TrainerAdmin[VariantGiven]):
    superusers_only = True
    list_display = ("variant",)
    list_select_related = ("variant__version",)
    search_fields = ("variant__version__title",)
