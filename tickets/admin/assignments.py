"""What a cohort has been set. Saving an assignment gives its tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.actions.assignments import give_assignment_tickets, reveal_now
from tickets.actions.deadlines import reopen_work
from tickets.models import Assignment, AssignmentItem, ScenarioVersion

from .base import TrainerAdmin, TrainerInline, user_of


class ItemFormSet(forms.BaseInlineFormSet[AssignmentItem, Assignment, Any]):
    """New items stand after those that are there: nobody has to count."""

    def save_new(self, form: Any, commit: bool = True) -> AssignmentItem:
        last = self.instance.items.order_by("-position").first()
        form.instance.position = last.position + 1 if last else 1
        return super().save_new(form, commit=True)


class ItemInline(TrainerInline):
    """Scenarios may be added; one that trainees have tickets of does not go away."""

    model = AssignmentItem
    formset = ItemFormSet
    verbose_name = "scenario"
    verbose_name_plural = _(
        "Scenarios, in order; the same one twice gives each trainee two different tickets"
    )
    fields = ("version",)
    extra = 1

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "version":
            kwargs["queryset"] = ScenarioVersion.objects.filter(
                state=ScenarioVersion.State.PUBLISHED, scenario__archived_at=None
            ).select_related("scenario")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Assignment)
class AssignmentAdmin(TrainerAdmin[Assignment]):
    may_add = may_change = True
    list_display = ("title", "cohort", "item_count", "ticket_count", "opens_at", "closes_at", "reveal")
    list_filter = (("cohort", admin.RelatedOnlyFieldListFilter), "reveal")
    list_select_related = ("cohort",)
    search_fields = ("title", "cohort__name")
    fields = (
        "cohort",
        "title",
        "opens_at",
        "due_at",
        "closes_at",
        "reveal",
        "revealed_at",
        "order",
        "tickets_each",
        "is_guided",
    )
    inlines = (ItemInline,)
    actions = ("give_tickets", "reveal")

    def get_readonly_fields(self, request: HttpRequest, obj: Assignment | None = None) -> tuple[str, ...]:
        return ("revealed_at",) if obj is None else ("cohort", "revealed_at")

    @admin.display(description="scenarios")
    def item_count(self, assignment: Assignment) -> int:
        return assignment.items.count()

    @admin.display(description="tickets")
    def ticket_count(self, assignment: Assignment) -> int:
        return sum(item.tickets.count() for item in assignment.items.all())

    def save_model(self, request: HttpRequest, obj: Assignment, form: Any, change: bool) -> None:
        before = Assignment.objects.get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        if before is None:
            return
        reopened, kept = reopen_work(obj, before, user_of(request), timezone.now())
        if reopened:
            messages.success(
                request,
                gettext("Worksheets that were handed in at the deadline and are open again: %(reopened)s.")
                % {"reopened": reopened},
            )
        if kept:
            messages.warning(
                request,
                gettext(
                    "Worksheets that stay handed in, because their marks could be seen or were judged: %(kept)s."
                )
                % {"kept": kept},
            )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        self._give(request, [form.instance])

    @admin.action(description=_("Give tickets to trainees who lack them"))
    def give_tickets(self, request: HttpRequest, queryset: QuerySet[Assignment]) -> None:
        self._give(request, queryset)

    @admin.action(description=_("Show the grades now (where the instructor says when)"))
    def reveal(self, request: HttpRequest, queryset: QuerySet[Assignment]) -> None:
        for assignment in queryset:
            reveal_now(assignment, by=user_of(request))
        messages.success(request, gettext("The grades of these assignments are shown to their trainees."))

    def _give(self, request: HttpRequest, assignments: Iterable[Assignment]) -> None:
        assignments = list(assignments)
        given = sum(len(give_assignment_tickets(assignment)) for assignment in assignments)
        if given:
            messages.success(request, gettext("Tickets given: %(given)s.") % {"given": given})
        elif all(assignment.is_guided for assignment in assignments):
            messages.info(request, gettext("Trainees get a guided first ticket when they start the guide."))
        else:
            messages.info(request, gettext("Every trainee has every ticket already."))
