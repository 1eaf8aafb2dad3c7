"""Scenarios, their versions and variants, as trainees see them. Their keys are in `truth`."""

from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html

from tickets.models import Scenario, ScenarioVersion, Variant

from .base import TrainerAdmin, TrainerInline


class VersionInline(TrainerInline):
    model = ScenarioVersion
    fields = ("number", "title", "state", "severity", "published_at")
    readonly_fields = fields
    show_change_link = True


class VariantInline(TrainerInline):
    model = Variant
    fields = ("alert_line", "alert_time", "state", "created_at")
    readonly_fields = fields
    show_change_link = True


@admin.register(Scenario)
class ScenarioAdmin(TrainerAdmin[Scenario]):
    list_display = ("slug", "family", "lesson", "level", "owner", "created_at")
    list_filter = ("lesson", "level")
    list_select_related = ("owner",)
    search_fields = ("slug", "family", "lesson", "versions__title")
    fields = ("slug", "family", "lesson", "level", "owner", "created_at", "archived_at")
    inlines = (VersionInline,)


@admin.register(ScenarioVersion)
class ScenarioVersionAdmin(TrainerAdmin[ScenarioVersion]):
    list_display = ("title", "scenario", "number", "state", "severity", "published_at")
    list_filter = ("state", "severity")
    list_select_related = ("scenario",)
    search_fields = ("title", "scenario__slug", "scenario__family", "rule_text", "statement")
    fields = (
        "scenario",
        "number",
        "state",
        "title",
        "severity",
        "sensor",
        "statement",
        "rule",
        "rule_reads",
        "content_sha256",
        "created_at",
        "published_at",
    )
    readonly_fields = ("rule",)
    inlines = (VariantInline,)

    @admin.display(description="rule")
    def rule(self, version: ScenarioVersion) -> str:
        return format_html('<pre class="record">{}</pre>', version.rule_text)


@admin.register(Variant)
class VariantAdmin(TrainerAdmin[Variant]):
    list_display = ("alert_line", "version", "state", "alert_time", "created_at")
    list_filter = ("state",)
    list_select_related = ("version",)
    search_fields = (
        "version__title",
        "version__scenario__slug",
        "alert_src_ip",
        "alert_dst_ip",
        "alert_message",
    )
    date_hierarchy = "created_at"
    fields = (
        "version",
        "bundle",
        "state",
        "statement",
        "alert_line",
        "alert_time",
        "alert_sid",
        "alert_message",
        "alert_action",
        "alert_category",
        "alert_record",
        "broken_reason",
        "created_at",
    )
