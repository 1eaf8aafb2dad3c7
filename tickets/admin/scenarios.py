"""Scenarios, their versions and variants, as trainees see them. Their keys are in `truth`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.actions.packs import PackRefusedError, import_pack
from tickets.forms.packs import PackForm
from tickets.models import Scenario, ScenarioVersion, Variant
from tickets.packs import Flaw
from tickets.reports.derivations import read_derivation
from tickets.reports.packs import export_pack, read_source
from tickets.reports.quality import read_quality

from .base import TrainerAdmin, TrainerInline, user_of


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
    change_list_template = "admin/scenarios/list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="tickets_scenario_import"), *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """A scenario file becomes a version, or every mistake of it is told."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PackForm(request.POST or None, request.FILES or None)
        flaws: Sequence[Flaw] = ()
        if request.method == "POST" and form.is_valid():
            name, text = form.cleaned_data["pack"]
            try:
                version = import_pack(name, text, user_of(request), form.cleaned_data["evidence"])
            except PackRefusedError as error:
                flaws = error.flaws
            else:
                messages.success(
                    request,
                    gettext("%(slug)s stands as version %(number)s.")
                    % {"slug": version.scenario.slug, "number": version.number},
                )
                return HttpResponseRedirect(
                    reverse("admin:tickets_scenarioversion_change", args=[version.pk])
                )
        is_shared = user_of(request).is_superuser
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Import a scenario file"),
            "form": form,
            "flaws": flaws,
            "whose": gettext("Every instructor may set it.")
            if is_shared
            else gettext("It is yours: only you may set it."),
        }
        return TemplateResponse(request, "admin/scenarios/import.html", context)


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
        "file",
        "content_sha256",
        "created_at",
        "published_at",
    )
    readonly_fields = ("rule", "file")
    inlines = (VariantInline,)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file_view)
        return [
            path("<uuid:version_id>/file/", view, name="tickets_scenarioversion_file"),
            *super().get_urls(),
        ]

    @admin.display(description="rule")
    def rule(self, version: ScenarioVersion) -> str:
        return format_html('<pre class="record">{}</pre>', version.rule_text)

    @admin.display(description=_("scenario file"))
    def file(self, version: ScenarioVersion) -> str:
        if not read_source(version):
            return gettext("None: it was made of an upload.")
        address = reverse("admin:tickets_scenarioversion_file", args=[version.pk])
        return format_html('<a href="{}">Export {}</a>', address, _file_name(version))

    def file_view(self, request: HttpRequest, version_id: UUID) -> HttpResponse:
        """The file as it was imported, byte for byte, in an archive with the evidence that stood beside it."""
        version = get_object_or_404(self.get_queryset(request).select_related("scenario"), pk=version_id)
        name = _file_name(version)
        exported = export_pack(version, name)
        if exported is None:
            raise Http404
        if exported.is_archive:
            name = name.replace(".yaml", ".zip")
        return HttpResponse(
            exported.data,
            content_type="application/zip" if exported.is_archive else "application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _file_name(version: ScenarioVersion) -> str:
    return f"{version.scenario.slug}-{version.number}.yaml"


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
        "verdict",
        "checks",
    )
    readonly_fields = ("verdict", "checks")

    def get_urls(self) -> list[URLPattern]:
        verdict = path(
            "<uuid:variant_id>/verdict/",
            self.admin_site.admin_view(self.verdict_view),
            name="tickets_variant_verdict",
        )
        return [verdict, *super().get_urls()]

    @admin.display(description="verdict")
    def verdict(self, variant: Variant) -> str:
        address = reverse("admin:tickets_variant_verdict", args=[variant.pk])
        return format_html('<a href="{}">Read the verdict with its derivation</a>', address)

    @admin.display(description=_("quality checks"))
    def checks(self, variant: Variant) -> str:
        """What was checked before the variant could be served, a line each."""
        report = read_quality(variant)
        if report is None:
            return gettext("An upload has the evidence it has; only what was generated is checked.")
        rows = format_html_join(
            "",
            "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td><td>{} ms</td></tr>",
            (
                (
                    check.name,
                    "passed" if check.passed else "; ".join(check.problems),
                    check.purpose,
                    f"{check.seconds * 1000:.1f}",
                )
                for check in report.checks
            ),
        )
        passed = sum(check.passed for check in report.checks)
        return format_html(
            "<table><caption>{} of {} passed</caption>"
            "<thead><tr><th scope='col'>check</th><th scope='col'>result</th><th scope='col'>it makes sure that</th>"
            "<th scope='col'>took</th></tr></thead><tbody>{}</tbody></table>",
            passed,
            len(report.checks),
            rows,
        )

    def verdict_view(self, request: HttpRequest, variant_id: UUID) -> HttpResponse:
        """The truth of one variant, read-only, for those who may set its scenario."""
        variant = get_object_or_404(self.get_queryset(request).select_related("version"), pk=variant_id)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": variant.version.title,
            "variant": variant,
            "derivation": read_derivation(variant),
        }
        return TemplateResponse(request, "admin/uploads/variant.html", context)
