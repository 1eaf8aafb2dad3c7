"""Cohorts and who belongs to them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.actions.cohorts import enroll_trainee
from tickets.forms.enrollments import EnrollForm
from tickets.models import Assignment, Cohort, Enrollment

from .base import TrainerAdmin, TrainerInline, user_of


class EnrollmentInline(TrainerInline):
    model = Enrollment
    verbose_name_plural = _("Members")
    fields = ("user", "role", "is_active", "joined_at")
    readonly_fields = fields


class AssignmentInline(TrainerInline):
    model = Assignment
    fields = ("title", "opens_at", "due_at", "closes_at", "reveal")
    readonly_fields = fields
    show_change_link = True


@admin.register(Cohort)
class CohortAdmin(TrainerAdmin[Cohort]):
    may_add = may_change = True
    list_display = ("name", "starts_on", "ends_on", "profile", "trainees", "report")
    search_fields = ("name", "description")
    readonly_fields = ("report",)
    inlines = (AssignmentInline, EnrollmentInline)

    @admin.display(description="trainees")
    def trainees(self, cohort: Cohort) -> int:
        return cohort.enrollments.trainees().count()

    @admin.display(description="report")
    def report(self, cohort: Cohort) -> str:
        return format_html('<a href="{}">Report</a>', reverse("cohort_report", args=[cohort.pk]))

    def get_fields(self, request: HttpRequest, obj: Cohort | None = None) -> tuple[str, ...]:
        own = ("name", "description", "starts_on", "ends_on", "profile")
        return (*own, "report") if obj else own

    def get_inlines(self, request: HttpRequest, obj: Cohort | None) -> Any:
        return self.inlines if obj else ()

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Cohort, form: Any, change: bool) -> None:
        """Who makes a cohort teaches it: else it would be gone from sight at once."""
        super().save_model(request, obj, form, change)
        if not change:
            Enrollment.objects.create(cohort=obj, user=user_of(request), role=Enrollment.Role.INSTRUCTOR)


@admin.register(Enrollment)
class EnrollmentAdmin(TrainerAdmin[Enrollment]):
    may_add = may_change = True
    list_display = ("user", "cohort", "role", "is_active", "joined_at")
    list_filter = (("cohort", admin.RelatedOnlyFieldListFilter), "role", "is_active")
    list_select_related = ("user", "cohort")
    search_fields = ("user__username", "user__first_name", "user__last_name", "cohort__name")

    def get_form(
        self, request: HttpRequest, obj: Enrollment | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = EnrollForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Enrollment | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("cohort", "username", "first_name", "last_name")
        return ("cohort", "user", "role", "is_active", "joined_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Enrollment | None = None) -> tuple[str, ...]:
        return () if obj is None else ("cohort", "user", "role", "joined_at")

    def save_form(self, request: HttpRequest, form: forms.ModelForm[Enrollment], change: bool) -> Enrollment:
        """A new enrolment is the action's work, account and tickets included."""
        if change:
            changed: Enrollment = super().save_form(request, form, change)
            return changed
        given = form.cleaned_data
        enrolled = enroll_trainee(
            given["cohort"],
            given["username"],
            first_name=given["first_name"],
            last_name=given["last_name"],
            by=user_of(request),
        )
        if enrolled.password:
            messages.warning(
                request,
                gettext(
                    "A new account: user name %(username)s, first password %(password)s. It is shown only this once."
                )
                % {"username": enrolled.enrollment.user.username, "password": enrolled.password},
            )
        messages.info(request, gettext("Tickets given: %(count)s.") % {"count": len(enrolled.tickets)})
        form.instance = enrolled.enrollment
        form.save_m2m = lambda: None  # type: ignore[method-assign]
        return enrolled.enrollment

    def save_model(self, request: HttpRequest, obj: Enrollment, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
