"""Handing in captures and logs, reading the verdict with its derivation, publishing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from tickets.actions.assignments import publish_upload
from tickets.actions.uploads import discard_upload, receive_upload
from tickets.forms.uploads import UploadForm
from tickets.models import AnalysisJob, Assignment, Cohort, EvidenceUpload
from tickets.reports.derivations import read_derivation
from tickets.tasks.uploads import UploadError

from .base import TrainerAdmin, user_of

WORDS_TO_KEEP = ("title", "severity", "sensor", "statement", "alert_line", "rule_text", "context_text")


@admin.register(EvidenceUpload)
class EvidenceUploadAdmin(TrainerAdmin[EvidenceUpload]):
    may_add = True
    form = UploadForm
    add_form_template = "admin/uploads/add.html"
    list_display = ("title", "state", "alert_line", "owner", "created_at")
    list_filter = ("state", "severity")
    list_select_related = ("owner",)
    search_fields = ("title", "alert_line", "files__name")
    date_hierarchy = "created_at"
    actions = ("discard",)
    fieldsets = (
        (
            _("Evidence"),
            {"fields": ("files",), "description": _("Found by content, not by name. Kept as it is.")},
        ),
        (_("Alert and rule"), {"fields": ("alert_line", "rule_text")}),
        (_("Ticket"), {"fields": ("title", ("severity", "sensor"), "statement")}),
        (
            _("What only you know"),
            {
                "fields": ("context_text",),
                "description": _("Whatever the wire does not show and the verdict rests on."),
            },
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        publish = path(
            "<uuid:upload_id>/publish/",
            self.admin_site.admin_view(self.publish_view),
            name="tickets_evidenceupload_publish",
        )
        return [publish, *super().get_urls()]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.owner = user_of(request)
        return form

    @admin.action(description=_("Discard uploads that failed, with their files"))
    def discard(self, request: HttpRequest, queryset: QuerySet[EvidenceUpload]) -> None:
        discarded = 0
        for upload in queryset:
            try:
                discard_upload(upload, by=user_of(request))
                discarded += 1
            except UploadError as error:
                messages.error(request, str(error))
        if discarded:
            messages.success(request, gettext("Uploads discarded: %(discarded)s.") % {"discarded": discarded})

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The words of an upload that failed, to be mended. The context begins empty: an example that was
        left standing would state what nobody knows."""
        earlier = self._find(request, request.GET.get("again", ""))
        if earlier is None:
            return {}
        return {name: getattr(earlier, name) for name in WORDS_TO_KEEP}

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> EvidenceUpload:
        """The action stores upload, files and job together."""
        form.instance = receive_upload(form.handed(), user_of(request))
        form.save_m2m = lambda: None
        upload: EvidenceUpload = form.instance
        return upload

    def save_model(self, request: HttpRequest, obj: EvidenceUpload, form: Any, change: bool) -> None:
        """Saved by `save_form`."""

    def response_add(
        self, request: HttpRequest, obj: EvidenceUpload, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(_address(obj))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One page from the waiting to the published ticket: what was handed in, the verdict, the button."""
        upload = self._find(request, object_id)
        if upload is None:
            raise Http404
        if not self.has_view_permission(request, upload):
            raise PermissionDenied
        return TemplateResponse(request, "admin/uploads/upload.html", self._context(request, upload))

    @method_decorator(require_POST)
    def publish_view(self, request: HttpRequest, upload_id: UUID) -> HttpResponse:
        user = user_of(request)
        upload = get_object_or_404(self.get_queryset(request), pk=upload_id)
        cohort = get_object_or_404(Cohort.objects.taught_by(user), pk=_uuid(request.POST.get("cohort", "")))
        try:
            assignment = publish_upload(upload, cohort, by=user)
        except UploadError as error:
            messages.error(request, str(error))
        else:
            tickets = sum(item.tickets.count() for item in assignment.items.all())
            messages.success(
                request,
                gettext("Published to %(cohort)s. Tickets: %(tickets)s.")
                % {"cohort": cohort, "tickets": tickets},
            )
        return HttpResponseRedirect(_address(upload))

    def _context(self, request: HttpRequest, upload: EvidenceUpload) -> dict[str, Any]:
        variant = upload.variant
        job = AnalysisJob.objects.filter(upload=upload).first()
        gave_up = job is not None and job.state == "dead" and upload.state == EvidenceUpload.State.WAITING
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": upload.title,
            "upload": upload,
            "job": job,
            "has_given_up": gave_up,
            "is_waiting": upload.state == EvidenceUpload.State.WAITING and not gave_up,
            "variant": variant,
            "files": _file_rows(upload),
            "derivation": read_derivation(variant) if variant else None,
            "cohorts": Cohort.objects.taught_by(user_of(request)),
            "assignments": _assignments(request, upload),
        }

    def _find(self, request: HttpRequest, upload_id: str) -> EvidenceUpload | None:
        key = _uuid(upload_id)
        queryset = self.get_queryset(request).select_related("owner", "variant__version")
        return queryset.filter(pk=key).first() if key else None


def _assignments(request: HttpRequest, upload: EvidenceUpload) -> Any:
    """Where it was published, as far as this instructor teaches there."""
    if upload.variant is None:
        return Assignment.objects.none()
    return Assignment.objects.filter(
        items__version=upload.variant.version_id, cohort__in=Cohort.objects.taught_by(user_of(request))
    ).select_related("cohort")


def _file_rows(upload: EvidenceUpload) -> list[dict[str, Any]]:
    """Each file as handed in, beside what it became: both lists stand in the same order."""
    handed = list(upload.files.defer("data").order_by("position"))
    stored = (
        list(upload.variant.bundle.files.exclude(format="context").defer("data").order_by("position"))
        if upload.variant
        else []
    )
    rows = []
    for position, file in enumerate(handed):
        evidence = stored[position] if position < len(stored) else None
        records = evidence.records.count() if evidence else None
        rows.append({"file": file, "evidence": evidence, "records": records})
    return rows


def _address(upload: EvidenceUpload) -> str:
    return reverse("admin:tickets_evidenceupload_change", args=[upload.pk])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
