"""The admin as a site of ours: one log-in page for all, and nothing at all for trainees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# The sections of the index, and the models of each in the order of the work.
SECTIONS: tuple[tuple[StrOrPromise, tuple[str, ...]], ...] = (
    (
        _("Author"),
        ("EvidenceUpload", "Scenario", "ScenarioVersion", "Variant", "EvidenceBundle", "EvidenceRecord"),
    ),
    (_("Teach"), ("Cohort", "Enrollment", "Assignment", "Ticket", "Shift")),
    (
        _("Work"),
        (
            "Worksheet",
            "HintTaken",
            "StepCheck",
            "Submission",
            "Grade",
            "CriterionResult",
            "Override",
            "Appeal",
            "AppealAnswer",
            "Regrading",
            "RegradingLine",
            "Notice",
        ),
    ),
    (_("Behind the scenes"), ("GradeJob", "AnalysisJob", "PoolJob", "RegradingJob", "AuditRecord")),
)


class TrainerSite(AdminSite):
    site_header = site_title = "SOC Trainer"
    index_title = _("Instructor's desk")
    site_url = "/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff alone is not enough: a trainee whom somebody made staff stays a trainee."""
        user = request.user
        return bool(user.is_active and user.is_staff and getattr(user, "is_instructor", False))

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        guarded = super().admin_view(view, cacheable)

        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            self._refuse_trainee(request)
            return guarded(request, *args, **kwargs)

        return cast(View, answer)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self._refuse_trainee(request)
        wanted = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return redirect_to_login(wanted, settings.LOGIN_URL)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The index by what one wants to do, not by application."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            # The page of one application is called by the name of what comes first.
            return apps
        ours = next((app for app in apps if app["app_label"] == "tickets"), None)
        if ours is None:
            return apps
        by_name = {model["object_name"]: model for model in ours["models"]}
        sections = [
            {**ours, "name": title, "models": [by_name.pop(name) for name in names if name in by_name]}
            for title, names in SECTIONS
        ]
        rest = [{**ours, "name": gettext("Superusers only"), "models": list(by_name.values())}]
        others = [app for app in apps if app is not ours]
        return [section for section in [*sections, *rest] if section["models"]] + others

    def _refuse_trainee(self, request: HttpRequest) -> None:
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
