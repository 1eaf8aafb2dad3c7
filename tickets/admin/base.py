"""What every page of the admin keeps to: one's own rows only, and no column that can be asked by URL.

Django's admin lets anyone who may see a list filter it by any column through the address bar, which
reads hidden values letter by letter. Here a lookup must be one that the page itself offers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

from tickets.models import (
    AnalysisJob,
    Appeal,
    AppealAnswer,
    Assignment,
    AssignmentItem,
    AuditRecord,
    Cohort,
    CriterionResult,
    Enrollment,
    EvidenceBundle,
    EvidenceFile,
    EvidenceRecord,
    EvidenceUpload,
    Grade,
    GradeJob,
    HintTaken,
    Notice,
    Override,
    PoolJob,
    Regrading,
    RegradingJob,
    RegradingLine,
    Scenario,
    ScenarioVersion,
    Shift,
    StepCheck,
    Submission,
    Ticket,
    UploadedFile,
    User,
    Variant,
    Worksheet,
)

M = TypeVar("M", bound=models.Model)
Query = models.Q

# The endings that the admin's own filter links have.
_FILTER_ENDINGS = ("", "__exact", "__id__exact", "__isnull", "__gte", "__lt", "__year", "__month", "__day")


def _in_own_cohorts(path: str) -> Callable[[User], Query]:
    return lambda user: Query(**{f"{path}__in": Cohort.objects.taught_by(user)})


def _of_open_scenarios(path: str) -> Callable[[User], Query]:
    return lambda user: Query(**{f"{path}__in": Scenario.objects.open_to(user)})


def _own_evidence(path: str) -> Callable[[User], Query]:
    """Evidence of the scenarios that one may set, through whichever variants show it."""
    return lambda user: Query(
        **{
            f"{path}__in": Variant.objects.filter(
                version__scenario__in=Scenario.objects.open_to(user)
            ).values("bundle")
        }
    )


def _open_regradings(path: str) -> Callable[[User], Query]:
    return lambda user: Query(**{f"{path}__in": Regrading.objects.open_to(user).values("pk")})


def _own_audit(user: User) -> Query:
    return Query(actor=user) | Query(actor__enrollments__cohort__in=Cohort.objects.taught_by(user))


# What an instructor may see of each model. A model that is not named shows nothing.
SCOPES: Mapping[type[models.Model], Callable[[User], Query]] = {
    Cohort: _in_own_cohorts("pk"),
    Enrollment: _in_own_cohorts("cohort"),
    User: lambda user: Query(enrollments__cohort__in=Cohort.objects.taught_by(user)) | Query(pk=user.pk),
    Assignment: _in_own_cohorts("cohort"),
    AssignmentItem: _in_own_cohorts("assignment__cohort"),
    Shift: _in_own_cohorts("cohort"),
    Ticket: _in_own_cohorts("item__assignment__cohort"),
    Worksheet: _in_own_cohorts("ticket__item__assignment__cohort"),
    HintTaken: _in_own_cohorts("ticket__item__assignment__cohort"),
    StepCheck: _in_own_cohorts("ticket__item__assignment__cohort"),
    Submission: _in_own_cohorts("ticket__item__assignment__cohort"),
    Grade: _in_own_cohorts("submission__ticket__item__assignment__cohort"),
    CriterionResult: _in_own_cohorts("grade__submission__ticket__item__assignment__cohort"),
    GradeJob: _in_own_cohorts("submission__ticket__item__assignment__cohort"),
    Override: _in_own_cohorts("submission__ticket__item__assignment__cohort"),
    Appeal: _in_own_cohorts("submission__ticket__item__assignment__cohort"),
    AppealAnswer: _in_own_cohorts("appeal__submission__ticket__item__assignment__cohort"),
    Notice: _in_own_cohorts("ticket__item__assignment__cohort"),
    Regrading: _open_regradings("pk"),
    RegradingLine: _open_regradings("regrading"),
    RegradingJob: _open_regradings("regrading"),
    Scenario: _of_open_scenarios("pk"),
    ScenarioVersion: _of_open_scenarios("scenario"),
    Variant: _of_open_scenarios("version__scenario"),
    EvidenceBundle: _own_evidence("pk"),
    EvidenceFile: _own_evidence("bundle"),
    EvidenceRecord: _own_evidence("bundle"),
    EvidenceUpload: lambda user: Query(owner=user),
    UploadedFile: lambda user: Query(upload__owner=user),
    AnalysisJob: lambda user: Query(upload__owner=user),
    PoolJob: _of_open_scenarios("version__scenario"),
    AuditRecord: _own_audit,
}


def visible_rows(queryset: models.QuerySet[M], user: User) -> models.QuerySet[M]:
    """The rows of a queryset that this user may see: all for a superuser, nothing for a trainee."""
    if user.is_superuser:
        return queryset
    scope = SCOPES.get(queryset.model)
    if scope is None or not user.is_instructor:
        return queryset.none()
    # By key, so that a join over enrolments never shows a row twice.
    visible = queryset.model._default_manager.filter(scope(user)).values("pk")
    return queryset.filter(pk__in=visible)


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


class TrainerAdmin(admin.ModelAdmin[M]):
    """Read-only unless a class says otherwise; superusers get no more than the class allows, but of all rows."""

    may_add: ClassVar[bool] = False
    may_change: ClassVar[bool] = False
    may_delete: ClassVar[bool] = False
    superusers_only: ClassVar[bool] = False
    view_on_site = False
    list_per_page = 50
    show_full_result_count = False
    # No bulk deletion; a class names its own actions.
    actions: Any = None

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[M]:
        return visible_rows(super().get_queryset(request), user_of(request))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        offered = [self._field_of(item) for item in self.list_filter or ()]
        if self.date_hierarchy:
            offered.append(self.date_hierarchy)
        return any(lookup == f"{field}{ending}" for field in offered for ending in _FILTER_ENDINGS)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A choice of rows is a list of rows: it shows one's own."""
        related = db_field.remote_field.model
        chosen = kwargs.get("queryset", related._default_manager.all())
        kwargs["queryset"] = visible_rows(chosen, user_of(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A moment has two fields under one caption: each is told apart aloud."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            for part, widget in zip(("date", "time"), field.widget.widgets, strict=True):
                widget.attrs["aria-label"] = f"{capfirst(field.label)}, {part}"
        return field

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_open_to(request)

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self._is_open_to(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and self._is_open_to(request)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.may_change and self._is_open_to(request)

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return self.may_delete and self._is_open_to(request)

    def _is_open_to(self, request: HttpRequest) -> bool:
        user = request.user
        if not isinstance(user, User) or not (user.is_active and user.is_staff):
            return False
        return user.is_superuser or (user.is_instructor and not self.superusers_only)

    @staticmethod
    def _field_of(item: Any) -> str:
        if isinstance(item, tuple | list):
            return str(item[0])
        return str(getattr(item, "parameter_name", item))


class TrainerInline(admin.TabularInline[Any, Any]):
    """Rows of a row, read-only unless a class says otherwise."""

    may_edit: ClassVar[bool] = False
    extra = 0
    can_delete = False
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may_edit and self.can_delete

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        related = db_field.remote_field.model
        chosen = kwargs.get("queryset", related._default_manager.all())
        kwargs["queryset"] = visible_rows(chosen, user_of(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """In a table the column's head is no label: each field carries its name itself."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            widget: Any = field.widget
            # A choice of rows is wrapped in its links to add and change one.
            getattr(widget, "widget", widget).attrs["aria-label"] = capfirst(field.label)
        return field


class FilledValuesFilter(admin.AllValuesFieldListFilter):
    """The values that a text column has, without the empty one, whose link would have no words."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        return (choice for choice in super().choices(changelist) if choice["display"])
